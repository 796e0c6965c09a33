"""Which review rows of a new category become golden rows instead of training rows?

Without golden rows nobody can say whether the model has learned a new category; with most of its
rows held out it can't learn it. So at most a third is taken, and nothing at all where a third is
too few to measure with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from clients.near_copy import Task, fold_input
from retraining.curation.candidates import Candidate, CurationError

SHARE = 1 / 3
MINIMUM = 4


@dataclass(frozen=True)
class Holdout:
    """The ids to hold out, in log order, and in words why these or none."""

    ids: tuple[str, ...]
    reason: str


def golden_holdout(
    *,
    rows: Sequence[Candidate],
    seed: int,
    share: float = SHARE,
    minimum: int = MINIMUM,
) -> Holdout:
    """Draw the golden rows of one new category at random from its `review` rows.

    Pass rows whose labels passed the checks. Copies of one input count once, since one half of a
    pair in training would be a golden copy; near copies of the rows held out must be set aside by
    the caller (`clients.near_copy`). Errors: `CurationError` for rows of several categories or
    rows that are no review rows: only these are a fair sample.
    """
    if not 0 < share < 1 or minimum < 1:
        raise CurationError(f"share {share} must lie between 0 and 1, minimum {minimum} above 0")
    if not rows:
        return Holdout((), "no review rows")
    labels = sorted({row.label for row in rows})
    if len(labels) > 1:
        raise CurationError(f"rows of several categories: {', '.join(labels)}")
    if strangers := sorted({row.source for row in rows} - {"review"}):
        raise CurationError(f"only review rows may become golden, not {', '.join(strangers)}")
    distinct: dict[object, str] = {}
    for row in rows:
        task: Task = "text" if list(row.input) == ["text"] else "tabular"
        distinct.setdefault(fold_input(row.input, task), row.id)
    ids = list(distinct.values())
    # 15 * (1/3) must be 5 whatever the last binary digit says.
    take = floor(len(ids) * share + 1e-9)
    if take < minimum:
        return Holdout(
            (),
            f"{len(ids)} distinct review rows of {labels[0]}: a share of {share:.0%} is {take}, "
            f"fewer than the {minimum} that measure anything; all of them train",
        )
    drawn = np.random.default_rng(seed).choice(len(ids), size=take, replace=False)
    return Holdout(
        tuple(ids[i] for i in sorted(drawn)),
        f"{take} of {len(ids)} distinct review rows of {labels[0]} drawn at random",
    )
