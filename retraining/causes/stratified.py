"""Has something become more frequent, like compared with like?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Rise:
    """Rates now less rates before, each stratum weighted as it is now; p of no rise anywhere."""

    delta: float
    p_value: float
    n_now: int
    n_before: int

    def as_dict(self) -> dict[str, float | int]:
        """Plain floats and ints, ready for JSON."""
        return {
            "delta": self.delta,
            "p_value": self.p_value,
            "n_now": self.n_now,
            "n_before": self.n_before,
        }


def rise(*, now: Any, now_n: Any, before: Any, before_n: Any) -> Rise:
    """Are there more events now than before, within strata?

    ``now`` and ``before`` are events a stratum, ``now_n`` and ``before_n`` rows a stratum; arrays of
    one shape, or single counts. Strata that only one of the periods saw say nothing and are left
    out: a mix that moves is no rise. Assumes independent rows. Given a stratum's total of events,
    those of now are hypergeometric if nothing changed; p is the exact upper tail of their sum over
    strata (a convolution). It is cautious, as exact tests are. Source: Agresti (2013), Categorical
    Data Analysis, 7.3.5, the exact test of conditional independence.

    >>> found = rise(now=[8, 1], now_n=[20, 10], before=[4, 2], before_n=[60, 30])
    >>> round(found.delta, 3), round(found.p_value, 5)
    (0.233, 0.00214)
    """
    a, n = np.atleast_1d(now).astype(int), np.atleast_1d(now_n).astype(int)
    b, m = np.atleast_1d(before).astype(int), np.atleast_1d(before_n).astype(int)
    both = (n > 0) & (m > 0)
    a, n, b, m = a[both], n[both], b[both], m[both]
    if not len(a):
        return Rise(0.0, 1.0, 0, 0)
    delta = float(((a / n - b / m) * n).sum() / n.sum())
    chances = np.ones(1)
    lowest = 0
    for events, rows, total in zip(a + b, n, n + m, strict=True):
        first, last = max(0, events - (total - rows)), min(events, rows)
        support = np.arange(first, last + 1)
        chances = np.convolve(chances, stats.hypergeom.pmf(support, total, events, rows))
        lowest += first
    p_value = float(chances[int(a.sum()) - lowest :].sum())
    return Rise(delta, min(1.0, p_value), int(n.sum()), int(m.sum()))


def counted(names: Any, kinds: Any, mask: np.ndarray) -> np.ndarray:
    """For each of ``kinds``, the rows of that name at which ``mask`` is true."""
    number = {kind: i for i, kind in enumerate(kinds)}
    codes = [number[name] for name, hit in zip(names, mask, strict=True) if hit and name in number]
    return np.bincount(np.array(codes, dtype=int), minlength=len(number))
