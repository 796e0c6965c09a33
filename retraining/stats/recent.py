"""Is one model better than another on rows like the newest ones? Paired, newer rows count more."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from retraining.stats.checks import fraction
from retraining.stats.errors import BadSample

DRAWS = 9999


@dataclass(frozen=True)
class RecentGain:
    """A weighted difference of two rates (a fraction), its interval, and the chance of so much."""

    delta: float
    low: float
    high: float
    p_value: float


def recent_gain(
    *,
    before: ArrayLike,
    after: ArrayLike,
    age: ArrayLike,
    half_life: float,
    confidence: float = 0.95,
    seed: int = 0,
) -> RecentGain:
    """What is the gain of `after` over `before` on rows as they come now?

    Both are right-or-wrong answers to the same n rows; a row of age a (days) weighs
    2^(-a / half_life), so that the month just past says most of the month to come, and an infinite
    half-life weighs all alike. Delta: the weighted mean of after - before. p: one-sided, each
    changed row was as likely fixed as broken (signs drawn anew, 9999 times, the observed one
    counted). Interval: percentile bootstrap of rows. Assumes independent rows.

    Shapes: three vectors of n. Units: fractions, days. Errors: `BadSample` for no rows, vectors
    that differ in length, a negative age or a half-life that is not positive. Source: Fisher
    (1935), The Design of Experiments, ch. 3, for the drawn signs; Efron and Tibshirani (1993),
    ch. 13, for the interval.

    >>> old = [0] * 12 + [1] * 88
    >>> new = [1] * 9 + [0] * 3 + [1] * 85 + [0] * 3
    >>> found = recent_gain(before=old, after=new, age=[10] * 100, half_life=30)
    >>> round(found.delta, 3), found.p_value < 0.11, found.low < 0.06 < found.high
    (0.06, True, True)
    """
    old, new = np.asarray(before, dtype=bool), np.asarray(after, dtype=bool)
    days, level = np.asarray(age, dtype=float), fraction("confidence", confidence)
    if not old.ndim == 1 == new.ndim == days.ndim or not len(old) == len(new) == len(days) > 0:
        raise BadSample("before, after and age are three vectors of one length, with rows")
    if (days < 0).any() or not half_life > 0:
        raise BadSample("an age is not negative, and a half-life is positive")
    weights = 0.5 ** (days / half_life)
    step = new.astype(float) - old.astype(float)
    total = float(weights.sum())
    delta = float(weights @ step) / total
    rng = np.random.default_rng(seed)
    changed = np.abs(weights * step)[step != 0]
    drawn = rng.choice([-1.0, 1.0], size=(DRAWS, len(changed))) @ changed / total
    p_value = (1 + int((drawn >= delta - 1e-12).sum())) / (DRAWS + 1)
    often = rng.multinomial(len(step), np.full(len(step), 1 / len(step)), size=2000)
    deltas = (often @ (weights * step)) / (often @ weights)
    low, high = np.quantile(deltas, [(1 - level) / 2, (1 + level) / 2])
    return RecentGain(delta, float(low), float(high), float(p_value))
