"""Two models on the same rows: what was fixed, what was broken, and is it more than luck?"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from retraining.stats.checks import fraction, whole
from retraining.stats.errors import BadSample
from retraining.stats.intervals import wilson


@dataclass(frozen=True)
class PairedDifference:
    """after - before accuracy on the same n rows, in fractions (0.03 is three points).

    `fixed`: rows wrong before and right after; `broken`: right before and wrong after.
    """

    delta: float
    low: float
    high: float
    p_value: float
    n: int
    fixed: int
    broken: int

    def as_dict(self) -> dict[str, float | int]:
        """Plain floats and ints, ready for JSON."""
        return {
            "delta": float(self.delta),
            "low": float(self.low),
            "high": float(self.high),
            "p_value": float(self.p_value),
            "n": int(self.n),
            "fixed": int(self.fixed),
            "broken": int(self.broken),
        }


def mcnemar_exact(*, fixed: int, broken: int) -> float:
    """Could as lopsided a split of fixed and broken rows be luck? Two-sided, exact.

    Assumes independent rows; under "no difference" each row that changed is fixed or broken with
    equal odds: X ~ Binomial(fixed + broken, 1/2). Rows on which both agree say nothing. Nothing
    changed gives 1. Errors: `BadSample` for negative counts. Source: McNemar (1947),
    Psychometrika 12:153-157; Fagerland et al. (2013), BMC Med. Res. Methodol. 13:91.

    >>> round(mcnemar_exact(fixed=7, broken=1), 4)
    0.0703
    """
    ups, downs = whole("fixed", fixed), whole("broken", broken)
    return float(stats.binomtest(ups, ups + downs).pvalue) if ups + downs else 1.0


def mcnemar_midp(*, fixed: int, broken: int) -> float:
    """The same question as `mcnemar_exact`, less cautious with few changed rows.

    The exact p minus half the probability of all splits exactly as lopsided as the observed one:
    that is P(X = observed) for fixed != broken, half of it where they are equal. May exceed the
    nominal level very slightly. Nothing changed gives 1. Errors and source as `mcnemar_exact`.

    >>> round(mcnemar_midp(fixed=7, broken=1), 4)
    0.0391
    """
    exact = mcnemar_exact(fixed=fixed, broken=broken)
    if fixed + broken == 0:
        return 1.0
    point = float(stats.binom.pmf(fixed, fixed + broken, 0.5))
    return exact - (point / 2 if fixed == broken else point)


def mcnemar_greater(*, fixed: int, broken: int, share: float = 0.5) -> float:
    """Could at least so many fixed rows be luck? One-sided, exact: P(X >= fixed).

    Small when more was fixed than `share` of the changed rows; X ~ Binomial(fixed + broken, share).
    At one half the question is "any gain at all?"; `share_fixed` says which share a gain of a given
    size means. Nothing changed gives 1. Assumptions, errors and source as `mcnemar_exact`, and
    `BadSample` for a share outside (0, 1].

    >>> round(mcnemar_greater(fixed=7, broken=1), 4)
    0.0352
    >>> round(mcnemar_greater(fixed=7, broken=1, share=0.6), 4)
    0.1064
    """
    ups, downs = whole("fixed", fixed), whole("broken", broken)
    if not 0 < share <= 1:
        raise BadSample(f"share must lie in (0, 1], not {share!r}")
    return float(stats.binom.sf(ups - 1, ups + downs, share)) if ups + downs else 1.0


def share_fixed(*, gain: float, changed: float) -> float:
    """Which share of the changed rows is fixed where the gain over all rows is `gain`?

    With a share `changed` of all rows fixed or broken, gain = fixed - broken and changed = fixed +
    broken, so fixed / changed = (1 + gain / changed) / 2; at most 1, where more than all changed
    rows would have to be fixed. A negative gain is a loss. No label of an unchanged row is needed,
    so that rows drawn at random where two models disagree can speak of all rows through the sign
    test alone.

    Units: fractions. Errors: `BadSample` for changed outside (0, 1]. Source: solved from the
    definition of the paired difference; stratified sampling with a stratum that is known to hold no
    change, Cochran (1977), Sampling Techniques, chapter 5.

    >>> round(share_fixed(gain=0.015, changed=0.1), 3)
    0.575
    """
    if not 0 < changed <= 1:
        raise BadSample(f"changed must lie in (0, 1], not {changed!r}")
    return float(min(max((1 + gain / changed) / 2, 0.0), 1.0))


def paired_difference(
    *, before: ArrayLike, after: ArrayLike, confidence: float = 0.95
) -> PairedDifference:
    """By how much does `after` beat `before` on the same rows?

    Assumes independent rows. With a rows right in both, b broken, c fixed, d wrong in both:
    delta = (c - b) / n. The interval joins the Wilson limits (l, u) of the two accuracies p
    (before) and q (after) through their correlation phi,
    low = delta - sqrt((q - l_q)^2 - 2 phi (q - l_q)(u_p - p) + (u_p - p)^2), high likewise with
    the other ends; phi = (ad - bc) / sqrt((a+b)(c+d)(a+c)(b+d)), whose numerator is reduced by
    n/2, not below 0, where it is positive, and phi = 0 where a factor is 0. The p-value is exact
    McNemar. A model compared with itself gives delta 0, p 1, nothing fixed or broken, and an
    interval around 0 whose width says how large a difference n rows could have missed.

    Shapes: two 1-D arrays of booleans (right or wrong) in the same order. Units: fractions.
    Errors: `BadSample` for no rows, different lengths or entries other than true and false.
    Source: Newcombe (1998), Stat. Med. 17:2635-2650, method 10.

    >>> before = [True] * 59 + [True] * 6 + [False] * 16 + [False] * 80
    >>> after = [True] * 59 + [False] * 6 + [True] * 16 + [False] * 80
    >>> answer = paired_difference(before=before, after=after)
    >>> round(answer.delta, 4), round(answer.low, 4), round(answer.high, 4)
    (0.0621, 0.0046, 0.1186)
    >>> answer.fixed, answer.broken, round(answer.p_value, 4)
    (16, 6, 0.0525)
    """
    first, second = _same_rows(before, after)
    n = first.size
    both = int(np.sum(first & second))
    broken = int(np.sum(first & ~second))
    fixed = int(np.sum(~first & second))
    neither = n - both - broken - fixed
    p = wilson(successes=both + broken, n=n, confidence=confidence)
    q = wilson(successes=both + fixed, n=n, confidence=confidence)
    phi = _corrected_phi(both, broken, fixed, neither)
    delta = (fixed - broken) / n
    below = _join(q.estimate - q.low, p.high - p.estimate, phi)
    above = _join(q.high - q.estimate, p.estimate - p.low, phi)
    return PairedDifference(
        delta=delta,
        low=max(-1.0, delta - below),
        high=min(1.0, delta + above),
        p_value=mcnemar_exact(fixed=fixed, broken=broken),
        n=n,
        fixed=fixed,
        broken=broken,
    )


def paired_bootstrap(
    *,
    before: ArrayLike,
    after: ArrayLike,
    resamples: int = 10_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> PairedDifference:
    """The same question as `paired_difference`, answered by drawing the rows again.

    A second opinion for larger n. Rows take three outcomes (broken -1, same 0, fixed +1), so that
    drawing n rows with replacement is one draw from Multinomial(n, observed shares). Percentile
    interval; two-sided p = 2 (1 + the fewer draws on either side of 0, 0 included) / (resamples
    + 1), at most 1. It can't see outcomes that were not observed: where nothing changed the
    interval is [0, 0], and then `paired_difference` is the honest one.

    Shapes, units and errors as `paired_difference`, and `BadSample` for resamples < 1.
    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 13 and 15.

    >>> before, after = [True] * 80 + [False] * 20, [True] * 95 + [False] * 5
    >>> answer = paired_bootstrap(before=before, after=after, seed=7)
    >>> answer.delta, answer.low, answer.high, answer.fixed, answer.broken
    (0.15, 0.08, 0.22, 15, 0)
    """
    first, second = _same_rows(before, after)
    draws = whole("resamples", resamples, at_least=1)
    tail = (1 - fraction("confidence", confidence)) / 2
    n = first.size
    broken, fixed = int(np.sum(first & ~second)), int(np.sum(~first & second))
    shares = np.array([broken, n - broken - fixed, fixed]) / n
    outcomes = np.random.default_rng(seed).multinomial(n, shares, size=draws)
    net = outcomes[:, 2] - outcomes[:, 0]
    low, high = np.quantile(net / n, [tail, 1 - tail])
    fewer = min(int(np.sum(net <= 0)), int(np.sum(net >= 0)))
    return PairedDifference(
        delta=(fixed - broken) / n,
        low=float(low),
        high=float(high),
        p_value=min(1.0, 2 * (1 + fewer) / (draws + 1)),
        n=n,
        fixed=fixed,
        broken=broken,
    )


def _same_rows(before: ArrayLike, after: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    first, second = _answers("before", before), _answers("after", after)
    if first.size != second.size:
        raise BadSample(f"before has {first.size} rows, after {second.size}")
    if not first.size:
        raise BadSample("no rows to compare")
    return first, second


def _answers(name: str, values: ArrayLike) -> NDArray[np.bool_]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise BadSample(f"{name} must be one-dimensional, not of shape {array.shape}")
    # NaN would turn into True silently, so only entries that equal 0 or 1 pass.
    if not all(value in (0, 1) for value in array.tolist()):
        raise BadSample(f"{name} must hold true and false only")
    return array.astype(bool)


def _corrected_phi(both: int, broken: int, fixed: int, neither: int) -> float:
    product = (both + broken) * (fixed + neither) * (both + fixed) * (broken + neither)
    if not product:
        return 0.0
    numerator: float = both * neither - broken * fixed
    if numerator > 0:
        numerator = max(numerator - (both + broken + fixed + neither) / 2, 0.0)
    return numerator / sqrt(product)


def _join(one: float, other: float, phi: float) -> float:
    return sqrt(max(one**2 - 2 * phi * one * other + other**2, 0.0))
