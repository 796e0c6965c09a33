"""Which conversion of units turns one set of numbers into the likes of another?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

# seen = factor * true + offset. Conversions that feeds really change between: thousands and cents,
# seconds, hours, days, weeks, months and years, kilometres and miles, feet, inches, pounds, knots.
# Neighbours (3.28 and 3.6, 10 and 12) were told apart in three of four simulated months of 380 rows
# of wind: the field and the day are sure, the factor is a proposal for who mends the feed.
TIMES = (86400.0, 3600.0, 365.25, 60.0, 30.4375, 24.0, 12.0, 7.0)
SIZES = (1e6, 1000.0, 100.0, 25.4, 10.0, 4.184, 3.6, 3.28084, 2.54, 2.20462, 1.94384, 1.609344)
FACTORS = TIMES + SIZES
CONVERSIONS: tuple[tuple[float, float], ...] = (
    (1.8, 32.0),  # Celsius to Fahrenheit
    (1 / 1.8, -32 / 1.8),
    (1.0, 273.15),  # Celsius to kelvin
    (1.0, -273.15),
    (-1.0, 0.0),  # debits for credits
    *((factor, 0.0) for factor in FACTORS),
    *((1 / factor, 0.0) for factor in FACTORS),
)
# Rows needed on either side of the day before their distributions are compared.
SIDE = 15
ROWS_A_DAY = 4
# Kolmogorov-Smirnov distance: two distributions that hardly overlap. Seasons move less in weeks.
FAR = 0.6
# The conversion must take away most of the distance, not merely some of it ...
LEFT_OVER = 0.5
# ... and give back about the old spread: a cold month read as Fahrenheit has the level of a warm
# one, but nearly twice its spread.
SPREAD_OFF = float(np.log(1.5))


@dataclass(frozen=True)
class Conversion:
    """seen = factor * true + offset, the distance without undoing it, and what is left after."""

    factor: float
    offset: float
    distance: float
    left: float


def undo(values: np.ndarray, factor: float, offset: float) -> np.ndarray:
    """True values of seen ones.

    >>> undo(np.array([32.0, 212.0]), 1.8, 32.0).tolist()
    [0.0, 100.0]
    """
    return (values - offset) / factor


def best_conversion(
    before: np.ndarray,
    after: np.ndarray,
    measure: Callable[[np.ndarray], np.ndarray] = lambda values: values,
    *,
    narrower: bool = False,
) -> Conversion | None:
    """The conversion whose undoing brings ``after`` nearest to ``before``; None where none does.

    ``before`` and the values of ``measure(undone)`` are on one scale: the field's own, or its
    distance from what the other fields foretell. None too where the two are not ``FAR`` apart. With
    ``narrower`` less spread than before is no misfit: so are distances out of fold and in it.

    >>> rng = np.random.default_rng(0)
    >>> found = best_conversion(rng.normal(15, 4, 200), rng.normal(15, 4, 200) * 1.8 + 32)
    >>> found.factor, found.offset, round(found.distance, 1)
    (1.8, 32.0, 1.0)
    """
    far = distance(before, measure(after))
    if far < FAR:
        return None
    best = min(CONVERSIONS, key=lambda pair: misfit(before, measure(undo(after, *pair)), narrower))
    undone = measure(undo(after, *best))
    left = distance(before, undone)
    if left > LEFT_OVER * far or spread_off(before, undone, narrower) > SPREAD_OFF:
        return None
    return Conversion(*best, distance=far, left=left)


def distance(before: np.ndarray, after: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance, 0 to 1."""
    return float(stats.ks_2samp(before, after, method="asymp").statistic)


def misfit(before: np.ndarray, undone: np.ndarray, narrower: bool = False) -> float:
    """Distance, and how far the spread is off: a wrong factor can hit the level by luck."""
    return distance(before, undone) + spread_off(before, undone, narrower)


def spread_off(before: np.ndarray, undone: np.ndarray, narrower: bool = False) -> float:
    """The log of how many times wider or narrower the values are, between their outer tenths.

    0 for narrower ones where that is no misfit.
    """
    spreads = [float(np.subtract(*np.percentile(values, (90, 10)))) for values in (before, undone)]
    if min(spreads) <= 0:
        return 0.0
    times = float(np.log(spreads[1] / spreads[0]))
    return max(0.0, times) if narrower else abs(times)


def chance(before: int, after: int, days: int, far: float, tests: int) -> float:
    """Two-sample Kolmogorov-Smirnov as if each day after the change were ROWS_A_DAY rows at most.

    Rows of one day resemble each other (weather), so they are not all evidence of their own.
    Bonferroni over ``tests`` and the conversions.
    """
    effective = min(after, ROWS_A_DAY * days)
    n = before * effective / (before + effective)
    return min(1.0, float(stats.kstwobign.sf(np.sqrt(n) * far)) * tests * len(CONVERSIONS))
