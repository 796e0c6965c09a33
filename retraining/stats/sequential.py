"""Has accuracy fallen since the model went live? Asked again every month, at one stated risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import gammaln, logsumexp

from retraining.stats.checks import fraction, whole
from retraining.stats.errors import BadSample

# Log odds ratios of failing that the bet is spread over: at 90% right a drop of 2.5, 5, 9, 13 and
# 23 points, at 70% one of 5, 11, 17, 22 and 32.
BETS = np.array([0.25, 0.5, 0.75, 1.0, 1.5])
# A year's made-up totals are many; the smooth function of them is worked out at this many points.
KNOTS = 12


@dataclass(frozen=True)
class Sequential:
    """The evidence of all looks so far, and whether it passes the limit that quiet years stay below.

    `e_value`: how many times better "worse since some month" explains the counts than "as good as
    the baseline", at the last look; below 1 speaks for the latter. `since`: 0-based month since
    which the drop is most plausible, None without an alarm. `first_alarm`: the first look past the
    limit (the alarm may be over since).
    """

    e_value: float
    limit: float
    alarm: bool
    since: int | None
    first_alarm: int | None
    e_values: tuple[float, ...]
    n_baseline: int
    n: int

    def as_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON."""
        return {
            "e_value": self.e_value,
            "limit": self.limit,
            "alarm": self.alarm,
            "since": self.since,
            "first_alarm": self.first_alarm,
            "e_values": list(self.e_values),
            "n_baseline": self.n_baseline,
            "n": self.n,
        }


def drop_e_value(*, failures_before: int, n_before: int, failures: int, n: int) -> float:
    """How much more plausible do two samples become if the second fails more often?

    Exact and conditional: given T failures in both samples together, the number K in the second is
    hypergeometric whatever the common rate is, and P_w(K) ~ P_1(K) w^K under odds ratio w. The
    e-value is the mean of P_w(K) / P_1(K) over the fixed ratios exp(`BETS`). Its expectation is
    exactly 1 if both rates are equal and below 1 if the second is better, for any rate and any
    sizes: the baseline may itself be a small sample. P(e >= 1 / a) <= a. Assumes independent rows.

    Shapes: four counts. Errors: `BadSample` for failures outside 0..n or an empty sample.
    Source: Turner, Ly and Grünwald (2024), J. Stat. Plan. Inference 230:106116 (safe tests for two
    proportions); here in the conditional form of Fisher's exact test.

    >>> round(drop_e_value(failures_before=10, n_before=100, failures=30, n=100), 1)
    255.4
    >>> round(drop_e_value(failures_before=10, n_before=100, failures=10, n=100), 2)
    0.37
    """
    sizes = whole("n_before", n_before, at_least=1), whole("n", n, at_least=1)
    counts = whole("failures_before", failures_before), whole("failures", failures)
    if counts[0] > sizes[0] or counts[1] > sizes[1]:
        raise BadSample("failures can't exceed rows")
    return float(_e_values(np.array([counts[1]]), np.array([sum(counts)]), *sizes)[0])


def sequential_drop(
    *,
    baseline_correct: int,
    baseline_n: int,
    correct: Sequence[int],
    totals: Sequence[int],
    alpha: float = 0.05,
    looks: int = 12,
    draws: int = 2000,
    seed: int = 0,
) -> Sequential:
    """Over the months since the baseline: is accuracy still what it was, and if not, since when?

    At look i the e-value is the mean, over the month s <= i in which a drop may have begun, of
    `drop_e_value` of months s..i against the baseline and the months before s. The limit is the
    1 - alpha quantile of the largest of `looks` such e-values in `draws` made-up quiet years with
    the sizes seen (later months: their mean) and the pooled failure rate, baseline drawn anew: so
    twelve looks together alarm in about a fraction alpha of quiet years. (Without a simulation
    looks / alpha would be a limit that always holds; it costs half the power.) Months without rows
    change nothing. Of more than `looks` months the oldest join the baseline.

    Assumes independent rows and one failure rate in quiet months; noise in the labels cancels as
    long as it is equally frequent. Measured: 4 to 5% of quiet years alarm (5,000 each, 60 to 95%
    right, 40 to 200 rows a month). From 90%, with 100 labels in the baseline and a month, a drop by
    10 points in the third month is called at once in 41%, within 3 looks in 78%, by the year's end
    in 93% of years; one by 5 points in 9, 25 and 42%; with 300 in the baseline 45, 87 and 98%, and
    10, 31 and 59%. A drop in the first month has only the baseline against it: 39, 55 and 65%.

    Shapes: two vectors, one entry a month in order. Errors: `BadSample` for counts out
    of range, no baseline, no month with rows, or vectors of different length.
    Source: as `drop_e_value`; change-point mixture after Shiryaev; limit by parametric bootstrap.

    >>> calm = sequential_drop(baseline_correct=90, baseline_n=100, correct=[88, 91], totals=[100] * 2)
    >>> fell = sequential_drop(
    ...     baseline_correct=90, baseline_n=100, correct=[89, 72, 70], totals=[100] * 3)
    >>> calm.alarm, fell.alarm, fell.since, fell.e_value > 100
    (False, True, 1, True)
    """
    good, sizes = list(correct), list(totals)
    if len(good) != len(sizes):
        raise BadSample(f"correct has {len(good)} months, totals {len(sizes)}")
    level, horizon = fraction("alpha", alpha), whole("looks", looks, at_least=1)
    years = whole("draws", draws, at_least=100)
    for name, hits, size in [
        ("the baseline", baseline_correct, baseline_n),
        *(
            (f"month {i}", hits, size)
            for i, (hits, size) in enumerate(zip(good, sizes, strict=True))
        ),
    ]:
        if whole("correct", hits) > whole("n", size):
            raise BadSample(f"{name} has more right answers than rows")
    early = max(0, len(sizes) - horizon)
    base_n = baseline_n + sum(sizes[:early])
    base_failed = base_n - baseline_correct - sum(good[:early])
    months = np.array(sizes[early:], dtype=np.int64)
    failed = months - np.array(good[early:], dtype=np.int64)
    if not base_n or not months.sum():
        raise BadSample("a baseline and at least one month with rows are needed")

    by_start = _looks(np.array([base_failed]), base_n, failed[None, :], months)
    seen = [float(starts.mean()) for starts in by_start]
    limit = _limit(base_failed, base_n, failed, months, horizon, level, years, seed)
    alarms = [i for i, value in enumerate(seen) if value >= limit]
    alarm = bool(alarms) and alarms[-1] == len(seen) - 1
    return Sequential(
        e_value=seen[-1],
        limit=limit,
        alarm=alarm,
        since=early + int(np.argmax(by_start[-1][:, 0])) if alarm else None,
        first_alarm=early + alarms[0] if alarms else None,
        e_values=tuple(seen),
        n_baseline=int(base_n),
        n=int(months.sum()),
    )


def _limit(
    base_failed: int,
    base_n: int,
    failed: NDArray[np.int64],
    months: NDArray[np.int64],
    horizon: int,
    level: float,
    years: int,
    seed: int,
) -> float:
    """What the largest of `horizon` looks exceeds in a fraction `level` of quiet years."""
    usual = max(1, round(months.sum() / np.count_nonzero(months)))
    sizes = np.concatenate([months, np.full(horizon - months.size, usual)]).astype(np.int64)
    # Half a row of each kind: a baseline without a failure doesn't prove that there are none.
    rate = (base_failed + failed.sum() + 0.5) / (base_n + months.sum() + 1)
    rng = np.random.default_rng(seed)
    base = rng.binomial(base_n, rate, size=years)
    quiet = rng.binomial(sizes, rate, size=(years, sizes.size))
    looks = _looks(base, base_n, quiet, sizes)
    largest = np.max([starts.mean(axis=0) for starts in looks], axis=0)
    # Two standard errors on the safe side of the quantile, since the draws are finite.
    safe = max(level - 2 * sqrt(level * (1 - level) / years), 1 / years)
    return float(np.quantile(largest, 1 - safe, method="higher"))


def _looks(
    base: NDArray[np.int64], base_n: int, failed: NDArray[np.int64], sizes: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    """For each look, the e-value of each month in which a drop may have begun, by year.

    base: (years,); failed: (years, months); sizes: (months,); each answer: (starts, years).
    """
    rows = np.concatenate([[base_n], base_n + np.cumsum(sizes)])
    total = np.column_stack([base, base[:, None] + np.cumsum(failed, axis=1)])
    looks = []
    for look in range(sizes.size):
        values = np.ones((look + 1, base.size))
        for start in range(look + 1):
            n = int(rows[look + 1] - rows[start])
            if n:
                worse = total[:, look + 1] - total[:, start]
                values[start] = _e_values(worse, total[:, look + 1], int(rows[start]), n)
        looks.append(values)
    return looks


def _e_values(
    failures: NDArray[np.int64], together: NDArray[np.int64], n_before: int, n: int
) -> NDArray[np.float64]:
    """`drop_e_value` for many pairs of the same sizes; `together` counts both samples' failures."""
    totals, where = np.unique(together, return_inverse=True)
    if totals.size > 2 * KNOTS:
        knots = np.unique(np.linspace(totals[0], totals[-1], KNOTS).round().astype(np.int64))
        scale = CubicSpline(knots, _log_means(knots, n_before, n))(totals)
    else:
        scale = _log_means(totals, n_before, n)
    bets = failures[:, None] * BETS[None, :]
    return np.asarray(np.exp(bets - scale[where]).mean(axis=1), dtype=np.float64)


def _log_means(totals: NDArray[np.int64], n_before: int, n: int) -> NDArray[np.float64]:
    """log of E[w^K] if nothing has changed, by total failures (rows) and bet (columns)."""
    k = np.arange(int(min(totals[-1], n)) + 1)
    rest = totals[:, None] - k[None, :]
    possible = (rest >= 0) & (rest <= n_before)
    log_ways = np.where(
        possible,
        _log_choose(n, k)[None, :] + _log_choose(n_before, np.clip(rest, 0, n_before)),
        -np.inf,
    )
    base = logsumexp(log_ways, axis=1)
    columns = [logsumexp(log_ways + g * k, axis=1) - base for g in BETS]
    return np.asarray(np.column_stack(columns), dtype=np.float64)


def _log_choose(n: int, k: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), dtype=np.float64)
