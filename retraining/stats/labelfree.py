"""How accurate is the model on rows that nobody labelled? Estimated from its confidence."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import expit, logit

from retraining.stats.checks import fraction, numbers
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate

# Confidences of exactly 0 or 1 have no logit.
EDGE = 1e-4
# A weak pull of the slope and the offset towards "as confident as right", worth about two rows.
PULL = 0.5
STEPS = 100
SMALL = 1e-9


@dataclass(frozen=True)
class Calibration:
    """P(right | confidence p) = expit(offset + slope logit(p)), and how sure both are."""

    offset: float
    slope: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    n: int

    def chances(self, confidences: ArrayLike) -> NDArray[np.float64]:
        """For each confidence the chance that the answer is right."""
        lifted = _lift(confidences)
        return np.asarray(expit(self.offset + self.slope * lifted), dtype=np.float64)


def calibrate(*, confidences: ArrayLike, correct: ArrayLike) -> Calibration:
    """What is a confidence worth, on rows where the truth is known?

    Platt scaling: logistic regression of "was right" on the logit of the confidence, with a weak
    normal prior (offset 0, slope 1) so that a sample without failures still has an answer. Newton's
    method with halved steps; the covariance is the inverse of the curvature. Assumes rows drawn at random.

    Shapes: two vectors of the same length, confidences in [0, 1], correct true or false. Errors:
    `BadSample` for no rows, different lengths or values out of range. Source: Platt (1999), in
    Advances in Large Margin Classifiers, pages 61-74.

    >>> rows = [0.9] * 50 + [0.6] * 50
    >>> found = calibrate(confidences=rows, correct=[1] * 40 + [0] * 10 + [1] * 25 + [0] * 25)
    >>> [round(float(chance), 2) for chance in found.chances([0.9, 0.6])]
    [0.8, 0.5]
    """
    x, y = _lift(confidences), numbers("correct", correct, keep_missing=True)
    if x.size != y.size or not x.size:
        raise BadSample(f"{x.size} confidences for {y.size} answers")
    if not np.all((y == 0) | (y == 1)):
        raise BadSample("correct must hold true and false only")
    design = np.column_stack([np.ones(x.size), x])
    prior = np.array([0.0, 1.0])
    found = prior.copy()

    def cost(at: NDArray[np.float64]) -> float:
        lifted = design @ at
        return float(
            np.sum(np.logaddexp(0, lifted) - y * lifted) + PULL / 2 * np.sum((at - prior) ** 2)
        )

    for _ in range(STEPS):
        chance = expit(design @ found)
        curvature = design.T @ (design * (chance * (1 - chance))[:, None]) + PULL * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (y - chance) - PULL * (found - prior))
        # Where nearly all are sure the curve is flat, and a full step would leap over the answer.
        while cost(found + step) > cost(found) and np.abs(step).max() > SMALL:
            step = step / 2
        found = found + step
        if np.abs(step).max() <= SMALL:
            break
    chance = expit(design @ found)
    curvature = design.T @ (design * (chance * (1 - chance))[:, None]) + PULL * np.eye(2)
    spread = np.linalg.inv(curvature)
    (aa, ab), (ba, bb) = spread.tolist()
    return Calibration(float(found[0]), float(found[1]), ((aa, ab), (ba, bb)), int(x.size))


def estimated_accuracy(
    *, calibration: Calibration, confidences: ArrayLike, confidence: float = 0.95
) -> Estimate:
    """How many of these unlabelled rows are answered right, if confidence means what it meant?

    The mean calibrated chance. Its variance: g' C g for the uncertain calibration (g: gradient of
    the mean in offset and slope, C: their covariance) plus the mean of c (1 - c) over n, since each
    row is right or wrong. Assumes that the world only changed in what confidence shows: rows of a
    category that the model has never met are answered confidently and wrongly, so an audit has to
    be able to contradict it (`contradicts`). An estimate, never a measurement.

    Shapes: one vector in [0, 1]. Units: fractions. Errors: `BadSample` for no rows or values out
    of range. Source: average calibrated confidence, Guillory et al. (2021), ICCV, 1134-1144; for
    the limits Garg et al. (2022), ICLR.

    >>> rows = [0.9] * 50 + [0.6] * 50
    >>> found = calibrate(confidences=rows, correct=[1] * 40 + [0] * 10 + [1] * 25 + [0] * 25)
    >>> answer = estimated_accuracy(calibration=found, confidences=[0.9] * 30 + [0.6] * 170)
    >>> round(answer.estimate, 2), round(answer.low, 2), round(answer.high, 2), answer.n
    (0.55, 0.41, 0.68, 200)
    """
    x = _lift(confidences)
    if not x.size:
        raise BadSample("no rows to estimate from")
    z = float(stats.norm.isf((1 - fraction("confidence", confidence)) / 2))
    chance = calibration.chances(confidences)
    slope = chance * (1 - chance)
    gradient = np.array([slope.mean(), (slope * x).mean()])
    variance = gradient @ np.array(calibration.covariance) @ gradient + slope.mean() / x.size
    mean, half = float(chance.mean()), z * sqrt(float(variance))
    return Estimate(mean, max(0.0, mean - half), min(1.0, mean + half), int(x.size))


def contradicts(*, estimated: Estimate, audited: Estimate) -> bool:
    """Do fresh labels say that the label-free estimate is wrong?

    True where the interval of their difference leaves out 0: the gap is larger than
    sqrt(a^2 + b^2), a and b being the half widths that face each other (Newcombe's combination of
    two intervals). Then confidence no longer means what it meant, and only labels measure.

    Source: Newcombe (1998), Stat. Med. 17:873-890, method 10; Donner and Zou (2012).

    >>> contradicts(estimated=Estimate(0.88, 0.85, 0.91, 400), audited=Estimate(0.66, 0.56, 0.75, 90))
    True
    >>> contradicts(estimated=Estimate(0.88, 0.85, 0.91, 400), audited=Estimate(0.82, 0.73, 0.89, 90))
    False
    """
    above, below = estimated, audited
    if estimated.estimate < audited.estimate:
        above, below = audited, estimated
    gap = above.estimate - below.estimate
    return gap > sqrt((above.estimate - above.low) ** 2 + (below.high - below.estimate) ** 2)


def _lift(confidences: ArrayLike) -> NDArray[np.float64]:
    values = numbers("confidences", confidences, keep_missing=True)
    if not np.all((values >= 0) & (values <= 1)):
        raise BadSample("confidences must lie between 0 and 1")
    return np.asarray(logit(np.clip(values, EDGE, 1 - EDGE)), dtype=np.float64)
