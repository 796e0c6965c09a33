"""Accuracy when some of the labels it is measured against are wrong."""

import numpy as np
from scipy import stats

from retraining.stats.checks import whole
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate
from retraining.stats.intervals import wilson


def corrected_accuracy(
    *,
    correct: int,
    n: int,
    label_error: float,
    confidence: float = 0.95,
    wave_through: float = 0.0,
) -> Estimate:
    """How accurate is the model, if a known share of the labels is wrong?

    The model: a label is wrong with probability e = `label_error`, whatever the model answered.
    A wrong label on a right answer makes it look wrong. A wrong label on a wrong answer happens
    to agree with it with probability w = `wave_through` (0 with many categories and independent
    slips; 1 with two categories, or where a reviewer waves the answer through). The rate of
    apparent agreement is then A = a (1 - e) + (1 - a) e w, hence a = (A - e w) / (1 - e - e w).
    Estimate and Wilson limits of A are carried through this line and clipped to [0, 1]. The error
    rate itself is taken as known exactly.

    Units: fractions. Errors: `BadSample` for counts as in `wilson`, for label_error or
    wave_through outside [0, 1], or e (1 + w) >= 1, where labels say nothing any more.
    Source: Rogan and Gladen (1978), Am. J. Epidemiol. 107:71-76.

    >>> answer = corrected_accuracy(correct=81, n=100, label_error=0.1)
    >>> round(answer.estimate, 4), round(answer.low, 4), round(answer.high, 4), answer.n
    (0.9, 0.8025, 0.9721, 100)
    """
    if not (0 <= label_error <= 1 and 0 <= wave_through <= 1):
        raise BadSample("label_error and wave_through must lie between 0 and 1")
    slope = 1 - label_error - label_error * wave_through
    if slope <= 0:
        raise BadSample("labels that are wrong this often carry no information")
    seen = wilson(successes=correct, n=n, confidence=confidence)

    def truth(rate: float) -> float:
        return min(1.0, max(0.0, (rate - label_error * wave_through) / slope))

    return Estimate(truth(seen.estimate), truth(seen.low), truth(seen.high), seen.n)


def corrected_accuracy_unsure(
    *,
    correct: int,
    n: int,
    label_error: Estimate,
    wave_through: tuple[float, float] = (0.0, 0.0),
    confidence: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> Estimate:
    """How accurate is the model, if the share of wrong labels is itself an estimate?

    As `corrected_accuracy`, with three things drawn: apparent agreement from Beta(correct + 1/2,
    n - correct + 1/2), the label error from two half-normals around its estimate whose
    `confidence` limits are its `low` and `high` (so hand in limits of the same confidence), and the
    share of wrong labels that wave a wrong answer through uniformly between the two ends of
    `wave_through`. The estimate uses the middle values; the interval is the equal tails of the
    corrected accuracy, clipped to [0, 1]. Assumes the noise estimate comes from other rows.

    Units: fractions. Errors: as `corrected_accuracy`, and `BadSample` for limits that don't enclose
    the estimate. Source: Rogan and Gladen (1978); propagation by Monte Carlo, JCGM 101 (2008).

    >>> unsure = corrected_accuracy_unsure(
    ...     correct=81, n=100, label_error=Estimate(0.1, 0.05, 0.15, 80))
    >>> round(unsure.estimate, 4), 0.77 < unsure.low < 0.80, 0.97 < unsure.high <= 1.0
    (0.9, True, True)
    """
    first, last = wave_through
    if not label_error.low <= label_error.estimate <= label_error.high:
        raise BadSample("the limits of label_error must enclose its estimate")
    if not 0 <= first <= last <= 1:
        raise BadSample("wave_through must be two rising fractions")
    middle = corrected_accuracy(
        correct=correct,
        n=n,
        label_error=label_error.estimate,
        wave_through=(first + last) / 2,
        confidence=confidence,
    )
    tail = (1 - confidence) / 2
    rng = np.random.default_rng(seed)
    size = whole("draws", draws, at_least=100)
    seen = rng.beta(correct + 0.5, n - correct + 0.5, size=size)
    z = rng.standard_normal(size) / float(stats.norm.isf(tail))
    spread = np.where(
        z < 0, label_error.estimate - label_error.low, label_error.high - label_error.estimate
    )
    error = np.clip(label_error.estimate + z * spread, 0.0, 1.0)
    waved = rng.uniform(first, last, size=size)
    slope = np.maximum(1 - error - error * waved, 1e-9)
    truth = np.clip((seen - error * waved) / slope, 0.0, 1.0)
    low, high = np.quantile(truth, [tail, 1 - tail])
    return Estimate(
        middle.estimate, min(float(low), middle.estimate), max(float(high), middle.estimate), n
    )
