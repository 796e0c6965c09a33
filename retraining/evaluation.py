"""A version scored on labelled rows: overall and by category, with intervals and every answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from clients import queries as client_queries
from clients.models import DatasetVersion
from clients.queries import rows_of
from retraining import artifacts
from retraining.causes.evidence import Rows
from retraining.models import Cycle, EvalRow, EvalRun, ModelVersion
from retraining.policy import Policy
from retraining.queries import policy_for
from retraining.registered import sealed_ids
from retraining.stats.confusion import Confusion, Scores, category_scores
from retraining.stats.intervals import wilson


@dataclass(frozen=True)
class Scored:
    """Answers to n labelled rows, in their order."""

    ids: Sequence[str]
    labels: np.ndarray
    answers: np.ndarray
    confidences: np.ndarray

    @property
    def correct(self) -> np.ndarray:
        return np.asarray(self.labels == self.answers, dtype=bool)

    @cached_property
    def confusion(self) -> Confusion:
        """Who was taken for whom: the strings are looked at once."""
        return Confusion.of(self.labels, self.answers)


def score_golden(
    version: ModelVersion, golden: DatasetVersion, *, rows: Collection[str] | None = None
) -> Scored:
    """The version's answers to the golden rows that anybody may look at, or to ``rows`` alone."""
    frame = client_queries.dataset_frame(golden)
    if rows is None:
        sealed = sealed_of(golden)
        keep = np.array([row_id not in sealed for row_id in frame.ids], dtype=bool)
    else:
        keep = np.isin(np.array(frame.ids, dtype=str), sorted(rows))
    inputs = frame.inputs[keep].reset_index(drop=True)
    answers, confidences = artifacts.load(version).predict(inputs)
    ids = [row_id for row_id, kept in zip(frame.ids, keep, strict=True) if kept]
    return Scored(ids, frame.labels[keep], answers, confidences)


def sealed_of(golden: DatasetVersion) -> frozenset[str]:
    """The rows of a golden version that only a gate's final decision looks at: see
    ``registered.sealed_ids``."""
    model = golden.dataset.model
    ids = rows_of(golden).filter(input__isnull=False).values_list("row_id", flat=True)
    passing = set(model.must_pass_rows.values_list("row_id", flat=True))
    return sealed_ids(set(ids), must_pass=passing, policy=policy_for(model))


def score_reviewed(rows: Rows) -> Scored:
    """The answers that were given at the time to the rows that were reviewed at random."""
    fair = rows.where(rows.reviewed).rows
    return Scored(
        list(fair["id"]),
        fair["label"].to_numpy(dtype=object),
        fair["prediction"].to_numpy(dtype=object),
        fair["confidence"].to_numpy(dtype=float),
    )


def category_figures(scored: Scored, policy: Policy) -> dict[str, dict[str, Any]]:
    """Per category: estimate, interval, n, and whether n is too small to judge."""
    figures = {}
    for category, (right, n) in scored.confusion.by_category().items():
        interval = wilson(successes=right, n=n, confidence=policy.confidence)
        figures[category] = {**interval.as_dict(), "thin": interval.n < policy.category_min_n}
    return figures


def scores(scored: Scored, *, policy: Policy, seed: int) -> Scores:
    """Accuracy, macro F1, and recall, precision and F1 by category, each with interval and n."""
    return category_scores(confusion=scored.confusion, seed=seed, confidence=policy.confidence)


def record(
    scored: Scored,
    *,
    version: ModelVersion,
    kind: str,
    policy: Policy,
    at: datetime,
    golden: DatasetVersion | None = None,
    cycle: Cycle | None = None,
) -> EvalRun:
    """Store the run and its rows. Call it inside a transaction."""
    right = scored.confusion.right
    interval = wilson(successes=right, n=len(scored.ids), confidence=policy.confidence)
    run = EvalRun.objects.create(
        version=version,
        kind=kind,
        golden_version=golden,
        cycle=cycle,
        n=interval.n,
        correct=right,
        low=interval.low,
        high=interval.high,
        categories=category_figures(scored, policy),
        created_at=at,
    )
    EvalRow.objects.bulk_create(
        EvalRow(
            run=run,
            row_id=row_id,
            label=label,
            prediction=answer,
            confidence=float(confidence),
            correct=bool(label == answer),
        )
        for row_id, label, answer, confidence in zip(
            scored.ids, scored.labels, scored.answers, scored.confidences, strict=True
        )
    )
    return run
