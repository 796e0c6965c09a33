"""Has reviewed accuracy fallen since this month or an earlier one, category for category?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from retraining.causes.evidence import Evidence, Rows, reviewed_accuracy
from retraining.causes.onset import began
from retraining.causes.stratified import counted, rise
from retraining.stats.intervals import rate_difference

# Since how many months before this one, each with its share of the rate. Most drops are new, and
# one that goes on was looked at before.
BEGAN: Mapping[int, float] = {0: 0.6, 1: 0.2, 2: 0.2}
# Against golden rows the share of wrong labels enters in full and is itself a guess: it may be
# half as large again.
GOLDEN_CARE = 1.5
# Answers in an earlier month that the live version would give too, at most so much less often than
# in this one: then the same version gave them.
SAME_VERSION = 0.05


@dataclass(frozen=True)
class Drop:
    """A fall of reviewed accuracy: points (after - before, negative), its p, and the rows behind it.

    ``p_value`` is corrected for the months tried. ``p_month`` is this month's own p, and ``n`` and
    ``right`` its reviewed rows; ``before_*`` those of the baseline. ``golden``: there were no
    earlier reviews, and the golden set stands in for them.
    """

    delta: float
    p_value: float
    p_month: float
    right: int
    n: int
    before_right: int
    before_n: int
    since: date
    golden: bool = False

    def as_dict(self) -> dict[str, float | int]:
        """Plain floats and ints, ready for JSON; ``low`` and ``high`` are Newcombe's 95% limits."""
        plain = rate_difference(
            before_successes=self.before_right,
            before_n=self.before_n,
            after_successes=self.right,
            after_n=self.n,
        )
        return plain.as_dict() | {"delta": self.delta, "p_value": self.p_value}


def accuracy_drop(evidence: Evidence) -> Drop | None:
    """The likeliest fall of reviewed accuracy that holds in this month; None: nothing to compare.

    Failures among reviewed rows against the months that needed nothing, compared within the
    category that was answered, so that more of the hard ones is no drop (exact, stratified). A
    drop that began one or two months ago gathers the reviews since, as far as the same version
    gave the answers. The baseline is the same probe, so labels that are wrong at a steady rate
    cancel. Without earlier reviews the golden set less wrong labels must do.
    """
    return evidence.once("accuracy_drop", lambda: _accuracy_drop(evidence))


def _accuracy_drop(evidence: Evidence) -> Drop | None:
    right, n = reviewed_accuracy(evidence.now)
    if n < evidence.policy.audit_min_n:
        return None
    drops = {back: _since(evidence, back) for back in BEGAN}
    this = drops[0]
    if this is None:
        return _from_golden(evidence, right, n)
    found = [
        replace(drop, p_value=min(1.0, drop.p_value / BEGAN[back]), p_month=this.p_value)
        for back, drop in drops.items()
        # What was worse and is no more is over: half of the drop has to show this month.
        if drop is not None and (back == 0 or this.delta <= min(0.0, drop.delta / 2))
    ]
    return min(found, key=lambda drop: drop.p_value)


def _since(evidence: Evidence, back: int) -> Drop | None:
    before, days = evidence.before, evidence.before.rows["day"]
    start = (pd.Timestamp(evidence.days[0]) - pd.DateOffset(months=back)).date()
    late = (days >= start).to_numpy(dtype=bool)
    usual = before.reviewed & evidence.healthy & ~late
    pooled = before.reviewed & late
    if usual.sum() < evidence.policy.confirm_reviews:
        return None
    if back and (not pooled.any() or not _same_version(evidence, pooled)):
        return None
    kinds = sorted(set(evidence.now.rows["prediction"]) | set(before.rows["prediction"]))
    now_failed, now_n = _counts(evidence.now, evidence.now.reviewed, kinds)
    late_failed, late_n = _counts(before, pooled, kinds)
    was_failed, was_n = _counts(before, usual, kinds)
    found = rise(
        now=now_failed + late_failed,
        now_n=now_n + late_n,
        before=was_failed,
        before_n=was_n,
    )
    n = int((now_n + late_n).sum())
    since = start
    if not back:
        since = began(evidence, evidence.now.failed, evidence.now.reviewed)
    elif pooled.any():
        since = min(days[pooled])
    return Drop(
        delta=-found.delta,
        p_value=found.p_value,
        p_month=found.p_value,
        right=n - int((now_failed + late_failed).sum()),
        n=n,
        before_right=int((was_n - was_failed).sum()),
        before_n=int(was_n.sum()),
        since=since,
    )


def _counts(rows: Rows, mask: np.ndarray, kinds: list[str]) -> tuple[np.ndarray, np.ndarray]:
    answers = rows.rows["prediction"]
    return counted(answers, kinds, mask & rows.failed), counted(answers, kinds, mask)


def _same_version(evidence: Evidence, pooled: np.ndarray) -> bool:
    earlier = evidence.before.where(pooled)
    now = evidence.now.where(evidence.now.reviewed)
    shares = []
    for rows in (earlier, now):
        answers, _ = evidence.predict(rows.inputs)
        shares.append(float(np.mean(answers == rows.rows["prediction"].to_numpy(dtype=object))))
    return shares[0] >= shares[1] - SAME_VERSION


def _from_golden(evidence: Evidence, right: int, n: int) -> Drop | None:
    golden, golden_n = evidence.golden_accuracy, evidence.golden_n
    if golden is None or golden_n is None:
        return None
    expected = round(golden_n * golden * (1 - GOLDEN_CARE * evidence.policy.label_error))
    found = rise(now=n - right, now_n=n, before=golden_n - expected, before_n=golden_n)
    since = began(evidence, evidence.now.failed, evidence.now.reviewed)
    return Drop(
        -found.delta, found.p_value, found.p_value, right, n, expected, golden_n, since, True
    )
