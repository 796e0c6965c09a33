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

from retraining.policy import Policy
from retraining.stats.paired import PairedDifference, mcnemar_greater, paired_difference
from retraining.stats.power import paired_labels_needed

PROMOTE, REJECT, UNDECIDED = "promote", "reject", "undecided"
# What becomes of a category whose guard tripped on the golden rows.
CONFIRMED, CLEARED, OPEN = "confirmed", "cleared", "open"


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


@dataclass(frozen=True)
class Fresh:
    """Reviewed rows outside the golden set: m labels, and both models' answers without having
    seen them (the candidate's out of fold)."""

    labels: np.ndarray
    before: np.ndarray
    after: np.ndarray


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
        _category(str(name), labels, right_before, right_after, policy)
        for name in sorted(set(labels.astype(str)))
    )
    lost = [
        _asked_again(c, fresh_rows, policy)
        for c in categories
        if c["guard"] and np.any(safe & (labels == c["category"]))
    ]
    verdict, reasons = _verdict(
        goal=groups["target"] or overall,
        goal_name="the target" if groups["target"] else "all rows",
        overall=overall,
        protected=groups["protected"],
        lost=lost,
        policy=policy,
    )
    goal = groups["target"] or overall
    return Gated(
        verdict=verdict,
        reasons=tuple(reasons),
        overall=overall,
        groups=groups,
        categories=categories,
        fixed_rows=tuple(ids[~right_before & right_after]),
        broken_rows=tuple(ids[right_before & ~right_after]),
        more_labels=_more(goal, groups["protected"], lost, policy)
        if verdict == UNDECIDED
        else None,
        lost=tuple(c["category"] for c in lost if c["verdict"] != CLEARED),
    )


def _verdict(
    *,
    goal: PairedDifference,
    goal_name: str,
    overall: PairedDifference,
    protected: PairedDifference | None,
    lost: list[dict[str, Any]],
    policy: Policy,
) -> tuple[str, list[str]]:
    if goal.fixed + goal.broken == 0 and overall.fixed + overall.broken == 0:
        return REJECT, ["The candidate answers every golden row as the incumbent does."]
    against, open_questions, reasons = [], [], []
    p_value = mcnemar_greater(fixed=goal.fixed, broken=goal.broken)
    gain = f"{goal_name}: {_points(goal)}, {goal.fixed} fixed, {goal.broken} broken"
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
        elif _loss_is_open(protected, policy):
            margin = policy.protected_margin * 100
            open_questions.append(f"A loss of {margin:.0f} points is not ruled out on {text}.")
        else:
            reasons.append(f"Not worse on {text}.")
    if against:
        return REJECT, against + open_questions + reasons
    if open_questions:
        return UNDECIDED, open_questions + reasons
    return PROMOTE, reasons


def _difference(
    before: np.ndarray, after: np.ndarray, mask: np.ndarray, policy: Policy
) -> PairedDifference | None:
    if not mask.any():
        return None
    return paired_difference(before=before[mask], after=after[mask], confidence=policy.confidence)


def _category(
    name: str, labels: np.ndarray, before: np.ndarray, after: np.ndarray, policy: Policy
) -> dict[str, Any]:
    mask = labels == name
    fixed = int((~before & after & mask).sum())
    broken = int((before & ~after & mask).sum())
    n = int(mask.sum())
    return {
        "category": name,
        "n": n,
        "before": int((before & mask).sum()) / n,
        "after": int((after & mask).sum()) / n,
        "fixed": fixed,
        "broken": broken,
        "thin": n < policy.category_min_n,
        "guard": _trips(broken - fixed, n, policy),
    }


def _trips(net_loss: int, n: int, policy: Policy) -> bool:
    """The guard: a net loss of so many rows that is also more than that share of them."""
    return (
        net_loss >= policy.category_net_loss_rows and net_loss > policy.category_net_loss_share * n
    )


def _asked_again(category: dict[str, Any], fresh: Fresh | None, policy: Policy) -> dict[str, Any]:
    """Is the category's loss on the golden rows there on the fresh ones too?

    Four rows lose two by chance in some of many categories; a candidate that was broken by its
    data loses most rows of a category wherever they are from.
    """
    name, n = category["category"], category["n"]
    fixed, broken = category["fixed"], category["broken"]
    sentence = f"{name} lost {broken - fixed} of its {n} golden rows"
    mask = fresh.labels == name if fresh is not None else np.zeros(0, bool)
    more = int(mask.sum())
    if fresh is None or more < policy.category_min_n:
        return {
            **category,
            "verdict": OPEN,
            "sentence": f"{sentence}, and only {more} fresh reviewed rows could tell if it is chance.",
        }
    right_before, right_after = fresh.before[mask] == name, fresh.after[mask] == name
    trips = _trips(int(right_before.sum()) - int(right_after.sum()), more, policy)
    return {
        **category,
        "verdict": CONFIRMED if trips else CLEARED,
        "sentence": (
            f"{sentence}; of {more} fresh reviewed rows the candidate answers "
            f"{int(right_after.sum())} right, the incumbent {int(right_before.sum())}: "
            f"{'the loss is confirmed' if trips else 'no lasting loss'}."
        ),
    }


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
