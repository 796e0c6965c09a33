"""Intervals for one rate, and for the difference of two independent rates."""

from dataclasses import dataclass
from math import sqrt

from scipy import stats

from retraining.stats.checks import fraction, successes_of
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate


def wilson(*, successes: int, n: int, confidence: float = 0.95) -> Estimate:
    """How high is a rate that was counted on n rows?

    Assumes independent rows with one underlying rate. The Wilson score interval: all rates p for
    which |successes/n - p| <= z * sqrt(p (1 - p) / n). It stays inside [0, 1] and has a sensible
    width at 0 and n successes, where the usual plus-minus interval has none.

    Units: fractions. Errors: `BadSample` (a ValueError) for n <= 0, successes outside 0..n or a
    confidence outside (0, 1). Source: Wilson (1927), JASA 22:209-212; Newcombe (1998),
    Stat. Med. 17:857-872, method 3.

    >>> rate = wilson(successes=15, n=148)
    >>> round(rate.estimate, 4), round(rate.low, 4), round(rate.high, 4), rate.n
    (0.1014, 0.0624, 0.1605, 148)
    """
    hits, total = successes_of(successes, n)
    interval = stats.binomtest(hits, total).proportion_ci(
        confidence_level=fraction("confidence", confidence), method="wilson"
    )
    return Estimate(hits / total, float(interval.low), float(interval.high), total)


def beta_binomial(
    *,
    successes: int,
    n: int,
    prior_successes: float,
    prior_failures: float,
    confidence: float = 0.95,
) -> Estimate:
    """How high is a rate when we knew something before we counted?

    For rare categories: a few rows, plus what their neighbours or their past say, worth
    `prior_successes + prior_failures` rows. Assumes independent rows and that the prior is as
    trustworthy as that many rows. Posterior Beta(prior_successes + successes, prior_failures +
    n - successes): its mean, and the interval with equal tails. n = 0 is allowed and gives the
    prior. The `n` of the answer counts real rows only.

    Units: fractions. Errors: `BadSample` for counts out of range or a prior that isn't positive.
    Source: Gelman et al., Bayesian Data Analysis (3rd ed.), section 2.4.

    >>> answer = beta_binomial(successes=3, n=4, prior_successes=8, prior_failures=2)
    >>> round(answer.estimate, 4), round(answer.low, 4), round(answer.high, 4), answer.n
    (0.7857, 0.5455, 0.9496, 4)
    """
    hits, total = (0, 0) if (successes, n) == (0, 0) else successes_of(successes, n)
    if not (0 < prior_successes < float("inf") and 0 < prior_failures < float("inf")):
        raise BadSample("prior_successes and prior_failures must be positive and finite")
    tail = (1 - fraction("confidence", confidence)) / 2
    posterior = stats.beta(prior_successes + hits, prior_failures + total - hits)
    low, high = posterior.ppf([tail, 1 - tail])
    return Estimate(float(posterior.mean()), float(low), float(high), total)


@dataclass(frozen=True)
class Difference:
    """after - before of two independent rates, in fractions (0.03 is three points)."""

    delta: float
    low: float
    high: float
    p_value: float
    n_before: int
    n_after: int

    def as_dict(self) -> dict[str, float | int]:
        """Plain floats and ints, ready for JSON."""
        return {
            "delta": float(self.delta),
            "low": float(self.low),
            "high": float(self.high),
            "p_value": float(self.p_value),
            "n_before": int(self.n_before),
            "n_after": int(self.n_after),
        }


def rate_difference(
    *,
    before_successes: int,
    before_n: int,
    after_successes: int,
    after_n: int,
    confidence: float = 0.95,
) -> Difference:
    """Has a rate moved between two different samples of rows?

    For last month's audit against this month's. Never for two models on the same rows: that is
    `paired.paired_difference`. Assumes independent rows within and between samples. Interval:
    with delta = p2 - p1 and Wilson limits (l, u) of each rate,
    low = delta - sqrt((p2 - l2)^2 + (u1 - p1)^2), high = delta + sqrt((u2 - p2)^2 + (p1 - l1)^2).
    The p-value is Fisher's exact test, two-sided; being exact it is cautious, so that it may stay
    above 1 - confidence where the interval just excludes 0.

    Units: fractions. Errors: `BadSample` as in `wilson`. Source: Newcombe (1998), Stat. Med.
    17:873-890, method 10 (hybrid score).

    >>> moved = rate_difference(before_successes=48, before_n=80, after_successes=56, after_n=70)
    >>> round(moved.delta, 4), round(moved.low, 4), round(moved.high, 4), round(moved.p_value, 4)
    (0.2, 0.0524, 0.3339, 0.0125)
    """
    before = wilson(successes=before_successes, n=before_n, confidence=confidence)
    after = wilson(successes=after_successes, n=after_n, confidence=confidence)
    delta = after.estimate - before.estimate
    below = sqrt((after.estimate - after.low) ** 2 + (before.high - before.estimate) ** 2)
    above = sqrt((after.high - after.estimate) ** 2 + (before.estimate - before.low) ** 2)
    table = [
        [after_successes, after.n - after_successes],
        [before_successes, before.n - before_successes],
    ]
    return Difference(
        delta=delta,
        low=max(-1.0, delta - below),
        high=min(1.0, delta + above),
        p_value=float(stats.fisher_exact(table).pvalue),
        n_before=before.n,
        n_after=after.n,
    )
