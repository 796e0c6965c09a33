"""The category guard: has a protected category lost grossly, and is that chance? Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from retraining.policy import Policy
from retraining.stats.intervals import wilson

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


def strays(flow: Flow, policy: Policy) -> bool:
    """So many rows go astray that the category is worth asking about: over ``moved_share``, and
    chance would not explain more than the guard's share."""
    if flow.strayed < policy.moved_min_rows or flow.strayed <= policy.moved_share * flow.n:
        return False
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
) -> list[dict[str, Any]]:
    """The protected categories to ask again about: golden rows lost, or unlabelled rows astray."""
    found = []
    known = {c["category"]: c for c in categories}
    for name in sorted(safe):
        parts = []
        category = known.get(name, {"category": name, "n": 0, "fixed": 0, "broken": 0})
        if category.get("guard"):
            lost = category["broken"] - category["fixed"]
            parts.append(f"lost {lost} of its {category['n']} golden rows")
        flow = moved.get(name)
        if flow is not None and strays(flow, policy):
            parts.append(
                f"gives up {flow.strayed} of {flow.n} rows that the incumbent takes for it"
            )
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
    """Is the category's loss there on other rows too?

    Four rows lose two by chance in some of many categories; a candidate that was broken by its
    data loses most rows of a category wherever they are from. Reviewed rows are a fair sample, so
    the guard itself is asked of them; rows that we asked for were picked, so only the sign test.
    Unlabelled rows that hardly change clear it too.
    """
    name, sentence = category["category"], category["doubt"]
    if asked is not None and (told := _by_sign(name, asked, flow, policy)) is not None:
        return {**category, "verdict": told[0], "sentence": f"{sentence}; {told[1]}"}
    mask = fresh.labels == name if fresh is not None else np.zeros(0, bool)
    more = int(mask.sum())
    if fresh is not None and more >= policy.category_min_n:
        right_before, right_after = fresh.before[mask] == name, fresh.after[mask] == name
        trips = _trips(int(right_before.sum()) - int(right_after.sum()), more, policy)
        return {
            **category,
            "verdict": CONFIRMED if trips else CLEARED,
            "sentence": (
                f"{sentence}; of {more} rows that neither had learned the candidate answers "
                f"{int(right_after.sum())} right, the incumbent {int(right_before.sum())}: "
                f"{'the loss is confirmed' if trips else 'no lasting loss'}."
            ),
        }
    if flow is not None and keeps(flow, policy):
        kept = f"of {flow.n} unlabelled rows taken for it only {flow.left} are answered otherwise"
        return {**category, "verdict": CLEARED, "sentence": f"{sentence}; {kept}: no lasting loss."}
    return {
        **category,
        "verdict": OPEN,
        "sentence": f"{sentence}, and only {more} rows that neither had learned could tell if it is chance.",
    }


def _by_sign(name: str, asked: Fresh, flow: Flow | None, policy: Policy) -> tuple[str, str] | None:
    """The verdict of the rows that were asked for; ``None`` with fewer than the least.

    Where a share d of the category's rows changes its answer, a net loss of the guard's share s
    means that (1 + s / d) / 2 of the changed rows are broken: confirmed where they are more than
    that beyond chance.
    """
    rows = int((asked.labels == name).sum())
    if rows < policy.category_min_n:
        return None
    fixed, broken = asked.changes({name})
    changing = flow.share if flow is not None and flow.left else 1.0
    share = min((1 + policy.category_net_loss_share / changing) / 2, 1.0)
    p_value = float(stats.binom.sf(broken - 1, fixed + broken, share)) if broken else 1.0
    lost = p_value <= policy.category_sign_alpha
    lost = lost and broken - fixed >= policy.category_net_loss_rows
    told = "the loss is confirmed" if lost else "no lasting loss"
    said = f"of {rows} rows labelled since, {fixed} were fixed and {broken} broken: {told}."
    return (CONFIRMED if lost else CLEARED), said


def _trips(net_loss: int, n: int, policy: Policy) -> bool:
    """The guard: a net loss of so many rows that is also more than that share of them."""
    return (
        net_loss >= policy.category_net_loss_rows and net_loss > policy.category_net_loss_share * n
    )
