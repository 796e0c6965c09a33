"""On which few days did things go wrong, where rows differ in how readily they say so?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from retraining.stats.changepoint import p_of_maximum
from retraining.stats.checks import count_vector, numbers, whole
from retraining.stats.errors import BadSample

# Differences below this are rounding: of equal windows the shorter one wins.
TIE = 1e-9
# Shares of the rows that a burst may spoil. The ratio is flat round its top: more would add nothing.
SHARES = (0.15, 0.3, 0.5, 0.8)

# Days that differ by more than their rows explain must do so beyond chance at this level.
CHANCE = 0.05


@dataclass(frozen=True)
class Burst:
    """Days start, ..., stop - 1 (0-based, half open), and what was seen and expected on them."""

    start: int
    stop: int
    log_likelihood_ratio: float
    p_value: float
    seen: int
    expected: float
    share: float
    """The share of the rows that was spoilt, of those tried, under which the days fit best."""
    log_ratio_of_lasting: float
    """The best ratio of a change that holds for longer than `max_days`, to the very end."""


def burst(
    *,
    events: ArrayLike,
    totals: ArrayLike,
    shows: ArrayLike,
    max_days: int,
    draws: int = 399,
    seed: int = 0,
    dispersion: float = 1.0,
) -> Burst | None:
    """On which consecutive days, `max_days` at most, was a share of all rows spoilt?

    Rows fall in strata: a reviewed row shows a wrong answer more often than one that nobody was
    asked about, an answer that the model was sure of is seldom wrong. Stratum k has its usual rate
    p_k and would show a spoilt row with chance `shows`_k. A window in which the share q of the rows
    is spoilt has the rate p_k + a_k (1 - p_k), a_k = q shows_k, so its log likelihood ratio is
    sum over k of c_k ln(1 + a_k (1 - p_k) / p_k) + (n_k - c_k) ln(1 - a_k). The best window and q
    are reported, and p compares their ratio with the best one of each of `draws` random
    allocations of each stratum's events to its rows, so the search is paid for. `dispersion`
    divides what was seen, not what chance gives: above 1 where days differ by more than their rows
    explain.

    Assumes that rows of a stratum are exchangeable when nothing happens; a weekly rhythm makes p
    too small. Shapes: two matrices (strata, days) of counts, a vector (strata) of chances. Returns
    None where no window is raised. Errors: `BadSample` for entries that aren't counts, events above
    totals, different shapes, chances outside 0 to 1, max_days or draws < 1, dispersion < 1.
    Source: a scan (Kulldorff 1997, Commun. Stat. Theory Methods 26:1481-1496) whose alternative is
    a mixture of usual and spoilt rows.

    >>> found = burst(events=[[0, 1, 4, 3, 0, 1, 0], [1, 0, 5, 6, 1, 0, 1]],
    ...               totals=[[4] * 7, [20] * 7], shows=[1, 0.4], max_days=3)
    >>> found.start, found.stop, found.seen, round(found.expected, 1), found.p_value < 1e-3
    (2, 4, 18, 6.6, True)
    """
    happened, rows = _strata(events, totals)
    chances = numbers("shows", shows)
    longest, times = whole("max_days", max_days, at_least=1), whole("draws", draws, at_least=1)
    if chances.shape != (len(rows),) or np.any((chances < 0) | (chances > 1)):
        raise BadSample("shows must hold one chance from 0 to 1 for each stratum")
    if not dispersion >= 1:
        raise BadSample(f"dispersion must be at least 1, not {dispersion}")
    days, size = rows.shape[1], rows.sum(axis=1)
    # Half an event more than was seen: a stratum without events is rare, not impossible.
    rates = (happened.sum(axis=1) + 0.5) / (size + 1)
    seen = np.concatenate([happened[None], _by_chance(happened.sum(axis=1), rows, times, seed)])

    best, maxima, lasting = (0.0, -1, -1, 0.0), np.zeros(times + 1), 0.0
    for share in SHARES:
        sums = _running(seen, rows, rates, share * chances)
        for length in range(1, days):
            ratios = sums[:, length:] - sums[:, :-length]
            if length > longest:
                lasting = max(lasting, float(ratios[0, -1]))
                continue
            top = int(np.argmax(ratios[0] >= ratios[0].max() - TIE))
            if ratios[0, top] > best[0] + TIE:
                best = (float(ratios[0, top]), top, top + length, share)
            maxima = np.maximum(maxima, ratios.max(axis=1))
    ratio, start, stop, share = best
    if start < 0:
        return None
    usual = happened.sum(axis=1) / np.maximum(1, size)
    return Burst(
        start=start,
        stop=stop,
        log_likelihood_ratio=ratio,
        p_value=p_of_maximum(ratio / dispersion, maxima[1:]),
        seen=int(happened[:, start:stop].sum()),
        expected=float(usual @ rows[:, start:stop].sum(axis=1)),
        share=share,
        log_ratio_of_lasting=lasting,
    )


def dispersion(*, events: ArrayLike, totals: ArrayLike, leave_out: slice | None = None) -> float:
    """How many times more do days differ than their rows explain? 1 where chance may explain it.

    Pearson's chi-square over its degrees of freedom, of days against each stratum's rate, the days
    of `leave_out` aside: what is itself under suspicion must not widen the measure. A day counts
    where it holds rows. Shapes: two matrices (strata, days).
    Source: McCullagh and Nelder (1989), Generalized Linear Models, 4.5.

    >>> dispersion(events=[[2, 1, 2, 1]], totals=[[10] * 4])
    1.0
    >>> round(dispersion(events=[[0, 9, 1, 8, 0, 9]], totals=[[10] * 6]), 1)
    8.5
    """
    happened, rows = _strata(events, totals)
    keep = np.ones(rows.shape[1], dtype=bool)
    if leave_out is not None:
        keep[leave_out] = False
    happened, rows = happened[:, keep], rows[:, keep]
    rates = happened.sum(axis=1) / np.maximum(1, rows.sum(axis=1))
    variance = (rates * (1 - rates)) @ rows
    days = variance > 0
    freedom = int(days.sum()) - 1
    if freedom < 1:
        return 1.0
    off = (happened.sum(axis=0) - rates @ rows)[days]
    chi_square = float(np.sum(off**2 / variance[days]))
    return chi_square / freedom if chi2.sf(chi_square, freedom) < CHANCE else 1.0


def _running(
    seen: NDArray[np.int64],
    rows: NDArray[np.int64],
    rates: NDArray[np.float64],
    spoilt: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Log likelihood ratios of the days, added up: (allocations, 1 + days), first column 0."""
    less = np.log1p(-np.minimum(spoilt, 1 - TIE))
    more = np.log1p(spoilt * (1 - rates) / rates) - less
    daily = np.einsum("tkd,k->td", seen, more) + less @ rows
    return np.hstack([np.zeros((len(seen), 1)), np.cumsum(daily, axis=1)])


def _strata(events: ArrayLike, totals: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two matrices (strata, days) of counts, events never above rows."""
    happened, rows = np.atleast_2d(np.asarray(events)), np.atleast_2d(np.asarray(totals))
    if happened.ndim != 2 or happened.shape != rows.shape:
        raise BadSample(f"events are of shape {happened.shape}, totals of {rows.shape}")
    counted = np.stack([count_vector("events", line) for line in happened])
    sizes = np.stack([count_vector("totals", line) for line in rows])
    if np.any(counted > sizes):
        raise BadSample("a stratum has more events than rows on a day")
    return counted, sizes


def _by_chance(
    per_stratum: NDArray[np.int64], rows: NDArray[np.int64], times: int, seed: int
) -> NDArray[np.int64]:
    """Allocations of each stratum's events to its rows: (times, strata, days)."""
    rng = np.random.default_rng(seed)
    found = np.zeros((times, *rows.shape), dtype=np.int64)
    for k, count in enumerate(per_stratum):
        if count:
            found[:, k] = rng.multivariate_hypergeometric(
                rows[k], int(count), size=times, method="marginals"
            )
    return found
