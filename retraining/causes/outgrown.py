"""The world moved on, slowly, out of what training knew: a season, a price level, a new clientele."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import cast

import numpy as np

from retraining.causes.evidence import Evidence, Rows
from retraining.stats.drift import psi_test

# A field with so few different values in training is a code: an unknown value of it is a fault's.
CODES = 10
# A model answers mostly by guess where most of the month's rows lie beyond its training rows.
MOST = 0.5
# A season's days differ from their neighbours as days always did. A fault's first day does not: its
# step is at least so many times the largest one before.
JUMP = 2.0
# Days further apart than this are no neighbours: the season itself lies between them.
NEIGHBOURS = 3


@dataclass(frozen=True)
class Outgrown:
    """A field most of whose values no training row reached, and answers that became one-sided.

    ``share`` of the month's rows beyond ``bound``, the lowest (``below``) or highest training value.
    ``bias`` and ``bias_before``: by how many points of the reviewed rows answers and labels differ
    in their mix. ``p_value``: of wrong answers that are others than before. ``rows`` marks the
    month's rows that were answered wrong there.
    """

    field: str
    below: bool
    bound: float
    share: float
    since: date
    bias: float
    bias_before: float
    p_value: float
    n: int
    rows: np.ndarray


def outgrown(evidence: Evidence) -> Outgrown | None:
    """Does most of the month lie where the live version only guesses, and do its answers lean?

    Three things must hold. Most rows lie beyond the training values of one numeric field. They came
    there slowly, since an earlier month and without a jump, so that no feed's fault is taken for a
    season. And wrong answers are others than before (permutation test of their kinds, answer by
    label, at ``drift_alpha``) and lean: the reviewed labels' mix has left that of the answers by
    the policy's points, and further than before. How often answers are wrong need not have changed in what
    so few reviews can show. The first two never hold where the inputs stay what training knew, so
    the test spends none of the year's budget of false alarms.
    """
    moved = _moved(evidence)
    if moved is None:
        return None
    field, below, bound, share, since = moved
    now, before = _cells(evidence, evidence.now), _cells(evidence, evidence.before)
    kinds = sorted(now | before)
    if not now or not before or len(kinds) < 2:
        return None
    test = psi_test(reference=[before[k] for k in kinds], current=[now[k] for k in kinds])
    lean, was = _lean(evidence.now), _lean(evidence.before)
    policy = evidence.policy
    if lean is None or was is None or lean[1] < policy.audit_min_n or was[1] < policy.audit_min_n:
        return None
    if test.p_value >= policy.drift_alpha or lean[0] < max(policy.retrain_drop, was[0]):
        return None
    beyond = _beyond(evidence.now, field, below, bound)
    failed = beyond & evidence.now.failed
    return Outgrown(
        field, below, bound, share, since, lean[0], was[0], test.p_value, lean[1], failed
    )


def _moved(evidence: Evidence) -> tuple[str, bool, float, float, date] | None:
    """(field, below, bound, share, first day) of the field that left its training values furthest."""
    found = []
    for field in evidence.spec.numeric:
        known = evidence.training_inputs[field].dropna()
        if known.nunique() <= CODES or not len(evidence.now):
            continue
        for below in (True, False):
            bound = float(known.min() if below else known.max())
            share = float(_beyond(evidence.now, field, below, bound).mean())
            earlier = _beyond(evidence.before, field, below, bound)
            if share < MOST or earlier.sum() < evidence.policy.transient_min_rows:
                continue
            if _jumps(evidence, field):
                continue
            since = min(evidence.before.rows["day"][earlier])
            found.append((share, field, below, bound, since))
    if not found:
        return None
    share, field, below, bound, since = max(found)
    return field, below, bound, share, since


def _beyond(rows: Rows, field: str, below: bool, bound: float) -> np.ndarray:
    values = rows.inputs[field]
    return ((values < bound) if below else (values > bound)).to_numpy(dtype=bool)


def _jumps(evidence: Evidence, field: str) -> bool:
    """Is the month's largest step from one day to the next beyond those of the days before it?"""
    steps: dict[bool, list[float]] = {True: [0.0], False: [0.0]}
    days: list[tuple[date, float]] = []
    for rows in (evidence.before, evidence.now):
        means = rows.inputs[field].groupby(rows.rows["day"].to_numpy()).mean().dropna()
        days += [(cast(date, day), float(mean)) for day, mean in means.sort_index().items()]
    for (day, mean), (next_day, next_mean) in pairwise(days):
        if (next_day - day).days <= NEIGHBOURS:
            steps[next_day in evidence.days].append(abs(next_mean - mean))
    return max(steps[True]) > JUMP * max(steps[False])


def _cells(evidence: Evidence, rows: Rows) -> Counter[tuple[str, str]]:
    known = rows.failed & rows.rows["label"].isin(evidence.categories).to_numpy(dtype=bool)
    wrong = rows.rows[known]
    return Counter(zip(wrong["prediction"].astype(str), wrong["label"].astype(str), strict=True))


def _lean(rows: Rows) -> tuple[float, int] | None:
    """By how much the mix of the reviewed labels differs from that of their answers, and n."""
    fair = rows.rows[rows.reviewed]
    if not len(fair):
        return None
    labels, answers = Counter(fair["label"].astype(str)), Counter(fair["prediction"].astype(str))
    apart = sum(abs(labels[name] - answers[name]) for name in labels | answers)
    return apart / 2 / len(fair), len(fair)
