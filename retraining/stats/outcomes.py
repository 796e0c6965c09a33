"""What the predictions were good for: an outcome by predicted band, and its trend over months."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from retraining.stats.checks import fraction, numbers, whole
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate

# Resampled values held in memory at once.
CHUNK = 4_000_000


@dataclass(frozen=True)
class Bands:
    """A ratio for each band in the order of predicted risk.

    `ordered`: each band's ratio is above the one before. `broken`: pairs of neighbours (lower,
    higher band) whose ratios stand the wrong way round beyond chance.
    """

    ratios: dict[str, Estimate]
    ordered: bool
    broken: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Trend:
    """Change of a figure a month, with its interval, and whether chance explains it."""

    slope: float
    low: float
    high: float
    p_value: float
    n: int


def ratio_by_band(
    *,
    bands: Sequence[str],
    numerators: ArrayLike,
    denominators: ArrayLike | None = None,
    order: Sequence[str],
    draws: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Bands:
    """Does the outcome (losses per premium, sales per offer) rise from band to band as predicted?

    Ratio of a band: sum of numerators / sum of denominators over its rows; without denominators the
    mean. Rows of a band are drawn again `draws` times; interval: percentiles. A pair of neighbours
    is broken where the upper one's ratio lies below in all but a fraction (1 - confidence) of the
    draws. Assumes independent rows; a few huge outcomes (a flood) make a bootstrap interval too
    narrow. One row a band gives an interval of no width: look at n.

    Shapes: three vectors of one length; `order`: the bands from the lowest predicted to the highest;
    bands that don't occur are left out. Errors: `BadSample` for different lengths, a band that is not
    in `order`, missing numbers, or a band whose denominators don't sum to something positive.
    Source: ratio estimator, Cochran (1977), chapter 6; bootstrap, Efron and Tibshirani (1993).

    >>> found = ratio_by_band(bands=["low"] * 40 + ["high"] * 40, order=["low", "high"],
    ...                       numerators=[0, 0, 0, 40] * 10 + [0, 90] * 20, denominators=[100] * 80)
    >>> [round(found.ratios[name].estimate, 2) for name in ("low", "high")], found.ordered, found.broken
    ([0.1, 0.45], True, ())
    """
    tail = (1 - fraction("confidence", confidence)) / 2
    size, rng = whole("draws", draws, at_least=100), np.random.default_rng(seed)
    above = numbers("numerators", numerators, keep_missing=True)
    below = (
        np.ones(above.size)
        if denominators is None
        else numbers("denominators", denominators, keep_missing=True)
    )
    names = np.asarray(list(bands), dtype=object)
    if not names.size == above.size == below.size or not names.size:
        raise BadSample(f"{names.size} bands, {above.size} numerators, {below.size} denominators")
    if np.isnan(above).any() or np.isnan(below).any():
        raise BadSample("outcomes hold missing numbers")
    if unknown := set(names) - set(order):
        raise BadSample(f"bands without a place in the order: {sorted(map(str, unknown))}")
    ratios: dict[str, Estimate] = {}
    resampled: dict[str, NDArray[np.float64]] = {}
    for name in order:
        own = names == name
        if own.any():
            drawn = resampled[name] = _resample(name, above[own], below[own], size, rng)
            low, high = np.quantile(drawn, [tail, 1 - tail])
            estimate = float(above[own].sum() / below[own].sum())
            ratios[name] = Estimate(estimate, float(low), float(high), int(own.sum()))
    present = list(ratios)
    pairs = list(pairwise(present))
    return Bands(
        ratios=ratios,
        ordered=all(ratios[a].estimate < ratios[b].estimate for a, b in pairs),
        broken=tuple(
            (a, b) for a, b in pairs if np.mean(resampled[b] >= resampled[a]) <= 1 - confidence
        ),
    )


def trend_over_months(*, values: ArrayLike, confidence: float = 0.95) -> Trend:
    """Is a monthly figure rising or falling?

    Theil-Sen: the median of the slopes between all pairs of months, which one odd month can't
    turn; interval from the ranks of those slopes; p from Kendall's tau, exact for short series.
    Assumes months are independent around a straight line; a season is no trend, so compare whole
    years or the same season. With fewer than 5 months no series reaches p = 0.05.

    Shape: one vector, a value a month in order; NaN months are left out but keep their place. Unit:
    that of the values, a month. Errors: `BadSample` for fewer than 3 values or an infinite one.
    Source: Sen (1968), JASA 63:1379-1389; Kendall (1938); computed by scipy.

    >>> found = trend_over_months(values=[0.61, 0.62, 0.60, 0.65, 0.66, 0.69, 0.70])
    >>> round(found.slope, 4), found.low > 0, round(found.p_value, 3)
    (0.016, True, 0.011)
    """
    series = numbers("values", values, keep_missing=True)
    known = ~np.isnan(series)
    if known.sum() < 3:
        raise BadSample("a trend needs at least 3 months")
    y, x = series[known], np.flatnonzero(known)
    found = stats.theilslopes(y, x, alpha=fraction("confidence", confidence))
    # A constant series has no ranks to correlate: nothing speaks for a trend.
    p = 1.0 if np.ptp(y) == 0 else float(stats.kendalltau(x, y).pvalue)
    return Trend(
        float(found.slope), float(found.low_slope), float(found.high_slope), p, int(y.size)
    )


def _resample(
    name: str,
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    draws: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    if below.sum() <= 0 or (below < 0).any():
        raise BadSample(f"the denominators of band {name!r} must be 0 or more, and not all 0")
    found = []
    step = max(1, CHUNK // above.size)
    for first in range(0, draws, step):
        picks = rng.integers(above.size, size=(min(step, draws - first), above.size))
        under = below[picks].sum(axis=1)
        # A resample of rows that all have denominator 0 has no ratio; it says nothing.
        usable = under > 0
        found.append(above[picks].sum(axis=1)[usable] / under[usable])
    return np.concatenate(found)
