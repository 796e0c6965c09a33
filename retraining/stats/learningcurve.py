"""What would more rows be worth? Read off how the model grew with the rows that it has."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retraining.stats.checks import count_vector, fraction, whole
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate

# How fast errors fall with rows: between hardly and faster than any learner here.
EXPONENTS = np.linspace(0.1, 2.0, 39)


@dataclass(frozen=True)
class LearningCurve:
    """error(n) = floor + scale n^-exponent, and the draws that say how sure that is."""

    floor: float
    scale: float
    exponent: float
    n: int
    confidence: float
    draws: NDArray[np.float64]
    """(draws, 3) of floor, scale and exponent, refitted to the points drawn again."""

    def error(self, rows: int) -> float:
        """The share of wrong answers with that many training rows.

        >>> curve = LearningCurve(0.1, 2.0, 0.5, 400, 0.95, np.zeros((1, 3)))
        >>> round(curve.error(400), 4)
        0.2
        """
        return float(self.floor + self.scale * rows**-self.exponent)

    def gain(self, more: int) -> Estimate:
        """By how much would accuracy rise with so many more rows like these? Fraction, interval, n.

        `n` is the number of training rows that the curve was read off from. Errors: `BadSample` for
        a negative number of rows.

        >>> curve = learning_curve(rows=[50, 100, 200, 400], correct=[600, 717, 800, 859],
        ...                        totals=[1000] * 4)
        >>> gain = curve.gain(400)
        >>> round(gain.estimate, 3), gain.low < gain.estimate < gain.high, gain.n
        (0.041, True, 400)
        """
        extra = whole("more", more)
        tail = (1 - self.confidence) / 2
        scales, exponents = self.draws[:, 1], self.draws[:, 2]
        gains = scales * (float(self.n) ** -exponents - float(self.n + extra) ** -exponents)
        low, high = np.quantile(gains, [tail, 1 - tail])
        best = self.error(self.n) - self.error(self.n + extra)
        return Estimate(best, min(float(low), best), max(float(high), best), self.n)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON, without the draws."""
        return {
            "floor": self.floor,
            "scale": self.scale,
            "exponent": self.exponent,
            "n": self.n,
        }


def learning_curve(
    *,
    rows: ArrayLike,
    correct: ArrayLike,
    totals: ArrayLike,
    draws: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> LearningCurve:
    """How does accuracy grow with training rows, and so what would more of them be worth?

    Trained on subsets of n_i rows and scored on rows that those didn't see, `correct` of `totals`.
    Inverse power law error(n) = a + b n^-c with a, b >= 0 and c from 0.1 to 2: for each c of a grid
    weighted least squares in a and b (weights: the binomial variances), the best c wins. Interval:
    the points are drawn again from their binomials and refitted. Assumes that more rows resemble
    these ones and that each point's rows were scored independently: points scored on the same rows
    err together, which makes the interval of a gain too wide rather than too narrow.

    Shapes: three vectors, one entry a subset, at least 3 different sizes. Units: rows; gains are
    fractions. Errors: `BadSample` for fewer sizes, counts out of range or points without rows.
    Source: Cortes et al. (1994), NeurIPS 6:327-334; Viering and Loog (2023), IEEE TPAMI 45:7799.

    >>> curve = learning_curve(rows=[100, 200, 400], correct=[700, 788, 850], totals=[1000] * 3)
    >>> round(curve.error(400), 2), round(curve.error(800), 2)
    (0.15, 0.11)
    """
    sizes = count_vector("rows", rows)
    hits, n = count_vector("correct", correct), count_vector("totals", totals)
    if not sizes.size == hits.size == n.size:
        raise BadSample("rows, correct and totals differ in length")
    if np.unique(sizes).size < 3:
        raise BadSample("a curve needs at least 3 different sizes")
    if (sizes < 1).any() or (n < 1).any() or (hits > n).any():
        raise BadSample("each point needs training rows, scored rows and no more right than scored")
    level, times = fraction("confidence", confidence), whole("draws", draws, at_least=100)
    # Half a row of each kind keeps a perfect point's weight finite and its resamples alive.
    errors = (n - hits + 0.5) / (n + 1)
    weights = n / (errors * (1 - errors))
    again = np.random.default_rng(seed).binomial(n, errors, size=(times, n.size)) / n
    best = _fit(sizes, (1 - hits / n)[None, :], weights)[0]
    return LearningCurve(
        floor=float(best[0]),
        scale=float(best[1]),
        exponent=float(best[2]),
        n=int(sizes.max()),
        confidence=level,
        draws=_fit(sizes, again, weights),
    )


def _fit(
    sizes: NDArray[np.int64], errors: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(draws, 3) of a, b, c for (draws, points) of errors; a, b >= 0 by trying the borders."""
    y, w = errors, weights / weights.sum()
    mean_y = y @ w
    found = np.zeros((y.shape[0], 3))
    lowest = np.full(y.shape[0], np.inf)
    for c in EXPONENTS:
        x = sizes.astype(np.float64) ** -c
        centred = x - x @ w
        b = (y * w) @ centred / ((centred**2) @ w)
        a = mean_y - b * (x @ w)
        through_zero = (y * w) @ x / ((x**2) @ w)
        a, b = np.where(a < 0, 0.0, a), np.where(a < 0, through_zero, b)
        a, b = np.where(b < 0, mean_y, a), np.where(b < 0, 0.0, b)
        loss = ((y - a[:, None] - b[:, None] * x) ** 2) @ w
        better = loss < lowest - 1e-15
        lowest = np.where(better, loss, lowest)
        found[better] = np.column_stack([a, b, np.full(a.size, c)])[better]
    return found
