"""Rows that were answered A are now labelled B: one category's label moved to another."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from retraining.causes.evidence import Evidence, Rows
from retraining.causes.onset import lasts
from retraining.causes.stratified import Rise, rise
from retraining.stats.multiplicity import holm

# Reviews and the label's own rows have to say the same as the whole by themselves at this level.
AGREES = 0.05


@dataclass(frozen=True)
class Moved:
    """Rows answered ``answer`` that are labelled ``label``, more often than before."""

    answer: str
    label: str
    rows: np.ndarray
    reviewed: Rise
    p_value: float


def moved_labels(evidence: Evidence, *, alpha: float) -> list[Moved]:
    """Which cells (answer, label) of the confusion matrix hold more rows than before?

    Each against earlier healthy rows: among reviewed rows with that answer, and (another stratum)
    among corrections of that answer, so that more corrections alone are no change. Exact, Holm
    over the cells with enough rows in both periods together. A cell counts that lasts, carries its
    share of the traffic, where the answer's reviews alone show it by the policy's points, and where
    the label is given that answer more often than before: else only more of that label came.
    """
    policy, now = evidence.policy, evidence.now
    before = evidence.before.where(evidence.healthy)
    n_fair = int(now.reviewed.sum())
    if n_fair < policy.audit_min_n or before.reviewed.sum() < policy.confirm_reviews:
        return []
    cells = _cells(now) + _cells(before)
    tried = sorted(cell for cell, n in cells.items() if n >= policy.new_category_min_rows)
    if not tried:
        return []
    tests = [_test(now, before, *cell) for cell in tried]
    found = []
    for (answer, label), (_, reviews, by_label), p_value in zip(
        tried, tests, holm([whole.p_value for whole, *_ in tests]), strict=True
    ):
        rows = now.failed & _is(now, "prediction", answer) & _is(now, "label", label)
        if (
            p_value < alpha
            and max(reviews.p_value, by_label.p_value) < AGREES
            and reviews.delta >= policy.category_drop
            and (rows & now.reviewed).sum() >= policy.weak_category_share * n_fair
            and label in evidence.categories
            and lasts(evidence, rows)
        ):
            found.append(Moved(answer, label, rows, reviews, float(p_value)))
    return found


def _cells(rows: Rows) -> Counter[tuple[str, str]]:
    wrong = rows.rows[rows.failed]
    return Counter(zip(wrong["prediction"].astype(str), wrong["label"].astype(str), strict=True))


def _is(rows: Rows, column: str, name: str) -> np.ndarray:
    return (rows.rows[column] == name).to_numpy(dtype=bool)


def _test(now: Rows, before: Rows, answer: str, label: str) -> tuple[Rise, Rise, Rise]:
    """The whole, the reviews among the answer's rows, and the reviews among the label's rows."""
    counts = []
    for rows in (now, before):
        answered, labelled = _is(rows, "prediction", answer), _is(rows, "label", label)
        corrected = rows.failed & ~rows.reviewed & answered
        fair = rows.reviewed
        counts.append(
            (
                [(fair & answered & labelled).sum(), (corrected & labelled).sum()],
                [(fair & answered).sum(), corrected.sum()],
                [(fair & labelled).sum()],
            )
        )
    (is_, of, by), (was, out_of, was_by) = counts
    return (
        rise(now=is_, now_n=of, before=was, before_n=out_of),
        rise(now=is_[:1], now_n=of[:1], before=was[:1], before_n=out_of[:1]),
        rise(now=is_[:1], now_n=by, before=was[:1], before_n=was_by),
    )
