"""COLLECT: which rows of the window may teach the model, and which are set aside, and why."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from clients import queries as client_queries
from clients.models import Dataset, DatasetVersion
from clients.redaction import redact_input, told
from clients.schema import Schema
from retraining.collecting import (
    Gathering,
    ever,
    gathering,
    index_of,
    labelled_rows,
    newest_training,
    records,
)
from retraining.curation.candidates import GOLDEN_COPY, LABEL_SUSPECT, Candidate
from retraining.curation.checks import REPEATS, check_labels
from retraining.curation.dropping import dropping
from retraining.curation.holdout import golden_holdout
from retraining.curation.selection import select
from retraining.curation.why import why
from retraining.evidence import excluded_ids
from retraining.learners.registry import learner_for
from retraining.learners.selection import out_of_fold
from retraining.models import Cycle, ModelVersion, Proposal, State
from retraining.policy import Policy
from retraining.queries import spec_of
from retraining.step import Step

CHECKS = "label checks"
AUTO = "auto-curate"
# What new and weak categories weigh against the rest. Too many rows of one step of an amount would
# move its borders.
WANTED: Mapping[str, float] = {"text": 4.0, "tabular": 2.0}


def run(cycle: Cycle, *, at: datetime) -> Step:
    """Labelled rows since the last retrain and staff's examples become proposals."""
    policy = Policy.from_snapshot(cycle.policy)
    rows = labelled_rows(cycle)
    found = gathering(cycle, rows)
    newest = newest_training(cycle)
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
        weights=dict.fromkeys(wanted, WANTED[cycle.model.task]),
        seed=cycle.seed,
        low=policy.collect_low,
        high=policy.collect_high,
        already={k: v for k, v in found.aside.items() if k not in found.golden},
        existing=[
            (redact_input(given)[0], str(label))
            for given, label in zip(records(training.inputs), training.labels, strict=True)
        ],
    )
    found.chosen = selection.chosen
    found.aside |= selection.set_aside
    summary = {
        "proposed": len(found.candidates),
        "accepted": len(found.chosen) if cycle.auto_curate else 0,
        "golden_held_out": len(found.golden),
        "rejected": dict(Counter(found.aside.values())),
        "masked": sum(bool(kinds) for kinds in found.masked.values()),
        "note": "; ".join([selection.note, *found.notes]),
    }
    if found.repaired:
        summary["repaired"] = len(set(found.chosen) & set(found.repaired))

    def write() -> None:
        _write(cycle, found, wanted, at)

    to, because = _next(cycle, found, selection.note, newest)
    return Step(to, because, write, {"collected": summary})


def _next(cycle: Cycle, found: Gathering, note: str, training: DatasetVersion) -> tuple[str, str]:
    if not found.chosen and ModelVersion.objects.filter(training_version=training).exists():
        return State.NEEDS_LABELS, "no labelled row passed the checks"
    if not found.chosen and not found.golden:
        return State.RETRAINING, "no new row from the logs, but imported rows that nothing learned"
    if cycle.auto_curate:
        return State.RETRAINING, note
    return State.CURATING, note


def _set_golden_copies_aside(cycle: Cycle, found: Gathering) -> None:
    """Exact and near copies of any row that was ever golden."""
    matches = ever(cycle, Dataset.Kind.GOLDEN).find_all([c.input for c in found.candidates])
    for candidate, match in zip(found.candidates, matches, strict=True):
        if match is not None:
            found.aside[candidate.id] = GOLDEN_COPY


def _check_labels(cycle: Cycle, found: Gathering, training: client_queries.Labelled) -> None:
    open_rows = found.open_rows
    if not open_rows:
        return
    schema = Schema.from_dict(cycle.model.schema)
    inputs = client_queries.inputs_frame(schema=schema, inputs=[c.input for c in open_rows])
    labels = np.array([c.label for c in open_rows], dtype=object)
    together = pd.concat([training.inputs, inputs], ignore_index=True)
    everything = np.concatenate([training.labels, labels])
    how: dict[str, Any] = {
        "learner": learner_for(cycle.incumbent.learner),
        "inputs": together,
        "labels": everything,
        "spec": spec_of(cycle.model),
        "seed": cycle.seed,
    }
    checks = check_labels(
        candidates=open_rows,
        inputs=inputs,
        labels=list(labels),
        reference_inputs=training.inputs,
        reference_labels=list(training.labels),
        out_of_fold=out_of_fold(**how, repeats=REPEATS),
        seed=cycle.seed,
    )
    found.doubts |= {check.id: check.doubt for check in checks}
    # What staff wrote themselves is shown with its doubt, not thrown out.
    suspect = np.array(
        [k.suspect and c.source != "staff" for k, c in zip(checks, open_rows, strict=True)]
    )
    if cycle.model.task == "tabular":
        judged = dropping(**how, suspect=np.concatenate([np.zeros(len(training.labels)), suspect]))
        found.notes.append(judged.reason)
        suspect &= judged.worth
    found.aside |= {c.id: LABEL_SUSPECT for c, out in zip(open_rows, suspect, strict=True) if out}


def _hold_out_golden(cycle: Cycle, found: Gathering, policy: Policy) -> None:
    """New categories without golden rows get some of their own reviewed rows."""
    golden = client_queries.dataset_frame(
        client_queries.current_version(model=cycle.model, kind=Dataset.Kind.GOLDEN)
    )
    wanting = set(cycle.diagnosis.findings["new_categories"]) - set(golden.labels)
    reviewed = [c for c in found.open_rows if c.label in wanting and c.source == "review"]
    # A row like one that some version has learned, under whatever label, measures nothing.
    learned = ever(cycle, Dataset.Kind.TRAINING).find_all([c.input for c in reviewed])
    fresh = [c for c, match in zip(reviewed, learned, strict=True) if match is None]
    for category in sorted(wanting):
        clean = [c for c in fresh if c.label == category]
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
    index = index_of(cycle, held_rows)
    rest = [c for c in found.open_rows if c.id not in found.golden]
    for candidate, match in zip(rest, index.find_all([c.input for c in rest]), strict=True):
        if match is not None:
            found.aside[candidate.id] = GOLDEN_COPY


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
            "why": _why(candidate, found, wanted),
        }
        staff = found.staff.get(candidate.id)
        if staff is not None:
            # Where staff have it from stands there already.
            del fields["why"]
            given = dict(candidate.input)
            Proposal.objects.filter(pk=staff.pk).update(cycle=cycle, input=given, **fields)
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


def _why(candidate: Candidate, found: Gathering, wanted: set[str]) -> str:
    golden = candidate.id in found.golden
    repaired = found.repaired.get(candidate.id, "")
    masked = told(found.masked.get(candidate.id, {}))
    return f"{why(candidate, wanted=wanted, golden=golden, repaired=repaired)} {masked}".rstrip()
