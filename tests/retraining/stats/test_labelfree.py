import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate
from retraining.stats.labelfree import calibrate, contradicts, estimated_accuracy


def production(rng, n, shift=0.0):
    """Overconfident answers: right with chance expit(-0.5 + 0.8 logit(confidence))."""
    confidences = np.clip(expit(rng.normal(2.0 + shift, 1.2, size=n)), 0.02, 0.995)
    return confidences, rng.random(n) < expit(-0.5 + 0.8 * logit(confidences))


def test_with_many_rows_calibration_is_logistic_regression():
    confidences, right = production(np.random.default_rng(1), 20_000)
    found = calibrate(confidences=confidences, correct=right)
    peer = sm.Logit(right.astype(float), sm.add_constant(logit(confidences))).fit(disp=0)
    assert [found.offset, found.slope] == pytest.approx(list(peer.params), abs=0.005)
    assert np.array(found.covariance) == pytest.approx(np.asarray(peer.cov_params()), rel=0.02)


@pytest.mark.parametrize("shift", [0.0, -1.0])
def test_the_interval_covers_the_accuracy_of_rows_without_labels(shift):
    rng, covered = np.random.default_rng(2), []
    for _ in range(400):
        confidences, right = production(rng, 150)
        calibration = calibrate(confidences=confidences, correct=right)
        later, truth = production(rng, 300, shift)
        answer = estimated_accuracy(calibration=calibration, confidences=later)
        covered.append(answer.low <= truth.mean() <= answer.high)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_confident_and_wrong_answers_are_contradicted_by_an_audit_and_good_ones_rarely():
    rng, false, caught = np.random.default_rng(3), [], []
    for _ in range(300):
        confidences, right = production(rng, 200)
        calibration = calibrate(confidences=confidences, correct=right)
        later, truth = production(rng, 300)
        estimated = estimated_accuracy(calibration=calibration, confidences=later)
        for fails, told in ((0.0, false), (0.25, caught)):
            audit = truth[:100] & (rng.random(100) >= fails)
            p, half = audit.mean(), 1.96 * np.sqrt(audit.mean() * (1 - audit.mean()) / 100)
            told.append(
                contradicts(estimated=estimated, audited=Estimate(p, p - half, p + half, 100))
            )
    assert np.mean(false) < 0.05 and np.mean(caught) > 0.8


def test_a_sample_without_failures_and_sure_answers_still_calibrates():
    found = calibrate(confidences=[1.0, 0.999] * 20, correct=[True] * 40)
    assert 0.9 < found.chances([0.99])[0] < 1


@pytest.mark.parametrize("confidences", [[1.0] * 100, [0.995, 0.9999] * 50, [0.01, 0.02] * 50])
def test_answers_that_are_all_as_sure_are_as_often_right_as_the_audit_says(confidences):
    found = calibrate(confidences=confidences, correct=[True] * 91 + [False] * 9)
    answer = estimated_accuracy(calibration=found, confidences=confidences)
    assert answer.estimate == pytest.approx(0.91, abs=0.02)
    assert answer.low > 0.8


def test_what_is_no_confidence_is_refused():
    for confidences, correct in (([], []), ([0.5], [1, 0]), ([1.5], [1]), ([0.5], [2])):
        with pytest.raises(BadSample):
            calibrate(confidences=confidences, correct=correct)
    with pytest.raises(BadSample):
        estimated_accuracy(calibration=calibrate(confidences=[0.5], correct=[1]), confidences=[])
