"""Answers in one technical part of the traffic are wrong far more often than elsewhere since a day."""

import re
from dataclasses import dataclass

import numpy as np
from scipy import stats

from retraining.causes.evidence import Evidence, Rows
from retraining.causes.segments import Part, parts_of
from retraining.stats.changepoint import lasting_change, raised_window

# Keys whose values are releases and devices, not people: only these can send something broken.
TECHNICAL = re.compile(r"version|build|release|app|client|sdk|firmware|device|platform|os$|browser")
# Wrong answers that show (reviews and corrections) before a part is told from chance.
MIN_FAILED = 8
# A fault spoils all sorts of questions. Of a cohort that asks for something else most wrong
# answers have one label, or labels that the model does not know.
ONE_KIND = 0.6
MIN_KINDS = 3
# The rest of the traffic must have got worse by less than this share of what the part did.
ELSEWHERE = 0.5
# Kolmogorov-Smirnov distance and level at which an input of the part is said to differ.
APART = 0.5


@dataclass(frozen=True)
class Decay:
    part: Part
    start: int
    stop: int
    p_value: float
    rate: float
    usual: float
    kinds: int
    why: str


def find_decay(evidence: Evidence) -> Decay | None:
    """The technical part whose share of rows with a wrong answer rose most clearly, and only there.

    A part that was there before: the scans of its days, to the end or over a window. One that came
    in this month: Fisher against the other rows since. Bonferroni over parts and scans. It must be
    new since then, or its inputs differ, and the wrong answers be of several kinds: else customers
    ask for other things, which is no fault. Rows that show a wrong answer are counted among all
    rows, since reviews are drawn and corrections made alike in all parts.
    """
    parts = parts_of(evidence, least=MIN_FAILED)
    alpha = evidence.policy.alpha_of("segment_fault") / 8 / max(1, 3 * len(parts))
    found = [
        decay
        for part in parts
        if TECHNICAL.search(part.key.lower()) and (decay := _decay(evidence, part, alpha))
    ]
    return min(found, key=lambda one: one.p_value, default=None)


def _decay(evidence: Evidence, part: Part, alpha: float) -> Decay | None:
    now, day = evidence.now, evidence.day_index(evidence.now)
    failed, first = now.failed, int(day[part.now].min())
    if (failed & part.now).sum() < MIN_FAILED:
        return None
    new = not part.before.any() and first > 0
    window = _since_it_came(now, part, day, first) if new else _when_it_rose(evidence, part)
    if window is None or window[2] >= alpha:
        return None
    start, stop, p_value = window
    inside = (day >= start) & (day < stop)
    mine, others = failed[part.now & inside], failed[~part.now & inside]
    elsewhere = failed[~part.now & ~inside]
    if mine.sum() < MIN_FAILED or not len(others):
        return None
    usual = float(failed[part.now & ~inside].mean()) if not new else float(others.mean())
    rise = float(mine.mean()) - usual
    others_rise = float(others.mean() - elsewhere.mean()) if len(elsewhere) else 0.0
    labels = now.rows["label"][failed & part.now & inside]
    known = labels[labels.isin(evidence.categories)]
    kinds = known.nunique()
    spread = (
        kinds >= MIN_KINDS
        and labels.value_counts().max() <= ONE_KIND * len(labels)
        and len(known) >= ONE_KIND * len(labels)
    )
    if rise <= 0 or others_rise > ELSEWHERE * rise or not spread:
        return None
    why = "it is new since then" if new else _differs(evidence, part, inside)
    if not why:
        return None
    return Decay(part, start, stop, p_value, float(mine.mean()), usual, int(kinds), why)


def _since_it_came(now: Rows, part: Part, day: np.ndarray, first: int) -> tuple[int, int, float]:
    since = day >= first
    mine, others = now.failed[part.now & since], now.failed[~part.now & since]
    table = [[one.sum(), len(one) - one.sum()] for one in (mine, others)]
    p_value = float(stats.fisher_exact(table, alternative="greater").pvalue)
    return first, int(day[part.now].max()) + 1, p_value


def _when_it_rose(evidence: Evidence, part: Part) -> tuple[int, int, float] | None:
    now = evidence.now
    events, totals = evidence.per_day(now, now.failed & part.now), evidence.per_day(now, part.now)
    scans = [
        scan(events=events, totals=totals, seed=evidence.seed)
        for scan in (lasting_change, raised_window)
    ]
    best = max(
        (one for one in scans if one), key=lambda one: one.log_likelihood_ratio, default=None
    )
    return (best.start, best.stop, best.p_value) if best else None


def _differs(evidence: Evidence, part: Part, inside: np.ndarray) -> str:
    """Which input of the part is other than it was in the part before; empty where none is."""
    if evidence.spec.task == "text":
        return ""  # the form of texts has been looked at, and what they say is the customers'
    here = evidence.now.where(part.now & inside).inputs
    was = evidence.before.where(part.before).inputs
    for name in evidence.spec.numeric:
        a, b = here[name].dropna().to_numpy(float), was[name].dropna().to_numpy(float)
        if min(len(a), len(b)) < MIN_FAILED:
            continue
        test = stats.ks_2samp(a, b)
        if test.statistic >= APART and test.pvalue < evidence.policy.alpha_of("segment_fault"):
            return f"its {name} is not what it was"
    return ""
