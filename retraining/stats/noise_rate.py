"""How many of the labels are wrong? From rows that several people labelled, or from a filter."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy import stats

from retraining.stats.checks import fraction, successes_of, whole
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate


def error_rate_of_labellers(
    *, labels: Sequence[Sequence[str]], categories: int, confidence: float = 0.95
) -> Estimate:
    """How often is one label wrong, seen from rows that two people or more labelled?

    Assumes that people err independently with one rate e and, when wrong, take each of the other
    k - 1 categories equally often, so that two wrong ones agree with chance c = 1 / (k - 1). Two
    labels then differ with probability D = 1 - (1 - e)^2 - c e^2, hence
    e = (1 - sqrt(1 - (1 + c) D)) / (1 + c), of the two roots the one below chance. D is the mean
    over rows of the share of their pairs that differ; its Wilson limits (n: rows, cautious where
    rows have more than two labels) are carried through. Habits that people share make e too small.

    Shapes: for each row the labels that it got; rows with one label say nothing and are left out.
    Errors: `BadSample` for fewer than 2 categories, no row with two labels, or labels that differ
    as often as chance would have it. Source: Dawid and Skene (1979), Appl. Stat. 28:20-28, with
    one symmetric rate.

    >>> rows = [["a", "a"]] * 82 + [["a", "b"]] * 18
    >>> rate = error_rate_of_labellers(labels=rows, categories=20)
    >>> round(rate.estimate, 3), round(rate.low, 3), round(rate.high, 3), rate.n
    (0.095, 0.06, 0.144, 100)
    """
    chance = 1 / (whole("categories", categories, at_least=2) - 1)
    differing = [_differing(list(row)) for row in labels if len(row) > 1]
    if not differing:
        raise BadSample("no row was labelled by two people")
    seen = float(np.mean(differing))
    if (1 + chance) * seen >= 1:
        raise BadSample("labels differ as often as guesses would")
    low, high = _wilson_of(seen, len(differing), confidence)

    def error(rate: float) -> float:
        return (1 - sqrt(max(0.0, 1 - (1 + chance) * rate))) / (1 + chance)

    return Estimate(error(seen), error(low), error(high), len(differing))


def error_rate_of_filter(
    *,
    flagged: int,
    n: int,
    catch: tuple[int, int],
    false_drop: tuple[int, int],
    draws: int = 4000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Estimate:
    """How many of n labels are wrong, if a filter doubts `flagged` of them and errs itself?

    With catch rate t (wrong labels doubted) and false-drop rate f (right ones doubted) the doubted
    share is F = e t + (1 - e) f, hence e = (F - f) / (t - f), clipped to [0, 1]. All three rates
    were counted; each is drawn from Beta(successes + 1/2, failures + 1/2) and the tails of e are
    the interval. Assumes that the filter does here as it did where t and f were measured.

    `catch` and `false_drop`: (doubted, of) on rows whose truth is known. Units: fractions. Errors:
    `BadSample` for counts out of range or a filter that doubts right labels as often as wrong ones.
    Source: Rogan and Gladen (1978), Am. J. Epidemiol. 107:71-76.

    >>> rate = error_rate_of_filter(flagged=25, n=200, catch=(85, 100), false_drop=(45, 900))
    >>> round(rate.estimate, 3), rate.low < 0.06, 0.13 < rate.high < 0.18
    (0.094, True, True)
    """
    pairs = [successes_of(flagged, n), successes_of(*catch), successes_of(*false_drop)]
    share, caught, dropped = (hits / total for hits, total in pairs)
    if caught <= dropped:
        raise BadSample("a filter that doubts right labels as often as wrong ones says nothing")
    tail = (1 - fraction("confidence", confidence)) / 2
    rng = np.random.default_rng(seed)
    f, t, d = (
        rng.beta(hits + 0.5, total - hits + 0.5, size=whole("draws", draws, at_least=100))
        for hits, total in pairs
    )
    # Draws in which the filter is no better than chance leave the rate open: any value fits.
    slope = np.where(t > d, t - d, np.nan)
    errors = np.clip((f - d) / slope, 0.0, 1.0)
    low, high = np.nanquantile(errors, [tail, 1 - tail])
    estimate = min(1.0, max(0.0, (share - dropped) / (caught - dropped)))
    return Estimate(estimate, min(float(low), estimate), max(float(high), estimate), pairs[0][1])


def _differing(row: list[str]) -> float:
    """The share of the row's pairs of labels that differ."""
    size = len(row)
    same = sum(row.count(label) * (row.count(label) - 1) for label in set(row))
    return 1 - same / (size * (size - 1))


def _wilson_of(rate: float, n: int, confidence: float) -> tuple[float, float]:
    """Wilson's limits for a rate whose successes need not be whole."""
    z = float(stats.norm.isf((1 - fraction("confidence", confidence)) / 2))
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)
