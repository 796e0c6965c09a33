"""Which unlabelled rows would decide what the gate left open? Pure.

Only a row that one model gets right and the other wrong can decide a paired test, so rows on which
they disagree come first. Within that they are drawn at random: a choice by confidence would be a
choice by model.
"""

from collections.abc import Collection, Mapping

import numpy as np

from retraining.apart import ALL, TARGET, taken_for
from retraining.gate import LOST


def rows_to_ask(
    *,
    asks: Mapping[str, int],
    before: np.ndarray,
    after: np.ndarray,
    target: Collection[str],
    left: np.ndarray,
    seed: int,
) -> dict[str, list[int]]:
    """Positions of the rows to label, by question (`gate.Gated.asks`); a row stands in one list.

    ``before`` and ``after`` are both models' answers, ``left`` marks rows that may still be asked.
    For the target and for a category in doubt: rows that either of them takes for it. A category
    in doubt takes rows on which they agree too, once there are no others: that nothing changed
    there is an answer.
    """
    rng = np.random.default_rng(seed)
    apart = before != after
    free = np.asarray(left, dtype=bool).copy()
    found: dict[str, list[int]] = {}
    # The narrow questions first: their rows are few.
    for question in sorted(asks, key=lambda name: (not name.startswith(LOST), name != TARGET)):
        names = sorted(target) if question == TARGET else [question.removeprefix(LOST)]
        about = np.ones(len(before), dtype=bool)
        if question != ALL:
            about = taken_for(before, after, names)
        order = rng.permutation(len(before))
        picked = [int(i) for i in order if free[i] and about[i] and apart[i]]
        if question.startswith(LOST):
            picked += [int(i) for i in order if free[i] and about[i] and not apart[i]]
        found[question] = picked[: asks[question]]
        free[found[question]] = False
    return found


def shuffled(chosen: Mapping[str, list[int]], *, seed: int) -> list[int]:
    """All chosen rows in an order that gives nothing away: not the question, not the model."""
    rows = sorted({row for part in chosen.values() for row in part})
    return [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
