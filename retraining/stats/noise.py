"""Accuracy when some of the labels it is measured against are wrong."""

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
