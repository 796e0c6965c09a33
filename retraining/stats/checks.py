"""Argument checks shared by the statistics; each returns the clean value or raises `BadSample`."""

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retraining.stats.errors import BadSample

# numpy's hypergeometric sampler refuses populations of this size and more.
MAX_POPULATION = 10**9


def whole(name: str, value: Any, *, at_least: int = 0) -> int:
    """A whole number of at least `at_least`; 3.0 is not one, numpy's integers are."""
    try:
        number = operator.index(value)
    except TypeError:
        raise BadSample(f"{name} must be a whole number, not {value!r}") from None
    if number < at_least:
        raise BadSample(f"{name} must be at least {at_least}, not {number}")
    return number


def successes_of(successes: Any, n: Any) -> tuple[int, int]:
    """(successes, n) with n > 0 and 0 <= successes <= n."""
    total = whole("n", n, at_least=1)
    hits = whole("successes", successes)
    if hits > total:
        raise BadSample(f"successes ({hits}) can't exceed n ({total})")
    return hits, total


def fraction(name: str, value: float) -> float:
    """A number strictly between 0 and 1: a confidence, alpha or power."""
    if not 0.0 < value < 1.0:
        raise BadSample(f"{name} must lie strictly between 0 and 1, not {value!r}")
    return float(value)


def count_vector(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """A 1-D vector of whole numbers >= 0."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise BadSample(f"{name} must be one-dimensional, not of shape {array.shape}")
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind not in "iufb" or not np.all(np.isfinite(array)):
        raise BadSample(f"{name} must be counts, without missing or infinite entries")
    whole_numbers = array.astype(np.int64)
    if np.any(whole_numbers != array) or np.any(whole_numbers < 0):
        raise BadSample(f"{name} must be whole numbers of 0 or more")
    return whole_numbers


def count_pair(
    reference: ArrayLike, current: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two count vectors over the same bins, each with at least one row."""
    first, second = count_vector("reference", reference), count_vector("current", current)
    if first.shape != second.shape:
        raise BadSample(f"reference has {first.size} bins, current {second.size}")
    for name, counts in (("reference", first), ("current", second)):
        if not counts.sum():
            raise BadSample(f"{name} has no rows")
    return first, second


def numbers(name: str, values: ArrayLike, *, keep_missing: bool = False) -> NDArray[np.float64]:
    """A 1-D float vector; NaN is left out unless `keep_missing`; infinity is refused."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadSample(f"{name} must be numbers") from None
    if array.ndim != 1:
        raise BadSample(f"{name} must be one-dimensional, not of shape {array.shape}")
    if np.any(np.isinf(array)):
        raise BadSample(f"{name} holds an infinite value")
    return array if keep_missing else array[~np.isnan(array)]
