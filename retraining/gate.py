"""The gate: promote, reject, or undecided and how many labels would decide. Pure.

Candidate and incumbent answered the same golden rows. Superiority is asked of the target, not
being worse once of the pooled protected group with a stated margin, and of each protected category
only that it has not lost grossly: four rows can't show more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from retraining.guard import CLEARED, CONFIRMED, OPEN, Fresh, asked_again, category_figures
from retraining.policy import Policy
from retraining.stats.paired import PairedDifference, mcnemar_greater, paired_difference
from retraining.stats.power import paired_labels_needed

PROMOTE, REJECT, UNDECIDED = "promote", "reject", "undecided"


@dataclass(frozen=True)
class Gated:
    """The verdict, its reasons in sentences, and the figures behind them."""

    verdict: str
    reasons: tuple[str, ...]
    overall: PairedDifference
    groups: dict[str, PairedDifference | None]
    categories: tuple[dict[str, Any], ...]
    fixed_rows: tuple[str, ...]
    broken_rows: tuple[str, ...]
    more_labels: int | None
    lost: tuple[str, ...] = ()


def judge(
    *,
    ids: np.ndarray,
    labels: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    target: Collection[str],
    new: Collection[str],
    policy: Policy,
    fresh_rows: Fresh | None = None,
) -> Gated:
    """Compare two vectors of n answers to the same n labelled rows.

    ``target`` names the categories that the retrain was for; empty means all rows. ``new`` are
    those that the incumbent does not know. Everything else is protected. A category whose guard
    trips was picked because it lost, so its golden rows can't testify twice: the same guard is
    asked of fresh rows alone. It confirms the loss, clears it, or leaves it open for want of rows.
    """
    right_before, right_after = before == labels, after == labels
    wanted = np.isin(labels.astype(str), sorted(target)) if target else np.ones(len(ids), bool)
    fresh = np.isin(labels.astype(str), sorted(new)) if new else np.zeros(len(ids), bool)
    safe = ~wanted & ~fresh if target else ~fresh
    groups = {
        "new": _difference(right_before, right_after, fresh, policy),
        "target": _difference(right_before, right_after, wanted, policy) if target else None,
        "protected": _difference(right_before, right_after, safe, policy),
    }
    overall = _difference(right_before, right_after, np.ones(len(ids), bool), policy)
    if overall is None:
        raise ValueError("nothing to compare: the golden set is empty")
    categories = tuple(
        category_figures(str(name), labels, right_before, right_after, policy)
        for name in sorted(set(labels.astype(str)))
    )
    lost = [
        asked_again(c, fresh_rows, policy)
        for c in categories
        if c["guard"] and np.any(safe & (labels == c["category"]))
    ]
    goal = groups["target"] or overall
    # Non-inferiority asks on one side only: the lower end of the interval at 1 - 2 alpha.
    one_sided = _difference(right_before, right_after, safe, policy, 1 - 2 * policy.gate_alpha)
    verdict, reasons = _verdict(
        goal=goal,
        goal_name="the target" if groups["target"] else "all rows",
        more=_fresh_changes(fresh_rows, target) if groups["target"] else (0, 0),
        overall=overall,
        protected=groups["protected"],
        one_sided=one_sided,
        lost=lost,
        policy=policy,
    )
    return Gated(
        verdict=verdict,
        reasons=tuple(reasons),
        overall=overall,
        groups=groups,
        categories=categories,
        fixed_rows=tuple(ids[~right_before & right_after]),
        broken_rows=tuple(ids[right_before & ~right_after]),
        more_labels=_more(goal, one_sided, lost, policy) if verdict == UNDECIDED else None,
        lost=tuple(c["category"] for c in lost if c["verdict"] != CLEARED),
    )


def _verdict(
    *,
    goal: PairedDifference,
    goal_name: str,
    more: tuple[int, int],
    overall: PairedDifference,
    protected: PairedDifference | None,
    one_sided: PairedDifference | None,
    lost: list[dict[str, Any]],
    policy: Policy,
) -> tuple[str, list[str]]:
    if goal.fixed + goal.broken == 0 and overall.fixed + overall.broken == 0:
        return REJECT, ["The candidate answers every golden row as the incumbent does."]
    against, open_questions, reasons = [], [], []
    p_value = mcnemar_greater(fixed=goal.fixed + more[0], broken=goal.broken + more[1])
    gain = f"{goal_name}: {_points(goal)}, {goal.fixed} fixed, {goal.broken} broken"
    if any(more):
        gain += f", and {more[0]} fixed, {more[1]} broken of the fresh reviewed rows"
    if goal.delta <= 0:
        against.append(f"No gain on {gain}.")
    elif goal.delta < policy.gate_gain or p_value > policy.gate_alpha:
        open_questions.append(f"The gain is not proven on {gain} ({_chance(p_value)}).")
    else:
        reasons.append(f"Better on {gain} ({_chance(p_value)}).")
    for category in lost:
        {CONFIRMED: against, CLEARED: reasons, OPEN: open_questions}[category["verdict"]].append(
            category["sentence"]
        )
    if protected is not None:
        text = f"the protected categories: {_points(protected)}"
        if protected.high < 0:
            against.append(f"Worse on {text}.")
        elif one_sided is not None and _loss_is_open(one_sided, policy):
            margin = policy.protected_margin * 100
            open_questions.append(f"A loss of {margin:.0f} points is not ruled out on {text}.")
        else:
            reasons.append(f"Not worse on {text}.")
    if against:
        return REJECT, against + open_questions + reasons
    if open_questions:
        return UNDECIDED, open_questions + reasons
    return PROMOTE, reasons


def _fresh_changes(fresh: Fresh | None, target: Collection[str]) -> tuple[int, int]:
    """Fresh rows of the target that were fixed and broken: they join the sign test, never the points.

    A weak category has a handful of golden rows; that alone could prove nothing. Some of these rows
    are why it was called weak, which favours the candidate a little: the golden points must rise too.
    """
    if fresh is None:
        return 0, 0
    rows = np.isin(fresh.labels.astype(str), sorted(target))
    before, after = (
        fresh.before[rows] == fresh.labels[rows],
        fresh.after[rows] == fresh.labels[rows],
    )
    return int((~before & after).sum()), int((before & ~after).sum())


def _difference(
    before: np.ndarray,
    after: np.ndarray,
    mask: np.ndarray,
    policy: Policy,
    confidence: float | None = None,
) -> PairedDifference | None:
    if not mask.any():
        return None
    level = policy.confidence if confidence is None else confidence
    return paired_difference(before=before[mask], after=after[mask], confidence=level)


def _more(
    goal: PairedDifference,
    protected: PairedDifference | None,
    lost: list[dict[str, Any]],
    policy: Policy,
) -> int:
    """About how many more rows would decide what is open, from 10 to the policy's most.

    For a category in doubt twice the least that its guard is asked on; else the larger of what
    proves the gain and what rules the protected group's loss out, if both go on as they are.
    """
    asked = sum(2 * policy.category_min_n for c in lost if c["verdict"] == OPEN)
    if not asked:
        asked = max(_to_prove_gain(goal, policy), _to_rule_loss_out(protected, policy))
    return min(max(asked, 10), policy.label_more_max)


def _to_rule_loss_out(protected: PairedDifference | None, policy: Policy) -> int:
    """Rows until the lower bound clears the margin: an interval narrows as the root of n."""
    if protected is None or not _loss_is_open(protected, policy):
        return 0
    room = policy.protected_margin + protected.delta
    if room <= 0:
        return policy.label_more_max
    total = protected.n * ((protected.delta - protected.low) / room) ** 2
    return min(ceil(total) - protected.n + 1, policy.label_more_max)


def _loss_is_open(protected: PairedDifference, policy: Policy) -> bool:
    """More lost than gained, and the margin not ruled out. Equal counts pass at any n: a hundred
    rows on which nothing was lost can't show less, and each category has its guard."""
    return protected.low <= -policy.protected_margin and protected.delta < 0


def _to_prove_gain(goal: PairedDifference, policy: Policy) -> int:
    if goal.delta >= policy.gate_gain and (
        mcnemar_greater(fixed=goal.fixed, broken=goal.broken) <= policy.gate_alpha
    ):
        return 0
    needed = paired_labels_needed(
        fixed=goal.fixed,
        broken=goal.broken,
        n=goal.n,
        # A second look at the same candidate: half of the level is left for it.
        alpha=policy.gate_alpha / 2,
        power=policy.power,
        max_labels=policy.label_more_max,
    )
    return policy.label_more_max if needed is None else needed


def _points(difference: PairedDifference) -> str:
    return (
        f"{difference.delta * 100:+.1f} points ({difference.low * 100:+.1f} to "
        f"{difference.high * 100:+.1f}, n={difference.n})"
    )


def _chance(p_value: float) -> str:
    return "p<0.0001" if p_value < 0.0001 else f"p={p_value:.4f}"
