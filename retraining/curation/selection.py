"""Which of the new rows are worth training on?

Copies go first, then up to `high` rows are drawn one after another: every fourth (the fair share)
is a review row drawn at random, so that the training set doesn't drift towards what went wrong;
the others are those that weigh most (weak and new categories, failures) and resemble what is
already chosen least, so that forty wordings of one complaint don't fill the month.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clients.near_copy import Task, fold_input
from retraining.curation.candidates import (
    DUPLICATE,
    OVER_LIMIT,
    REASONS,
    Candidate,
    CurationError,
)
from retraining.curation.neighbours import closeness_to, vectors

Array = NDArray[np.float64]

# The volume the trade quotes for one cycle: below it a retrain rarely moves anything, above it
# a person can't look through the queue.
LOW, HIGH = 50, 200
FAIR_SHARE = 0.25
# A row that the model got wrong teaches more than one it got right.
FAILURE_WEIGHT = 2.0
# Texts this alike (TF-IDF cosine) say one thing: this many of them are enough.
ALIKE, ALIKE_ROWS = 0.8, 3
# Whose label stands where copies of one input carry different ones equally often.
TRUST = ("review", "staff", "targeted", "override")


@dataclass(frozen=True)
class Selection:
    """The chosen ids in the order drawn, and every other id with its reason.

    `short` says that fewer than `low` clean rows existed; `note` says so in words.
    """

    chosen: tuple[str, ...]
    set_aside: dict[str, str]
    short: bool
    note: str


def select(
    *,
    candidates: Sequence[Candidate],
    weights: Mapping[str, float],
    seed: int,
    low: int = LOW,
    high: int = HIGH,
    fair_share: float = FAIR_SHARE,
    already: Mapping[str, str] | None = None,
    existing: Iterable[tuple[Mapping[str, Any], str]] = (),
) -> Selection:
    """Choose at most `high` rows; a category absent from `weights` weighs 1.

    Give weak and new categories weights above 1. `already` holds ids set aside before, with their
    reasons (golden copies, suspect labels, transient days); `existing` the training rows' inputs
    and labels: the same input with the same label is a duplicate, with another it is a correction.
    Errors: `CurationError` for limits, weights, ids or reasons that make no sense.
    """
    set_aside = dict(already or {})
    _refuse(candidates, weights, low, high, fair_share, set_aside)
    open_rows = [c for c in candidates if c.id not in set_aside]
    clean = _without_duplicates(open_rows, existing, set_aside)
    if clean:
        frame = pd.DataFrame([dict(c.input) for c in clean])
        order, crowded = _draw(clean, vectors(frame), weights, high, fair_share, seed)
        # More of the same is a duplicate in all but its letters.
        set_aside |= {clean[i].id: DUPLICATE for i in crowded}
        chosen = tuple(clean[i].id for i in order)
        set_aside |= {c.id: OVER_LIMIT for c in clean if c.id not in {*chosen, *set_aside}}
    else:
        chosen = ()
    short = len(chosen) < low
    note = f"{len(chosen)} of {len(candidates)} rows chosen"
    if short:
        note += f": all the clean rows there are, fewer than the {low} that a cycle aims at"
    return Selection(chosen, set_aside, short, note)


def _draw(
    rows: Sequence[Candidate],
    space: Any,
    weights: Mapping[str, float],
    high: int,
    fair_share: float,
    seed: int,
) -> tuple[list[int], list[int]]:
    """Positions in the order drawn, and those left out because enough alike rows are in."""
    rng = np.random.default_rng(seed)
    worth = np.array(
        [weights.get(c.label, 1.0) * (FAILURE_WEIGHT if c.failed else 1.0) for c in rows]
    )
    # Ties are broken by lot, not by the order of the log.
    worth = worth * (1.0 + 1e-6 * rng.random(len(rows)))
    reviews = [i for i, c in enumerate(rows) if c.source == "review"]
    fair = [int(i) for i in rng.permutation(reviews)] if reviews else []
    is_text = not isinstance(space, np.ndarray)
    closest = np.zeros(len(rows))
    alike = np.zeros(len(rows), dtype=int)
    free = np.ones(len(rows), dtype=bool)
    order: list[int] = []
    crowded: list[int] = []
    drawn_fair = 0
    while len(order) < high and free.any():
        while fair and not free[fair[0]]:
            fair.pop(0)
        if fair and drawn_fair < fair_share * (len(order) + 1):
            pick = fair.pop(0)
            drawn_fair += 1
        else:
            pick = int(np.argmax(np.where(free, worth * (1.0 - closest), -1.0)))
        order.append(pick)
        free[pick] = False
        near = closeness_to(space, pick)
        closest = np.maximum(closest, np.clip(near, 0.0, 1.0))
        if is_text:
            same = np.array([c.label == rows[pick].label for c in rows])
            alike += (near >= ALIKE) & same
            full = free & (alike >= ALIKE_ROWS)
            crowded += np.flatnonzero(full).tolist()
            free &= ~full
    return order, crowded


def _without_duplicates(
    rows: Sequence[Candidate],
    existing: Iterable[tuple[Mapping[str, Any], str]],
    set_aside: dict[str, str],
) -> list[Candidate]:
    """One row per input, in the order given; the others enter `set_aside`."""
    known = {(_fold(features), label) for features, label in existing}
    groups: dict[Hashable, list[Candidate]] = defaultdict(list)
    for row in rows:
        key = _fold(row.input)
        if (key, row.label) in known:
            set_aside[row.id] = DUPLICATE
        else:
            groups[key].append(row)
    kept: set[str] = set()
    for group in groups.values():
        votes = Counter(row.label for row in group)
        best = min(group, key=lambda r: (-votes[r.label], TRUST.index(r.source), r.id))
        kept.add(best.id)
        set_aside |= {row.id: DUPLICATE for row in group if row is not best}
    return [row for row in rows if row.id in kept]


def _fold(features: Mapping[str, Any]) -> Hashable:
    task: Task = "text" if list(features) == ["text"] else "tabular"
    return fold_input(features, task)


def _refuse(
    candidates: Sequence[Candidate],
    weights: Mapping[str, float],
    low: int,
    high: int,
    fair_share: float,
    set_aside: Mapping[str, str],
) -> None:
    if not 0 <= low <= high or high == 0:
        raise CurationError(f"limits {low} to {high} are no range")
    if not 0 <= fair_share <= 1:
        raise CurationError(f"fair share {fair_share} is not between 0 and 1")
    if any(not np.isfinite(w) or w <= 0 for w in weights.values()):
        raise CurationError("weights of categories must be finite and above 0")
    if unknown := sorted(set(set_aside.values()) - set(REASONS)):
        raise CurationError(f"unknown reasons {unknown}")
    if len({c.id for c in candidates}) < len(candidates):
        raise CurationError("an id stands twice among the candidates")
