"""How many labels are enough? Planned before they are asked for."""

from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from retraining.stats.checks import fraction, whole
from retraining.stats.errors import BadSample
from retraining.stats.paired import mcnemar_greater

# Up to here the number is searched with the exact binomial; beyond it the normal one is as good.
EXACT_UP_TO = 5_000


def labels_for_margin(*, rate: float, margin: float, confidence: float = 0.95) -> int:
    """How many labels until the rate is known to within plus or minus `margin`?

    Assumes independent rows and that the rate comes out as expected. The smallest n at which half
    the width of the Wilson interval at that rate, z sqrt(r (1 - r) n + z^2 / 4) / (n + z^2), is at
    most `margin`; it falls steadily with n. rate = 0.5 is the worst case.

    Units: fractions (margin 0.03 is three points). Errors: `BadSample` for a rate outside [0, 1]
    or a margin outside (0, 0.5). Source: Wilson (1927), solved for n.

    >>> labels_for_margin(rate=0.9, margin=0.05)
    141
    """
    if not 0 <= rate <= 1:
        raise BadSample(f"rate must lie between 0 and 1, not {rate!r}")
    if not 0 < margin < 0.5:
        raise BadSample(f"margin must lie strictly between 0 and 0.5, not {margin!r}")
    z = float(stats.norm.isf((1 - fraction("confidence", confidence)) / 2))

    def wide(n: int) -> bool:
        return z * sqrt(rate * (1 - rate) * n + z * z / 4) / (n + z * z) > margin

    low, high = 0, 1
    while wide(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if wide(middle) else (low, middle)
    return high


def labels_to_detect_drop(
    *, baseline: float, drop: float, alpha: float = 0.05, power: float = 0.8
) -> int:
    """How many labels until a drop of this size below a known rate would be noticed?

    One-sided exact binomial test of "the rate is still `baseline`" at level alpha, against the
    rate baseline - drop. Assumes independent rows and a baseline known well. The smallest n from
    which the power stays at or above `power` (it saws up and down with n); beyond 5,000 labels
    the normal approximation with Fleiss' continuity correction.

    Units: fractions. Errors: `BadSample` for a baseline outside (0, 1], a drop outside
    (0, baseline], alpha or power outside (0, 1). Source: Fleiss, Levin and Paik (2003),
    Statistical Methods for Rates and Proportions, section 2.5.

    >>> labels_to_detect_drop(baseline=0.9, drop=0.1)
    89
    """
    if not 0 < baseline <= 1:
        raise BadSample(f"baseline must lie in (0, 1], not {baseline!r}")
    if not 0 < drop <= baseline:
        raise BadSample(f"drop must lie in (0, baseline], not {drop!r}")
    level, wanted = fraction("alpha", alpha), fraction("power", power)
    lower = max(baseline - drop, 0.0)
    spread = float(stats.norm.isf(level)) * sqrt(baseline * (1 - baseline))
    spread += float(stats.norm.ppf(wanted)) * sqrt(lower * (1 - lower))
    rough = max((spread / drop) ** 2, 1.0)
    corrected = rough / 4 * (1 + sqrt(1 + 2 / (rough * drop))) ** 2
    if corrected > EXACT_UP_TO:
        return ceil(corrected)
    # Beyond twice the estimate, with room for tiny samples, the saw's teeth stay above `power`.
    n = np.arange(1, ceil(2 * corrected) + 200)
    enough = _power_of_drop(n, baseline, lower, level) >= wanted
    return int(n[np.flatnonzero(~enough)[-1]]) + 1 if not enough.all() else 1


def _power_of_drop(
    n: NDArray[np.int64], baseline: float, lower: float, alpha: float
) -> NDArray[np.float64]:
    """Chance, for each n, that the count falls into the lower tail the baseline gives alpha."""
    cut = stats.binom.ppf(alpha, n, baseline)
    # ppf is the first count whose tail reaches alpha; the test needs the last that doesn't exceed.
    cut = np.where(stats.binom.cdf(cut, n, baseline) > alpha, cut - 1, cut)
    return np.asarray(stats.binom.cdf(cut, n, lower), dtype=np.float64)


def paired_labels_needed(
    *,
    fixed: int,
    broken: int,
    n: int,
    alpha: float = 0.05,
    power: float = 0.8,
    max_labels: int = 2000,
    share: float = 0.5,
) -> int | None:
    """How many MORE rows until an improvement like this one would be proven?

    n rows are labelled, `fixed` and `broken` of them changed. Further rows are taken to be fixed,
    broken or unchanged at the observed rates, pulled towards each other by half a row a kind:
    (fixed + 0.5) / (n + 1.5), (broken + 0.5) / (n + 1.5). The answer is the number m of further
    rows after which the exact one-sided McNemar test on all n + m rows has p <= alpha with
    probability `power`, given what the first n showed; 0 where it is proven already. None where
    the observed direction is not an improvement (fixed <= broken; with `share`, as in
    `paired.mcnemar_greater`, no more fixed than that share), or where more than `max_labels` would
    be needed. Testing again on the enlarged sample is a second look: hand in
    an alpha that is corrected for it.

    Units: rows. Errors: `BadSample` for counts out of range. Source: conditional power, Lan and
    Wittes (1988), Biometrics 44:579-585; the test as in `paired.mcnemar_greater`.

    >>> paired_labels_needed(fixed=8, broken=3, n=100)
    179
    >>> paired_labels_needed(fixed=3, broken=8, n=100) is None
    True
    """
    ups, downs = whole("fixed", fixed), whole("broken", broken)
    total = whole("n", n, at_least=1)
    if ups + downs > total:
        raise BadSample(f"fixed and broken ({ups + downs}) can't exceed n ({total})")
    level, wanted = fraction("alpha", alpha), fraction("power", power)
    limit = whole("max_labels", max_labels)
    if ups <= share * (ups + downs):
        return None
    if mcnemar_greater(fixed=ups, broken=downs, share=share) <= level:
        return 0
    changed_rate = (ups + downs + 1) / (total + 1.5)
    proven = _proven_given_changes(ups, downs, limit, level, share)

    def reached(more: int) -> bool:
        chances = stats.binom.pmf(np.arange(more + 1), more, changed_rate)
        return bool(np.sum(chances * proven[: more + 1]) >= wanted)

    # Power climbs with m but for ripples of a row or two, so that halving finds the crossing.
    if not reached(limit):
        return None
    low, high = 0, limit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _proven_given_changes(
    ups: int, downs: int, limit: int, alpha: float, null: float
) -> NDArray[np.float64]:
    """Chance of p <= alpha when 0, 1, ..., limit further rows turn out changed."""
    further = np.arange(limit + 1)
    changed = ups + downs + further
    # The smallest number of fixed rows with P(X >= number) <= alpha is one more than isf.
    needed = stats.binom.isf(alpha, changed, null) + 1
    share = (ups + 0.5) / (ups + downs + 1)
    return np.asarray(stats.binom.sf(needed - ups - 1, further, share), dtype=np.float64)
