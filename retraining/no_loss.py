"""Not being worse: the gate's question about the pooled protected group. Pure."""

from collections.abc import Mapping
from math import floor

import numpy as np
from scipy import stats

from retraining.apart import ALL, TARGET, Apart
from retraining.gain import AGAINST, FEWEST_ASKED, FOR, OPEN, Answer, Counts, chance, shown
from retraining.policy import Policy
from retraining.stats.paired import PairedDifference, mcnemar_greater


def not_worse(
    *,
    protected: PairedDifference,
    one_sided: PairedDifference,
    policy: Policy,
    more: Counts | None = None,
    changed: float | None = None,
) -> Answer:
    """Has the pooled protected group lost no more than the margin?

    The one-sided lower bound on the golden rows stays above minus the margin, or as many were
    fixed as broken. Rows that we asked for (``more``) enter by the sign test alone: where a share
    d of the group's rows is fixed or broken (``changed``, of `protected_change`), a net loss of the
    margin means that a share (1 + margin / d) / 2 of the changed rows is broken, and that is the
    share to be refuted.
    """
    asked = more.asked if more is not None else (0, 0)
    text = f"the protected categories: {shown(protected)}"
    fixed, broken = protected.fixed + asked[0], protected.broken + asked[1]
    if any(asked):
        text += f", {asked[0]} fixed, {asked[1]} broken of the rows labelled since"
    lost = mcnemar_greater(fixed=broken, broken=fixed)
    if protected.high < 0:
        return Answer(AGAINST, f"Worse on {text}.", lost)
    if not loss_is_open(one_sided, policy):
        return Answer(FOR, f"Not worse on {text}.", lost)
    if any(asked) and changed:
        margin_p = float(stats.binom.cdf(broken, fixed + broken, _broken_meant(policy, changed)))
        if margin_p <= policy.gate_alpha:
            return Answer(FOR, f"Not worse on {text} ({chance(margin_p)}).", lost)
        if lost <= policy.gate_alpha:
            return Answer(AGAINST, f"Worse on {text}.", lost)
    margin = policy.protected_margin * 100
    return Answer(OPEN, f"A loss of {margin:.0f} points is not ruled out on {text}.", lost)


def loss_is_open(protected: PairedDifference, policy: Policy) -> bool:
    """More lost than gained, and the margin not ruled out. Equal counts pass at any n: a hundred
    rows on which nothing was lost can't show less, and each category has its guard."""
    return protected.low <= -policy.protected_margin and protected.delta < 0


def protected_change(apart: Mapping[str, Apart], more: Counts) -> float | None:
    """Which share of the month's protected rows is fixed or broken?

    Rows on which the two differ, times the share of the asked ones that are protected and right in
    one of the two, over the rows that neither takes for the target. ``None`` without a month.
    """
    if ALL not in apart or not apart[ALL].differ:
        return None
    rows = apart[ALL].n - (apart[TARGET].n if TARGET in apart else 0)
    if rows <= 0:
        return apart[ALL].share
    return min(apart[ALL].differ * counting(apart, more) / rows, 1.0)


def counting(apart: Mapping[str, Apart], more: Counts) -> float:
    """Which share of the rows on which the two differ can speak for the protected group? As the
    labelled ones say once there are enough, else those that neither takes for the target."""
    if more.drawn >= FEWEST_ASKED:
        return max(sum(more.asked), 1) / more.drawn
    if TARGET not in apart or not apart[ALL].differ:
        return 1.0
    return max(1 - apart[TARGET].differ / apart[ALL].differ, 1 / apart[ALL].differ)


def to_rule_loss_out(
    protected: PairedDifference,
    policy: Policy,
    more: Counts | None = None,
    apart: Mapping[str, Apart] | None = None,
) -> int:
    """About how many more rows, drawn where the two disagree, until the margin's share of broken
    ones is refuted with the policy's power, if rows go on to be broken as often as so far.

    Without a month of rows the golden ones say how often a row changes.
    """
    seen, month = more or Counts(), apart or {}
    fixed, broken = protected.fixed + seen.asked[0], protected.broken + seen.asked[1]
    changed = protected_change(month, seen)
    if changed is None:
        changed = max(protected.fixed + protected.broken, 1) / protected.n
    share = _broken_meant(policy, changed)
    expected = (broken + 0.5) / (fixed + broken + 1)
    if expected >= share:
        return policy.label_more_max
    each = counting(month, seen) if ALL in month else 1.0
    for rows in range(FEWEST_ASKED, policy.label_more_max):
        counted = floor(rows * each)
        further = stats.binom.ppf(policy.power, counted, expected) if counted else 0
        total = fixed + broken + counted
        if stats.binom.cdf(broken + further, total, share) <= policy.gate_alpha:
            return rows
    return policy.label_more_max


def _broken_meant(policy: Policy, changed: float) -> float:
    """The share of broken rows among the changed ones where the margin is lost."""
    return float(np.clip((1 + policy.protected_margin / changed) / 2, 0.5, 0.99))
