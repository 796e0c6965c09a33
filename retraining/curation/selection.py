"""Which of the new rows are worth training on?

Copies go first, then up to `high` rows are drawn one after another: a fair share of them (every
fourth text, every second tabular row) are review rows drawn at random, so that the training set
doesn't drift towards what went wrong; the others are those that weigh most (weak and new
categories, failures) and resemble what is already chosen least, so that forty wordings of one
complaint don't fill the month. Among tabular rows newer ones go before older ones in both.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
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
FAIR_SHARE: Mapping[Task, float] = {"text": 0.25, "tabular": 0.5}
# A text that the model got wrong teaches more than one it got right. Where classes are steps of an
# amount, failures lie at the borders and gather the wrong labels: 200 rows with failures first
# cost the bike model 4 points, the same number without that preference gained 2.
FAILURE_WEIGHT: Mapping[Task, float] = {"text": 2.0, "tabular": 1.0}
# Days after which a row counts half. Amounts follow the season: what they were before is in the
# training set already. What people ask for keeps its meaning, and older texts are as good as new.
HALF_LIFE: Mapping[Task, float] = {"text": inf, "tabular": 20.0}
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
    fair_share: float | None = None,
    half_life: float | None = None,
    already: Mapping[str, str] | None = None,
    existing: Iterable[tuple[Mapping[str, Any], str]] = (),
) -> Selection:
    """Choose at most `high` rows; a category absent from `weights` weighs 1.

    Give weak and new categories weights above 1. `fair_share` and `half_life` (days before the
    newest candidate) are FAIR_SHARE and HALF_LIFE of the rows' task unless given. `already` holds
    ids set aside before, with their reasons (golden copies, suspect labels, transient days);
    `existing` the training rows' inputs and labels: the same input with the same label is a
    duplicate, with another it is a correction.
    Errors: `CurationError` for limits, weights, ids or reasons that make no sense.
    """
    set_aside = dict(already or {})
    task = _task(candidates)
    fair_share = FAIR_SHARE[task] if fair_share is None else fair_share
    half_life = HALF_LIFE[task] if half_life is None else half_life
    _refuse(candidates, weights, low, high, fair_share, set_aside)
    if not half_life > 0:
        raise CurationError(f"a half-life of {half_life} days is none")
    open_rows = [c for c in candidates if c.id not in set_aside]
    clean = _without_duplicates(open_rows, existing, set_aside)
    if clean:
        frame = pd.DataFrame([dict(c.input) for c in clean])
        worth = _worth(clean, weights, FAILURE_WEIGHT[task], half_life)
        order, crowded = _draw(clean, vectors(frame), worth, high, fair_share, seed)
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
    worth: tuple[Array, Array],
    high: int,
    fair_share: float,
    seed: int,
) -> tuple[list[int], list[int]]:
    """Positions in the order drawn, and those left out because enough alike rows are in."""
    rng = np.random.default_rng(seed)
    value, newness = worth
    # Ties are broken by lot, not by the order of the log.
    value = value * (1.0 + 1e-6 * rng.random(len(rows)))
    # Drawn without return, each with a chance in proportion to its newness (Efraimidis, Spirakis).
    lots = np.log(rng.random(len(rows))) / newness
    fair = [int(i) for i in np.argsort(-lots) if rows[i].source == "review"]
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
            pick = int(np.argmax(np.where(free, value * (1.0 - closest), -1.0)))
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


def _worth(
    rows: Sequence[Candidate], weights: Mapping[str, float], failed: float, half_life: float
) -> tuple[Array, Array]:
    """What each row is worth before its likeness to others counts, and its newness alone (0 to 1)."""
    newest = max(row.day for row in rows)
    age = np.array([(newest - row.day).days for row in rows], dtype=float)
    # Never quite nothing: rows of years ago are still drawn where there are no others.
    newness = np.maximum(0.5 ** (age / half_life), 1e-6)
    value = [weights.get(c.label, 1.0) * (failed if c.failed else 1.0) for c in rows]
    return np.array(value) * newness, newness


def _task(rows: Sequence[Candidate]) -> Task:
    return "text" if rows and list(rows[0].input) == ["text"] else "tabular"


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
