"""The category guard: has a protected category lost grossly, and is that chance? Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from retraining.policy import Policy
from retraining.stats.intervals import wilson
from retraining.stats.paired import mcnemar_greater, paired_difference

# What becomes of a category whose guard tripped.
CONFIRMED, CLEARED, OPEN = "confirmed", "cleared", "open"


@dataclass(frozen=True)
class Fresh:
    """Labelled rows outside the golden set: m labels, and both models' answers without having
    seen them. Reviewed rows that the candidate answered out of fold, or rows that were asked for."""

    labels: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def changes(self, categories: Collection[str] | None = None) -> tuple[int, int]:
        """(fixed, broken) among the rows of these categories; of all rows without any."""
        rows = np.ones(len(self.labels), bool)
        if categories is not None:
            rows = np.isin(self.labels.astype(str), sorted(categories))
        labels = self.labels[rows]
        before, after = self.before[rows] == labels, self.after[rows] == labels
        return int((~before & after).sum()), int((before & ~after).sum())

    def differing(self, categories: Collection[str] | None = None) -> int:
        """Rows with different answers; with categories those that either model takes for one."""
        rows = self.before != self.after
        if categories is not None:
            names = sorted(categories)
            taken = [np.isin(a.astype(str), names) for a in (self.before, self.after)]
            rows = rows & (taken[0] | taken[1])
        return int(rows.sum())


def joined(parts: Iterable[Fresh]) -> Fresh | None:
    """All rows of several samples; ``None`` of none."""
    found = list(parts)
    if not found:
        return None
    return Fresh(
        *(
            np.concatenate([getattr(p, name) for p in found])
            for name in ("labels", "before", "after")
        )
    )


def category_figures(
    name: str, labels: np.ndarray, before: np.ndarray, after: np.ndarray, policy: Policy
) -> dict[str, Any]:
    """One category's golden rows: right before and after, fixed, broken, and does its guard trip?"""
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


@dataclass(frozen=True)
class Flow:
    """Unlabelled rows that the incumbent takes for one category: n, those that the candidate takes
    for another one, and those of them that go where rows are not meant to go."""

    n: int
    left: int
    strayed: int

    @property
    def share(self) -> float:
        return self.left / self.n


def flows(*, before: np.ndarray, after: np.ndarray, away_to: Collection[str]) -> dict[str, Flow]:
    """What does the candidate do with each category's rows, on rows that nobody has labelled?

    ``before`` and ``after`` are both models' answers to the same production rows; ``away_to`` (the
    target and the new categories) is where rows are meant to go. No label is needed to see that a
    category loses half of its rows to an old neighbour, or that it keeps nearly all of them.
    """
    meant = np.isin(after.astype(str), sorted(away_to))
    found = {}
    for name in sorted(set(before.astype(str)) - set(away_to)):
        taken = before == name
        gone = taken & (after != name)
        found[name] = Flow(int(taken.sum()), int(gone.sum()), int((gone & ~meant).sum()))
    return found


def strays(flow: Flow, policy: Policy, *, labelled: bool = True) -> bool:
    """So many rows go astray that the category is worth asking about?

    Where labelled rows can answer at once (``labelled``), over ``moved_share`` is enough: asking
    costs nothing. Where labels would have to be fetched first, chance must not explain more than
    the guard's share: a few rows of a category that the incumbent hardly knows come and go.
    """
    if flow.strayed < policy.moved_min_rows or flow.strayed <= policy.moved_share * flow.n:
        return False
    if labelled:
        return True
    low = wilson(successes=flow.strayed, n=flow.n, confidence=policy.confidence).low
    return low > policy.category_net_loss_share


def keeps(flow: Flow | None, policy: Policy) -> bool:
    """So few rows leave that the category can't have lost the guard's share of them: the upper
    bound of what leaves is below it, and a row can be lost only where the answer changed."""
    if flow is None or flow.n < 2 * policy.category_min_n:
        return False
    high = wilson(successes=flow.left, n=flow.n, confidence=1 - 2 * policy.gate_alpha).high
    return high < policy.category_net_loss_share


def in_doubt(
    categories: Collection[dict[str, Any]],
    safe: Collection[str],
    moved: Mapping[str, Flow],
    policy: Policy,
    fresh: Fresh | None = None,
    away_to: Collection[str] = (),
) -> list[dict[str, Any]]:
    """The protected categories to ask again about: golden rows lost, unlabelled rows astray, or
    more rows lost to old neighbours out of fold than chance explains in any of so many categories.

    Rows that go to the target or a new category (``away_to``) are meant to and raise no doubt.
    """
    found = []
    known = {c["category"]: c for c in categories}
    fair = {name: _labelled(name, fresh) for name in sorted(safe)}
    asking = sum(len(rows.labels) >= policy.category_min_n for rows in fair.values())
    for name, rows in fair.items():
        parts = []
        category = known.get(name, {"category": name, "n": 0, "fixed": 0, "broken": 0})
        if category.get("guard"):
            lost = category["broken"] - category["fixed"]
            parts.append(f"lost {lost} of its {category['n']} golden rows")
        flow, answered = moved.get(name), len(rows.labels) >= policy.category_min_n
        if flow is not None and strays(flow, policy, labelled=answered):
            parts.append(
                f"gives up {flow.strayed} of {flow.n} rows that the incumbent takes for it"
            )
        meant = np.isin(rows.after.astype(str), sorted(away_to))
        fixed, broken = Fresh(
            rows.labels[~meant], rows.before[~meant], rows.after[~meant]
        ).changes()
        if answered and _by_luck(fixed, broken) <= policy.category_sign_alpha / asking:
            parts.append(f"lost {broken - fixed} of {len(rows.labels)} rows out of fold")
        if parts:
            found.append({**category, "doubt": f"{name} {' and '.join(parts)}"})
    return found


def asked_again(
    category: dict[str, Any],
    fresh: Fresh | None,
    policy: Policy,
    asked: Fresh | None = None,
    flow: Flow | None = None,
) -> dict[str, Any]:
    """Is the category's loss there on other rows too, and may it be gross?

    Four rows lose two by chance in some of many categories; a candidate that was broken by its
    data loses rows of a category wherever they are from. Only rows that are labelled with it
    count: one that went to a new category and is labelled so was fixed, not lost. Reviewed rows
    are a fair sample, so the guard itself is asked of them; rows that we asked for were picked, so
    only sign tests. A loss that trips no guard is confirmed all the same where it is more than
    chance and neither kind of rows rules out that it is as large as the guard's share: a test of
    that very share would let half of such losses pass. Without labels, rows that hardly change
    clear the category.
    """
    name, sentence = category["category"], category["doubt"]
    fair, picked = _labelled(name, fresh), _labelled(name, asked)
    least = policy.category_min_n
    parts = [
        (part, told)
        for part, told in ((fair, "that neither had learned"), (picked, "labelled since"))
        if len(part.labels) >= least
    ]
    if parts:
        # Unlabelled rows raise many doubts, golden rows few: many need the stricter level.
        level = policy.category_sign_alpha if category.get("guard") else policy.gate_alpha
        lost = _lost(fair, picked, flow, policy, level)
        counts = [
            f"of {len(part.labels)} rows {told}, {fixed} were fixed and {broken} broken"
            for part, told in parts
            for fixed, broken in [part.changes()]
        ]
        told = f"{'; '.join(counts)}: {'the loss is confirmed' if lost else 'no lasting loss'}."
        return {
            **category,
            "verdict": CONFIRMED if lost else CLEARED,
            "sentence": f"{sentence}; {told}",
        }
    if flow is not None and keeps(flow, policy):
        kept = f"of {flow.n} unlabelled rows taken for it only {flow.left} are answered otherwise"
        return {**category, "verdict": CLEARED, "sentence": f"{sentence}; {kept}: no lasting loss."}
    few = f"only {len(fair.labels)} rows that neither had learned could tell if it is chance"
    return {**category, "verdict": OPEN, "sentence": f"{sentence}, and {few}."}


def _labelled(name: str, rows: Fresh | None) -> Fresh:
    """The rows with this label; none of nothing."""
    if rows is None:
        return Fresh(*(np.empty(0, dtype=object) for _ in range(3)))
    mask = rows.labels == name
    return Fresh(rows.labels[mask], rows.before[mask], rows.after[mask])


def _lost(fair: Fresh, picked: Fresh, flow: Flow | None, policy: Policy, level: float) -> bool:
    """Do these rows confirm the loss, beyond chance at ``level``? One sample has enough rows."""
    (up, down), (more_up, more_down) = fair.changes(), picked.changes()
    # Where a share d of the category's rows changes its answer, a net loss of the guard's share s
    # means that (1 + s / d) / 2 of the changed rows are broken.
    changing = flow.share if flow is not None and flow.left else 1.0
    share = min((1 + policy.category_net_loss_share / changing) / 2, 1.0)
    asked_level, least = policy.category_sign_alpha, policy.category_min_n
    if len(fair.labels) < least:
        beyond = float(stats.binom.sf(more_down - 1, more_up + more_down, share))
        return beyond <= asked_level and more_down - more_up >= policy.category_net_loss_rows
    if _trips(down - up, len(fair.labels), policy):
        return True
    fixed, broken = up + more_up, down + more_down
    if broken - fixed < policy.category_net_loss_rows or _by_luck(fixed, broken) > level:
        return False
    points = paired_difference(
        before=fair.before == fair.labels,
        after=fair.after == fair.labels,
        confidence=1 - 2 * policy.gate_alpha,
    )
    small = points.low > -policy.category_net_loss_share
    if len(picked.labels) >= least:
        small = small or stats.binom.cdf(more_down, more_up + more_down, share) <= asked_level
    return not small


def _by_luck(fixed: int, broken: int) -> float:
    """The chance of so many broken rows among the changed ones where nothing was lost."""
    return mcnemar_greater(fixed=broken, broken=fixed)


def _trips(net_loss: int, n: int, policy: Policy) -> bool:
    """The guard: a net loss of so many rows that is also more than that share of them."""
    return (
        net_loss >= policy.category_net_loss_rows and net_loss > policy.category_net_loss_share * n
    )
