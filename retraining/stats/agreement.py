"""How far do two people who label the same rows agree?"""

from collections import Counter
from collections.abc import Sequence

from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate
from retraining.stats.intervals import wilson


def raw_agreement(*, pairs: Sequence[tuple[str, str]], confidence: float = 0.95) -> Estimate:
    """On which share of n rows did both say the same?

    ``pairs`` holds what the first and the second said of each row. Assumes independent rows; the
    interval is Wilson's. It takes no account of luck: with two categories, two people who toss
    coins agree on half of the rows. See `cohen_kappa`.

    Units: fractions. Errors: `BadSample` without pairs or for a confidence outside (0, 1).

    >>> found = raw_agreement(pairs=[("login", "login")] * 9 + [("login", "billing")])
    >>> found.estimate, round(found.low, 3), round(found.high, 3), found.n
    (0.9, 0.596, 0.982, 10)
    """
    same = sum(first == second for first, second in pairs)
    return wilson(successes=same, n=len(pairs), confidence=confidence)


def cohen_kappa(*, pairs: Sequence[tuple[str, str]], confidence: float = 0.95) -> Estimate:
    """How far do two people agree beyond luck? 1: always, 0: as if each had drawn from their own mix.

    kappa = (p_o - p_e) / (1 - p_e), where p_o is the share of rows on which both say the same and
    p_e = sum over categories of first's share times second's share. Where more than two people
    share a queue, the first opinions count as one person's and the second ones as the other's.

    The interval takes p_e as known, as Cohen's own standard error does, and puts the Wilson limits
    of p_o into the formula. So a handful of rows that all agree have an interval of some width,
    where the usual normal one has none.

    Units: none; kappa reaches from below 0 to 1. Errors: `BadSample` without pairs, or where both
    say one and the same category throughout, so that p_e is 1 and kappa is not defined. Source:
    Cohen (1960), Educ. Psychol. Meas. 20:37-46.

    >>> pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    >>> found = cohen_kappa(pairs=pairs)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3), found.n
    (0.4, 0.125, 0.618, 50)
    """
    agreed = raw_agreement(pairs=pairs, confidence=confidence)
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    by_luck = sum(firsts[name] * seconds[name] for name in firsts)
    room = agreed.n**2 - by_luck
    if not room:
        raise BadSample("both said one and the same category throughout: kappa is not defined")
    expected = by_luck / agreed.n**2

    def beyond_luck(share: float) -> float:
        return (share - expected) / (1 - expected)

    return Estimate(
        beyond_luck(agreed.estimate), beyond_luck(agreed.low), beyond_luck(agreed.high), agreed.n
    )
