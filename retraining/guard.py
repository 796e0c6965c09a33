"""The category guard: has a protected category lost grossly, and is that chance? Pure."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retraining.policy import Policy

# What becomes of a category whose guard tripped on the golden rows.
CONFIRMED, CLEARED, OPEN = "confirmed", "cleared", "open"


@dataclass(frozen=True)
class Fresh:
    """Reviewed rows outside the golden set: m labels, and both models' answers without having
    seen them (the candidate's out of fold)."""

    labels: np.ndarray
    before: np.ndarray
    after: np.ndarray


def category_figures(
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


def asked_again(category: dict[str, Any], fresh: Fresh | None, policy: Policy) -> dict[str, Any]:
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


def _trips(net_loss: int, n: int, policy: Policy) -> bool:
    """The guard: a net loss of so many rows that is also more than that share of them."""
    return (
        net_loss >= policy.category_net_loss_rows and net_loss > policy.category_net_loss_share * n
    )
