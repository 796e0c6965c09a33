"""Has a distribution moved further than chance would move it, for exactly these sample sizes?

Everything a monitor needs is named here; bins and bare distances are built next door.
"""

from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from retraining.stats.bins import Bins
from retraining.stats.checks import MAX_POPULATION, count_pair, fraction, whole
from retraining.stats.distances import (
    jensen_shannon,
    kl,
    number_pair,
    psi,
    smoothed_shares,
    wasserstein,
)
from retraining.stats.errors import BadSample

__all__ = [
    "Bins",
    "DriftTest",
    "chi_square_test",
    "jensen_shannon",
    "kl",
    "ks_test",
    "psi",
    "psi_test",
    "wasserstein",
]

# Tables that mirror each other have equal PSI; past this many decimals only rounding differs.
DECIMALS = 12
# Expected rows in every bin of both samples from which chance is computed and not drawn.
LARGE = 50


@dataclass(frozen=True)
class DriftTest:
    """A drift statistic, the value that chance rarely exceeds, and the rows behind both."""

    value: float
    critical: float
    p_value: float
    n_reference: int
    n_current: int

    def tripped_at(self, threshold: float) -> bool:
        """Is the drift both large enough to matter and larger than chance?

        >>> DriftTest(value=0.31, critical=0.12, p_value=0.001, n_reference=500, n_current=80
        ...           ).tripped_at(0.25)
        True
        >>> DriftTest(value=0.31, critical=0.40, p_value=0.03, n_reference=500, n_current=20
        ...           ).tripped_at(0.25)
        False
        """
        return self.value >= threshold and self.value > self.critical

    def as_dict(self) -> dict[str, float | int | None]:
        """Plain numbers for JSON; a critical value that can't be reached (infinity) is None."""
        return {
            "value": float(self.value),
            "critical": None if self.critical == inf else float(self.critical),
            "p_value": float(self.p_value),
            "n_reference": int(self.n_reference),
            "n_current": int(self.n_current),
        }


def psi_test(
    *,
    reference: ArrayLike,
    current: ArrayLike,
    alpha: float = 0.01,
    draws: int = 2000,
    seed: int = 0,
) -> DriftTest:
    """Is this PSI more than two samples of these sizes show by chance?

    Assumes independent rows: under "no drift" the rows of both samples are exchangeable, so all
    are pooled and `n_current` of them drawn without replacement, `draws` times (a multivariate
    hypergeometric draw of the bins). The critical value is the ceil((draws + 1)(1 - alpha))-th
    smallest PSI of the draws, infinite where `draws` are too few for it; so value > critical
    happens in at most a fraction alpha of undrifted months, exactly and at any sample size.
    p = (1 + draws with a PSI of at least the observed) / (draws + 1). Rows that come in clumps
    (one busy customer) make it trip more often than alpha.

    Where both samples expect at least `LARGE` rows in every bin that holds any, nothing is drawn:
    PSI / (1/n + 1/m) then follows chi-square with (bins - 1) degrees of freedom. Compared with
    60,000 draws at exactly that size (2 to 10 bins, samples of equal size up to 1 : 30), that
    trips in 0.78 to 1.09 of 100 undrifted months for alpha 0.01, in 4.4 to 5.1 for 0.05.

    Shapes: two vectors of row counts over the same bins. Unit: nats. Errors: as `psi`, and
    `BadSample` for alpha outside (0, 1), draws < 1 or 10^9 rows and more.
    Source: Good (2005), Permutation Tests; Phipson and Smyth (2010), SAGMB 9(1):39, for p;
    Yurdakul and Naranjo (2020), J. Risk Model Validation 14(4), for large samples.

    >>> calm = psi_test(reference=[250, 250, 0], current=[25, 21, 0])
    >>> calm.value < calm.critical, calm.tripped_at(0.0)
    (True, False)
    >>> psi_test(reference=[250, 250, 0], current=[25, 5, 16]).tripped_at(0.25)
    True
    """
    first, second = count_pair(reference, current)
    level, times = fraction("alpha", alpha), whole("draws", draws, at_least=1)
    pooled = first + second
    if pooled.sum() >= MAX_POPULATION:
        raise BadSample(f"more than {MAX_POPULATION:,} rows; test a sample of them")
    used = pooled > 0
    sizes = int(first.sum()), int(second.sum())
    if used.sum() > 1 and pooled[used].min() * min(sizes) >= LARGE * sum(sizes):
        c, r = smoothed_shares(second, used), smoothed_shares(first, used)
        value = float(np.sum((c - r) * np.log(c / r)))
        scale, freedom = 1 / sizes[0] + 1 / sizes[1], int(used.sum()) - 1
        critical = float(special.chdtri(freedom, level)) * scale
        return DriftTest(value, critical, float(special.chdtrc(freedom, value / scale)), *sizes)
    drawn = np.random.default_rng(seed).multivariate_hypergeometric(
        pooled, int(second.sum()), size=times, method="marginals"
    )
    # The observed table goes through the same arithmetic, as row 0, so that ties stay ties.
    tables = np.vstack([second, drawn])
    c, r = smoothed_shares(tables, used), smoothed_shares(pooled - tables, used)
    values = np.round(np.sum((c - r) * np.log(c / r), axis=1), DECIMALS)
    observed, null = float(values[0]), np.sort(values[1:])
    rank = ceil(round((times + 1) * (1 - level), 9))
    return DriftTest(
        value=observed,
        critical=float(null[rank - 1]) if rank <= times else inf,
        p_value=float(1 + np.sum(null >= observed)) / (times + 1),
        n_reference=sizes[0],
        n_current=sizes[1],
    )


def chi_square_test(*, reference: ArrayLike, current: ArrayLike, alpha: float = 0.01) -> DriftTest:
    """Do two samples come from one mix of bins? Pearson's chi-square test of homogeneity.

    Assumes independent rows and about five expected rows in most bins; with fewer use `psi_test`,
    which is exact. Sum of (observed - expected)^2 / expected over both samples and all bins that
    hold a row, with (bins - 1) degrees of freedom and no continuity correction. One bin can't
    move: value 0, p 1.

    Shapes, errors: as `psi_test`. No unit. Source: Agresti (2013), Categorical Data Analysis,
    section 3.2; computed by scipy.

    >>> test = chi_square_test(reference=[50, 50], current=[70, 30])
    >>> round(test.value, 4), round(test.critical, 4), round(test.p_value, 4)
    (8.3333, 6.6349, 0.0039)
    """
    first, second = count_pair(reference, current)
    level = fraction("alpha", alpha)
    used = (first + second) > 0
    table = np.vstack([first[used], second[used]])
    sizes = int(first.sum()), int(second.sum())
    if table.shape[1] == 1:
        return DriftTest(0.0, 0.0, 1.0, *sizes)
    result = stats.chi2_contingency(table, correction=False)
    critical = float(stats.chi2.isf(level, result.dof))
    return DriftTest(float(result.statistic), critical, float(result.pvalue), *sizes)


def ks_test(*, reference: ArrayLike, current: ArrayLike, alpha: float = 0.01) -> DriftTest:
    """Do two samples of numbers come from one distribution? Kolmogorov-Smirnov.

    Assumes independent rows. The value is the largest gap between the two distribution functions
    (0 to 1). p and critical value take the finite-sample distribution of one sample of
    round(n m / (n + m)) rows, close from about ten rows each, and cautious where values repeat.
    NaN is left out of values and n: missing values are counted, not averaged, elsewhere.

    Shapes: two 1-D samples of numbers, not counts. Errors: `BadSample` for no numbers, an
    infinite one or alpha outside (0, 1). Source: Hodges (1958), Arkiv Mat. 3:469-486; by scipy.

    >>> test = ks_test(reference=list(range(50)), current=list(range(30, 80)))
    >>> round(test.value, 4), test.tripped_at(0.2)
    (0.6, True)
    """
    first, second = number_pair(reference, current)
    result = stats.ks_2samp(first, second, method="asymp")
    rows = max(1, round(first.size * second.size / (first.size + second.size)))
    return DriftTest(
        value=float(result.statistic),
        critical=float(stats.kstwo.isf(fraction("alpha", alpha), rows)),
        p_value=float(result.pvalue),
        n_reference=first.size,
        n_current=second.size,
    )
