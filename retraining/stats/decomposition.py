"""Why did the rate move: other rows, or the same rows answered worse?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retraining.stats.checks import fraction, successes_of, whole
from retraining.stats.errors import BadSample


@dataclass(frozen=True)
class Part:
    """Its share of the change, in fractions (-0.03 is three points down), with the interval."""

    delta: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Plain floats, ready for JSON."""
        return {"delta": self.delta, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Decomposition:
    """total = mix + within, exactly; `by_group` are the groups' parts (mix, within) of both."""

    total: Part
    mix: Part
    within: Part
    by_group: Mapping[str, tuple[float, float]]
    n_before: int
    n_after: int


def decompose_change(
    *,
    before: Mapping[str, tuple[int, int]],
    after: Mapping[str, tuple[int, int]],
    draws: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Decomposition:
    """How much of an accuracy change comes from another mix of categories, and how much from within?

    With share q and rate r of each group before (0) and after (1): mix = sum (q1 - q0)(r0 + r1)/2,
    within = sum (r1 - r0)(q0 + q1)/2, which add up to r1 - r0 overall without a rest. A group that
    is absent on one side has no rate there and takes that of the other side: that it came or went
    is all mix (a new category that is answered wrongly moves the mix, and the mix moves accuracy).
    `by_group` weighs the mix against the mean overall rate, (q1 - q0)((r0 + r1)/2 - R): growing
    groups that are answered worse than the rest show below 0, and the sum is the same.

    Interval: percentiles of `draws` resamples, each side one multinomial draw over its groups'
    right and wrong rows. Assumes independent rows. With a handful of rows a group both parts'
    intervals are wide, and rightly so.

    Shapes: group -> (right, n) on both sides. Units: fractions. Errors: `BadSample` for counts out
    of range or a side without rows. Source: Kitagawa (1955), JASA 50:1168-1194.

    >>> change = decompose_change(before={"card": (90, 100), "loan": (60, 100)},
    ...                           after={"card": (45, 50), "loan": (90, 150)})
    >>> round(change.total.delta, 4), round(change.mix.delta, 4), round(change.within.delta, 4)
    (-0.075, -0.075, 0.0)
    >>> change.mix.high < 0 < change.within.high
    True
    """
    tail = (1 - fraction("confidence", confidence)) / 2
    names = sorted({*before, *after})
    cells = [_cells(side, names) for side in (before, after)]
    size = whole("draws", draws, at_least=100)
    rng = np.random.default_rng(seed)
    mix, within = (part[0] for part in _parts(cells[0][None], cells[1][None]))
    drawn = [
        rng.multinomial(c.sum(), c.ravel() / c.sum(), size=size).reshape(size, -1, 2) for c in cells
    ]
    mixes, withins = (part.sum(axis=1) for part in _parts(drawn[0], drawn[1]))

    def part(delta: float, values: NDArray[np.float64]) -> Part:
        low, high = np.quantile(values, [tail, 1 - tail])
        return Part(float(delta), float(low), float(high))

    return Decomposition(
        total=part(mix.sum() + within.sum(), mixes + withins),
        mix=part(mix.sum(), mixes),
        within=part(within.sum(), withins),
        by_group={
            name: (float(m), float(w)) for name, m, w in zip(names, mix, within, strict=True)
        },
        n_before=int(cells[0].sum()),
        n_after=int(cells[1].sum()),
    )


def _cells(side: Mapping[str, tuple[int, int]], names: list[str]) -> NDArray[np.int64]:
    """(groups, 2): right and wrong rows."""
    rows = []
    for name in names:
        right, n = side.get(name, (0, 0))
        if (right, n) != (0, 0):
            successes_of(right, n)
        rows.append((right, n - right))
    cells = np.array(rows, dtype=np.int64).reshape(-1, 2)
    if not cells.sum():
        raise BadSample("both sides need rows")
    return cells


def _parts(
    before: NDArray[np.int64], after: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(draws, groups) of mix and within, from (draws, groups, 2) counts."""
    n0, n1 = before.sum(axis=2), after.sum(axis=2)
    q0, q1 = n0 / n0.sum(axis=1, keepdims=True), n1 / n1.sum(axis=1, keepdims=True)
    r0, r1 = before[..., 0] / np.maximum(n0, 1), after[..., 0] / np.maximum(n1, 1)
    r0, r1 = np.where(n0 > 0, r0, r1), np.where(n1 > 0, r1, r0)
    overall = ((q0 * r0).sum(axis=1, keepdims=True) + (q1 * r1).sum(axis=1, keepdims=True)) / 2
    return (q1 - q0) * ((r0 + r1) / 2 - overall), (r1 - r0) * (q0 + q1) / 2
