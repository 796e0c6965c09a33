"""COLLECT: which rows of the window may teach the model, and which are set aside, and why."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import numpy as np
import pandas as pd

from agency.base.clock import local_day, zone_of
from clients import queries as client_queries
from clients.models import Dataset, DatasetVersion
from clients.near_copy import NearCopyIndex, Task
from clients.schema import Schema
from retraining.causes.evidence import Rows
from retraining.curation.candidates import Candidate
from retraining.curation.checks import check_labels
from retraining.curation.holdout import golden_holdout
from retraining.curation.selection import select
from retraining.evidence import excluded_ids, logged_rows, spec_of, training_ids
from retraining.learners.registry import learner_for
from retraining.learners.selection import out_of_fold
from retraining.models import Cycle, ModelVersion, Proposal, State
from retraining.policy import Policy
from retraining.step import Step

CHECKS = "label checks"
AUTO = "auto-curate"
# New and weak categories are drawn this many times as often as the rest.
WANTED = 4.0


@dataclass
class Gathering:
    """The candidates of one cycle and what became of each: id -> reason for those set aside."""

    candidates: list[Candidate]
    staff: dict[str, Proposal]
    aside: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, float] = field(default_factory=dict)
    golden: set[str] = field(default_factory=set)
    chosen: tuple[str, ...] = ()


def run(cycle: Cycle, *, at: datetime) -> Step:
    """Labelled rows since the last retrain and staff's examples become proposals."""
    policy = Policy.from_snapshot(cycle.policy)
    rows = _labelled_rows(cycle)
    found = _gathering(cycle, rows)
    newest = cycle_training(cycle)
    training = client_queries.dataset_frame(newest)
    found.aside |= {
        row_id: reason
        for row_id, reason in excluded_ids(cycle, rows).items()
        if row_id in {c.id for c in found.candidates}
    }
    _set_golden_copies_aside(cycle, found)
    _check_labels(cycle, found, training)
    _hold_out_golden(cycle, found, policy)
    wanted = set(cycle.diagnosis.findings["new_categories"])
    wanted |= set(cycle.diagnosis.findings["weak_categories"])
    selection = select(
        candidates=[c for c in found.candidates if c.id not in found.golden],
        weights=dict.fromkeys(wanted, WANTED),
        seed=cycle.seed,
        low=policy.collect_low,
        high=policy.collect_high,
        already={k: v for k, v in found.aside.items() if k not in found.golden},
        existing=[
            (given, str(label))
            for given, label in zip(_records(training.inputs), training.labels, strict=True)
        ],
    )
    found.chosen = selection.chosen
    found.aside |= selection.set_aside
    summary = {
        "proposed": len(found.candidates),
        "accepted": len(found.chosen) if cycle.auto_curate else 0,
        "golden_held_out": len(found.golden),
        "rejected": dict(Counter(found.aside.values())),
        "note": selection.note,
    }

    def write() -> None:
        _write(cycle, found, wanted, at)

    to, why = _next(cycle, found, selection.note, newest)
    return Step(to, why, write, {"collected": summary})


def cycle_training(cycle: Cycle) -> DatasetVersion:
    """The newest training version: what the candidate's data starts from."""
    return client_queries.current_version(model=cycle.model, kind=Dataset.Kind.TRAINING)


def _task(cycle: Cycle) -> Task:
    return cast(Task, cycle.model.task)


def _records(inputs: pd.DataFrame) -> list[dict[str, Any]]:
    """Inputs row by row as they are stored: what is missing is None."""
    plain = inputs.astype(object).where(inputs.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _next(cycle: Cycle, found: Gathering, note: str, training: DatasetVersion) -> tuple[str, str]:
    if not found.chosen and ModelVersion.objects.filter(training_version=training).exists():
        return State.NEEDS_LABELS, "no labelled row passed the checks"
    if not found.chosen and not found.golden:
        return State.RETRAINING, "no new row from the logs, but imported rows that nothing learned"
    if cycle.auto_curate:
        return State.RETRAINING, note
    return State.CURATING, note


def _labelled_rows(cycle: Cycle) -> Rows:
    """Rows with a label since the last cycle that trained, or since launch, up to the window's end."""
    last = (
        Cycle.objects.filter(model=cycle.model, candidate__isnull=False, pk__lt=cycle.pk)
        .order_by("-window_end")
        .first()
    )
    start = min(last.window_end, cycle.window_start) if last else cycle.model.created_at
    rows = logged_rows(cycle.model, start=min(start, cycle.window_start), end=cycle.window_end)
    known = training_ids(cycle.incumbent)
    return rows.where(rows.labelled & ~rows.rows["id"].isin(known).to_numpy(dtype=bool))


def _gathering(cycle: Cycle, rows: Rows) -> Gathering:
    zone = zone_of(cycle.model.client.timezone)
    columns = (rows.rows[name] for name in ("id", "label", "label_source", "day", "prediction"))
    candidates = [
        Candidate(
            id=row_id,
            input=given,
            label=label,
            source=source,
            day=day,
            prediction=prediction,
        )
        for given, row_id, label, source, day, prediction in zip(
            _records(rows.inputs), *columns, strict=True
        )
    ]
    staff = {
        proposal.row_id: proposal
        for proposal in Proposal.objects.filter(model=cycle.model, cycle__isnull=True)
    }
    candidates += [
        Candidate(
            id=proposal.row_id,
            input=proposal.input,
            label=proposal.label,
            source="staff",
            day=local_day(cycle.window_end, zone),
        )
        for proposal in staff.values()
    ]
    return Gathering(candidates, staff)


def _set_golden_copies_aside(cycle: Cycle, found: Gathering) -> None:
    """Exact and near copies of any row that was ever golden."""
    golden = Dataset.objects.get(model=cycle.model, kind=Dataset.Kind.GOLDEN)
    rows = golden.all_rows.exclude(input__isnull=True).values_list("row_id", "input")
    index = NearCopyIndex([(row_id, given or {}) for row_id, given in rows], _task(cycle))
    matches = index.find_all([c.input for c in found.candidates])
    for candidate, match in zip(found.candidates, matches, strict=True):
        if match is not None:
            found.aside[candidate.id] = "golden_copy"


def _check_labels(cycle: Cycle, found: Gathering, training: client_queries.Labelled) -> None:
    open_rows = [c for c in found.candidates if c.id not in found.aside]
    if not open_rows:
        return
    schema = Schema.from_dict(cycle.model.schema)
    inputs = client_queries.inputs_frame(schema=schema, inputs=[c.input for c in open_rows])
    labels = np.array([c.label for c in open_rows], dtype=object)
    together = pd.concat([training.inputs, inputs], ignore_index=True)
    probabilities = out_of_fold(
        learner=learner_for(cycle.incumbent.learner),
        inputs=together,
        labels=np.concatenate([training.labels, labels]),
        spec=spec_of(cycle.model),
        seed=cycle.seed,
    )
    checks = check_labels(
        candidates=open_rows,
        inputs=inputs,
        labels=list(labels),
        reference_inputs=training.inputs,
        reference_labels=list(training.labels),
        out_of_fold=probabilities,
        seed=cycle.seed,
    )
    sources = {c.id: c.source for c in open_rows}
    for check in checks:
        found.doubts[check.id] = check.doubt
        # What staff wrote themselves is shown with its doubt, not thrown out.
        if check.suspect and sources[check.id] != "staff":
            found.aside[check.id] = "label_suspect"


def _hold_out_golden(cycle: Cycle, found: Gathering, policy: Policy) -> None:
    """New categories without golden rows get some of their own reviewed rows."""
    golden = client_queries.dataset_frame(
        client_queries.current_version(model=cycle.model, kind=Dataset.Kind.GOLDEN)
    )
    for category in cycle.diagnosis.findings["new_categories"]:
        if category in set(golden.labels):
            continue
        clean = [
            c
            for c in found.candidates
            if c.label == category and c.source == "review" and c.id not in found.aside
        ]
        held = golden_holdout(
            rows=clean,
            seed=cycle.seed,
            share=policy.golden_holdout_share,
            minimum=policy.golden_holdout_min,
        )
        found.golden |= set(held.ids)
    if not found.golden:
        return
    held_rows = [(c.id, c.input) for c in found.candidates if c.id in found.golden]
    index = NearCopyIndex(held_rows, _task(cycle))
    rest = [c for c in found.candidates if c.id not in found.golden | set(found.aside)]
    for candidate, match in zip(rest, index.find_all([c.input for c in rest]), strict=True):
        if match is not None:
            found.aside[candidate.id] = "golden_copy"


def _write(cycle: Cycle, found: Gathering, wanted: set[str], at: datetime) -> None:
    accepted_by: dict[str, Any] = {}
    if cycle.auto_curate:
        accepted_by = {
            "state": Proposal.State.ACCEPTED,
            "decided_by": AUTO,
            "decided_at": at,
        }
    order = {row_id: i for i, row_id in enumerate((*found.chosen, *sorted(found.golden)))}
    proposals = []
    for candidate in sorted(found.candidates, key=lambda c: order.get(c.id, len(order))):
        fields: dict[str, Any]
        if candidate.id in order:
            fields = {**accepted_by, "final_label": candidate.label if accepted_by else ""}
        else:
            fields = {
                "state": Proposal.State.REJECTED,
                "reason": found.aside[candidate.id],
                "decided_by": CHECKS,
                "decided_at": at,
            }
        golden = candidate.id in found.golden
        fields |= {
            "kind": Proposal.Kind.GOLDEN if golden else Proposal.Kind.TRAINING,
            "doubt": found.doubts.get(candidate.id),
            "why": _why(candidate, wanted, golden),
        }
        staff = found.staff.get(candidate.id)
        if staff is not None:
            # Where staff have it from stands there already.
            del fields["why"]
            Proposal.objects.filter(pk=staff.pk).update(cycle=cycle, **fields)
            continue
        proposals.append(
            Proposal(
                model=cycle.model,
                cycle=cycle,
                row_id=candidate.id,
                source=candidate.source,
                input=dict(candidate.input),
                label=candidate.label,
                prediction=candidate.prediction or "",
                **fields,
            )
        )
    Proposal.objects.bulk_create(proposals)


def _why(candidate: Candidate, wanted: set[str], golden: bool) -> str:
    if golden:
        return "Reviewed row of a new category, held out to measure it."
    if candidate.label in wanted:
        return "A category that the diagnosis asks examples of."
    if candidate.label != candidate.prediction:
        return "Answered wrong and corrected."
    return "Drawn at random and reviewed: part of the fair sample."
