"""RETRAIN: from the last checkpoint and from scratch, on all old rows and the accepted new ones."""

import platform
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version as library_version
from typing import Any, cast

import numpy as np
import pandas as pd
from django.db.models import Max

from clients import queries as client_queries
from clients.datasets import add_dataset_version
from clients.labelled import LabelledRow
from clients.models import Dataset, DatasetRow, DatasetVersion, MaintainedModel
from clients.near_copy import NearCopyIndex, Task
from retraining import artifacts, comparing, evaluation, profiles
from retraining.learners.base import InputSpec
from retraining.learners.registry import learner_for
from retraining.learners.selection import Trained, out_of_fold, train_candidate
from retraining.models import Cycle, EvalRun, ModelVersion, Proposal, State
from retraining.policy import Policy
from retraining.queries import spec_of
from retraining.step import Step

LIBRARIES = ("scikit-learn", "numpy", "scipy", "pandas", "skops")


def run(cycle: Cycle, *, at: datetime) -> Step:
    """Train both arms; the better one on cross-validation becomes the candidate.

    The dataset versions are made first, in a transaction of their own: making them again from the
    same proposals gives the same version back, so a stage that is run twice does no harm.
    """
    extend_golden(cycle, at=at)
    training = extend_training(cycle, at=at)
    # Before anything is trained: what will be judged, on which rows, with which limits.
    comparing.register(cycle, at=at)
    rows = client_queries.dataset_frame(training)
    before = client_queries.dataset_frame(cycle.incumbent.training_version)
    is_new = ~np.isin(np.array(rows.ids, dtype=str), np.array(before.ids, dtype=str))
    spec = spec_of(cycle.model)
    trained = train_candidate(
        learner=learner_for(cycle.incumbent.learner),
        checkpoint=artifacts.load(cycle.incumbent),
        inputs=rows.inputs,
        labels=rows.labels,
        spec=spec,
        seed=cycle.seed,
        is_new=is_new,
    )
    values = version_values(trained, rows.inputs, spec=spec, seed=cycle.seed)
    fresh = _fresh(trained, rows, is_new)
    own = _own_out_of_fold(cycle, before)
    candidate: list[ModelVersion] = []

    def write() -> None:
        candidate.append(
            create_version(
                model=cycle.model,
                parent=cycle.incumbent,
                training=training,
                values=values,
                at=at,
            )
        )
        Cycle.objects.filter(pk=cycle.pk).update(candidate=candidate[0])
        cycle.candidate = candidate[0]
        if len(fresh.ids):
            evaluation.record(
                fresh,
                version=candidate[0],
                kind=EvalRun.Kind.OUT_OF_FOLD,
                policy=Policy.from_snapshot(cycle.policy),
                at=at,
                cycle=cycle,
            )
        evaluation.record(
            own,
            version=cycle.incumbent,
            kind=EvalRun.Kind.OUT_OF_FOLD,
            policy=Policy.from_snapshot(cycle.policy),
            at=at,
            cycle=cycle,
        )

    arms = ", ".join(f"{arm.arm} {arm.cv_accuracy * 100:.1f}%" for arm in trained.arms)
    return Step(
        State.COMPARING,
        f"{trained.chosen} won on cross-validation ({arms}, n={len(rows.ids)})",
        write,
    )


FAIR = ("import", "review", "staff")
"""Rows that nobody chose for the answer that a model gave to them."""


def _fresh(
    trained: Trained, rows: client_queries.Labelled, is_new: np.ndarray
) -> evaluation.Scored:
    """Out-of-fold answers to the new reviewed rows and to the old rows, which both learned.

    A month has a handful of reviewed rows of a category; whether the candidate has lost it, and what
    growth of a few points is worth, the old rows show too, as long as neither answers from memory.
    """
    sources = np.array(rows.sources, dtype=str)
    counted = np.where(is_new, sources == "review", np.isin(sources, FAIR))
    chosen = np.flatnonzero(counted)
    answers = np.array(trained.model.categories, dtype=object)
    proba = trained.out_of_fold[chosen]
    return evaluation.Scored(
        [rows.ids[i] for i in chosen],
        rows.labels[chosen],
        answers[proba.argmax(axis=1)] if len(chosen) else answers[:0],
        proba.max(axis=1) if len(chosen) else np.zeros(0),
    )


def _own_out_of_fold(cycle: Cycle, before: client_queries.Labelled) -> evaluation.Scored:
    """What the incumbent's learner says to the incumbent's own training rows, out of fold."""
    proba = out_of_fold(
        learner=learner_for(cycle.incumbent.learner),
        inputs=before.inputs,
        labels=before.labels,
        spec=spec_of(cycle.model),
        seed=cycle.seed,
    )
    names = np.array(sorted({str(label) for label in before.labels}), dtype=object)
    best = proba.argmax(axis=1)
    return evaluation.Scored(before.ids, before.labels, names[best], proba.max(axis=1))


def extend_training(cycle: Cycle, *, at: datetime) -> DatasetVersion:
    """The newest training version plus the accepted rows of this cycle."""
    return _extend(cycle, Proposal.Kind.TRAINING, Dataset.Kind.TRAINING, at)


def extend_golden(cycle: Cycle, *, at: datetime) -> DatasetVersion:
    """The newest golden version plus the rows of new categories that were held out."""
    return _extend(cycle, Proposal.Kind.GOLDEN, Dataset.Kind.GOLDEN, at)


def _extend(cycle: Cycle, kind: str, dataset: str, at: datetime) -> DatasetVersion:
    accepted = cycle.proposals.filter(
        kind=kind, state__in=[Proposal.State.ACCEPTED, Proposal.State.RELABELLED]
    )
    owners = dict(
        DatasetRow.objects.filter(dataset__model=cycle.model, dataset__kind=dataset).values_list(
            "row_id", "log_row_id"
        )
    )
    rows = [
        LabelledRow(
            row_id=_free_id(proposal, owners),
            input=proposal.input,
            label=proposal.final_label,
            source=proposal.source,
            log_row_id="" if proposal.source == "staff" else proposal.row_id,
        )
        for proposal in accepted.order_by("pk")
    ]
    reason = f"cycle {cycle.pk}"
    if dataset == Dataset.Kind.TRAINING:
        kept = _without_golden(cycle, rows)
        if len(kept) < len(rows):
            reason += f"; {len(rows) - len(kept)} left out: golden rows that came since are alike"
        rows = kept
    if not rows:
        return client_queries.current_version(model=cycle.model, kind=dataset)
    people = sorted(set(accepted.values_list("decided_by", flat=True)))
    return add_dataset_version(
        model=cycle.model,
        kind=dataset,
        rows=rows,
        by=", ".join(people),
        reason=reason,
        at=at,
    )


def _without_golden(cycle: Cycle, rows: list[LabelledRow]) -> list[LabelledRow]:
    """Curation takes days, and golden rows may have come in between: no copy of one may train."""
    golden = client_queries.dataset_frame(
        client_queries.current_version(model=cycle.model, kind=Dataset.Kind.GOLDEN)
    )
    inputs = golden.inputs.astype(object).where(golden.inputs.notna(), None)
    known = [
        (row_id, {str(name): value for name, value in row.items()})
        for row_id, row in zip(golden.ids, inputs.to_dict("records"), strict=True)
    ]
    matches = NearCopyIndex(known, cast(Task, cycle.model.task)).find_all([r.input for r in rows])
    return [row for row, match in zip(rows, matches, strict=True) if match is None]


def _free_id(proposal: Proposal, owners: Mapping[str, str]) -> str:
    """The log row's id, unless a row of an imported file happens to have the same one."""
    taken = proposal.source != "staff" and owners.get(proposal.row_id, proposal.row_id)
    return proposal.row_id if taken in (False, proposal.row_id) else f"log:{proposal.row_id}"[:200]


def version_values(
    trained: Trained, inputs: pd.DataFrame, *, spec: InputSpec, seed: int
) -> dict[str, Any]:
    """What a new version's row says of its model; stores the model's bytes."""
    digest, size = artifacts.save(trained.model)
    best = trained.out_of_fold.argmax(axis=1)
    answers = np.array(trained.model.categories, dtype=object)[best]
    return {
        "artifact_sha256": digest,
        "artifact_bytes": size,
        "learner": trained.model.learner,
        "arm": trained.chosen,
        "arms": [
            {"arm": a.arm, "cv_accuracy": a.cv_accuracy, "n": a.n, "log_loss": a.log_loss}
            for a in trained.arms
        ],
        "parameters": trained.model.parameters,
        "categories": list(trained.model.categories),
        "reference": profiles.reference_profile(
            inputs=inputs,
            answers=answers,
            confidences=trained.out_of_fold.max(axis=1),
            spec=spec,
        ),
        "library_versions": {
            "python": platform.python_version(),
            **{name: library_version(name) for name in LIBRARIES},
        },
        "seed": seed,
    }


def create_version(
    *,
    model: MaintainedModel,
    parent: ModelVersion | None,
    training: DatasetVersion,
    values: dict[str, Any],
    at: datetime,
) -> ModelVersion:
    """The next version's row. Call it inside a transaction."""
    last = model.versions.aggregate(last=Max("number"))["last"]
    return ModelVersion.objects.create(
        model=model,
        number=0 if last is None else last + 1,
        parent=parent,
        training_version=training,
        created_at=at,
        **values,
    )
