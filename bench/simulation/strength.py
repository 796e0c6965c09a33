"""How large must an effect be before the labels at hand can show it? Fixed beforehand.

The detectable effect (1 x) is the smallest that a test with one month's share of the year's false
alarms (5% over 12 looks) finds in 95% of months. Twice it is clear, half of it is not to be seen.
"""

from functools import lru_cache

import numpy as np
from scipy import stats

ALPHA = 0.05 / 12
POWER = 0.95
STRENGTHS = (0.5, 1.0, 2.0, 4.0)
# A reviewed row is right or wrong by mistake about every tenth time: a drop reads smaller.
SEEN = 0.85
REVIEWED = 0.2
# Share of wrongly answered rows that get a right label: reviewed, or corrected by an agent.
LABELLED_IF_WRONG = (REVIEWED + (1 - REVIEWED) * 0.35) * 0.9


def detectable_drop(*, after_n: float, before_n: float, accuracy: float = 0.8) -> float:
    """Points of reviewed accuracy: one-sided test of two proportions, normal approximation.

    >>> round(detectable_drop(after_n=90, before_n=180), 2)
    0.22
    """
    z = stats.norm.isf(ALPHA) + stats.norm.isf(1 - POWER)
    variance = accuracy * (1 - accuracy) * (1 / max(after_n, 1) + 1 / max(before_n, 1))
    return float(z * np.sqrt(variance))


@lru_cache
def detectable_count(*, expected: float, looks: int) -> float:
    """Additional rows of a kind, of which ``expected`` are usual, with ``looks`` places to look.

    Poisson: the smallest mean that passes the critical value of ``ALPHA / looks`` with ``POWER``.

    >>> round(detectable_count(expected=0.6, looks=1), 1)
    7.2
    """
    critical = int(stats.poisson.isf(ALPHA / looks, expected)) + 1
    means = np.arange(expected, expected + 200, 0.1)
    enough = stats.poisson.sf(critical - 1, means) >= POWER
    return float(means[enough.argmax()] - expected)


@lru_cache
def detectable_weak(*, accuracy: float, bound: float = 0.6) -> int:
    """Reviewed rows of a weak category before it is told from one answered at ``bound``.

    >>> detectable_weak(accuracy=0.2)
    28
    """
    for n in range(3, 200):
        right = np.arange(n + 1)
        rejects = stats.binom.cdf(right, n, bound) < ALPHA
        if rejects.any() and stats.binom.cdf(right[rejects].max(), n, accuracy) >= POWER:
            return n
    return 200


# A fault matters where it changes the answer to so many of the month's rows: the contract's "moves
# accuracy or the prediction mix". Its strength is the multiple of this: a fault shows in every row
# that it touches, so that what can be detected is what matters, given enough rows.
MATTERS = 0.03
FAULTY_ROWS = 40
