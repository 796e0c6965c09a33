"""How far apart are two distributions? Bare distances; `drift` says whether chance explains them.

PSI and KL need a share in every bin, so they smooth: bins that are empty in both samples are left
out, and every other bin gets half a row in both samples. Without this one row in a new bin would
make them infinite.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.spatial.distance import jensenshannon

from retraining.stats.checks import count_pair, numbers
from retraining.stats.errors import BadSample

HALF_ROW = 0.5


def smoothed_shares(counts: NDArray[np.int64], used: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Shares over the last axis of the `used` bins, half a row added to each.

    >>> smoothed_shares(np.array([1, 0, 0]), np.array([True, True, False])).tolist()
    [0.75, 0.25]
    """
    padded = counts[..., used] + HALF_ROW
    shares: NDArray[np.float64] = padded / padded.sum(axis=-1, keepdims=True)
    return shares


def psi(*, reference: ArrayLike, current: ArrayLike) -> float:
    """By how much has the mix of bins moved? The population stability index.

    With smoothed shares r (reference) and c (current): sum of (c - r) ln(c / r), which is the KL
    divergence in both directions. 0 means the same mix; it has no upper bound. It grows when the
    samples shrink, so compare it only with `drift.psi_test`'s critical value, never with a rule
    of thumb alone.

    Shapes: two vectors of row counts over the same bins. Unit: nats. Errors: `BadSample` for no
    rows, different numbers of bins or entries that aren't counts. Source: Lewis (1994), An
    Introduction to Credit Scoring; Yurdakul and Naranjo (2020), J. Risk Model Validation 14(4).

    >>> round(psi(reference=[50, 50], current=[60, 40]), 4)
    0.0397
    >>> psi(reference=[50, 50, 0], current=[5, 5, 0])
    0.0
    """
    first, second = count_pair(reference, current)
    used = (first + second) > 0
    r, c = smoothed_shares(first, used), smoothed_shares(second, used)
    return float(np.sum((c - r) * np.log(c / r)))


def kl(*, reference: ArrayLike, current: ArrayLike) -> float:
    """How badly does the reference mix describe the current rows? KL(current || reference).

    Sum of c ln(c / r) over smoothed shares. Not symmetric. Shapes, errors as `psi`; unit: nats.
    Source: Kullback and Leibler (1951), Ann. Math. Stat. 22:79-86.

    >>> round(kl(reference=[50, 50], current=[60, 40]), 4)
    0.0197
    """
    first, second = count_pair(reference, current)
    used = (first + second) > 0
    return float(stats.entropy(smoothed_shares(second, used), smoothed_shares(first, used)))


def jensen_shannon(*, reference: ArrayLike, current: ArrayLike) -> float:
    """How far apart are two mixes, on a scale from 0 (same) to 1 (no bin in common)?

    The square root of the mean KL divergence of both mixes from their average, with logarithms of
    base 2; a metric that needs no smoothing. Shapes, errors as `psi`. Source: Endres and Schindelin
    (2003), IEEE Trans. Inf. Theory 49:1858-1860; computed by scipy.

    >>> jensen_shannon(reference=[10, 0], current=[0, 3])
    1.0
    """
    first, second = count_pair(reference, current)
    # Equal mixes may come out as the root of a rounding error below 0, which scipy shows as NaN.
    return float(np.nan_to_num(jensenshannon(first, second, base=2.0)))


def wasserstein(*, reference: ArrayLike, current: ArrayLike) -> float:
    """How far must the reference's values travel, on average, to become the current ones?

    The area between the two distribution functions. Shapes: two 1-D samples of numbers, not
    counts; NaN is left out. Unit: that of the values. Errors: `BadSample` for no numbers or an
    infinite one. Source: Vallender (1974), Theory Probab. Appl. 18:784-786; computed by scipy.

    >>> wasserstein(reference=[0.0, 1.0], current=[2.0, 3.0, float("nan")])
    2.0
    """
    first, second = number_pair(reference, current)
    return float(stats.wasserstein_distance(first, second))


def number_pair(
    reference: ArrayLike, current: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two samples of numbers without NaN, neither of them empty.

    >>> [sample.tolist() for sample in number_pair([1, float("nan")], [2])]
    [[1.0], [2.0]]
    """
    first, second = numbers("reference", reference), numbers("current", current)
    for name, sample in (("reference", first), ("current", second)):
        if not sample.size:
            raise BadSample(f"{name} has no numbers")
    return first, second
