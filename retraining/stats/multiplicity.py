"""Many looks at once: p-values adjusted so that one alpha holds for the whole family."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from retraining.stats.errors import BadSample


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Which findings stand if even one false finding among all looks is too many?

    Holm's step-down: the k-th smallest of m p-values is multiplied by (m - k + 1), made
    non-decreasing and capped at 1. Controls the chance of any false finding, whatever the
    dependence between looks. Shape: 1-D in, the same shape and order out; no looks give an empty
    array. Errors: `BadSample` for a value outside [0, 1] or NaN. Source: Holm (1979), Scand. J.
    Stat. 6:65-70.

    >>> [round(p, 4) for p in holm([0.01, 0.04, 0.03]).tolist()]
    [0.03, 0.06, 0.06]
    """
    values = _checked(p_values)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def benjamini_hochberg(p_values: ArrayLike) -> NDArray[np.float64]:
    """Which findings to look into, if a known share of false ones among them is bearable?

    The k-th smallest of m p-values is multiplied by m / k and made non-decreasing. Controls the
    expected share of false findings for independent or positively dependent looks. Shape, errors:
    as `holm`. Source: Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57:289-300; by scipy.

    >>> [round(p, 4) for p in benjamini_hochberg([0.01, 0.04, 0.03]).tolist()]
    [0.03, 0.04, 0.04]
    """
    values = _checked(p_values)
    if not values.size:
        return values
    return np.asarray(stats.false_discovery_control(values, method="bh"), dtype=np.float64)


def _checked(p_values: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(p_values, dtype=np.float64)
    if values.ndim != 1:
        raise BadSample(f"p_values must be one-dimensional, not of shape {values.shape}")
    if not np.all((values >= 0) & (values <= 1)):
        raise BadSample("p_values must lie between 0 and 1")
    return values
