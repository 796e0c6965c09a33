"""On how many rows do two models differ? What is known of a comparison before any label. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy import stats

from retraining.policy import Policy

# What labels are asked for: any row, or rows that either model takes for the target.
ALL, TARGET = "all", "target"


@dataclass(frozen=True)
class Apart:
    """The rows that a question is about, and on how many of them the two models differ.

    No label is needed to count them, and only among them can a row be fixed or broken.
    """

    n: int
    differ: int

    @property
    def share(self) -> float:
        return self.differ / self.n if self.n else 0.0


def differing(
    *, before: np.ndarray, after: np.ndarray, target: Collection[str]
) -> dict[str, Apart]:
    """On how many rows do the two differ: of all, and of those that either takes for the target?

    ``before`` and ``after`` are both models' answers to n rows. Nothing without rows. Of production
    these are the rows that `rows_to_ask` draws from, so their share says what a labelled one
    stands for.
    """
    found = {}
    apart = before != after
    if len(before):
        found[ALL] = Apart(len(before), int(apart.sum()))
    about = taken_for(before, after, target)
    if about.any():
        found[TARGET] = Apart(int(about.sum()), int((apart & about).sum()))
    return found


def taken_for(before: np.ndarray, after: np.ndarray, names: Collection[str]) -> np.ndarray:
    """Which rows does either model take for one of these categories?"""
    wanted = sorted(names)
    return np.isin(before.astype(str), wanted) | np.isin(after.astype(str), wanted)


def speaks_for(golden: Apart | None, month: Apart | None, policy: Policy) -> bool:
    """Do the golden rows cover what the candidate changes in production?

    Not where they change their answer less often than the month's rows do, beyond chance (Fisher's
    exact test, one-sided, at ``gate_alpha``): the change then lies where few golden rows are, and
    that they gain nothing says nothing of it. Without either count they are taken to cover it.
    """
    if golden is None or month is None or not golden.n or not month.n:
        return True
    table = [[g.differ, g.n - g.differ] for g in (golden, month)]
    fewer = float(stats.fisher_exact(table, alternative="less").pvalue)
    return fewer > policy.gate_alpha
