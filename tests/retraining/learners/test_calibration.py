"""Temperature makes confidence meet accuracy, whichever way it was off."""

import numpy as np
import pytest
from scipy.special import softmax

from retraining.learners.calibration import RANGE, apply_temperature, fitted_temperature, log_loss


def honest_rows(n=4000, seed=0):
    """Probabilities and labels drawn from exactly them."""
    rng = np.random.default_rng(seed)
    proba = softmax(rng.normal(scale=2.0, size=(n, 4)), axis=1)
    return proba, np.array([rng.choice(4, p=row) for row in proba])


@pytest.mark.parametrize("distortion", [0.5, 1.0, 2.5])
def test_it_finds_the_temperature_that_undoes_a_distortion(distortion):
    proba, codes = honest_rows()
    shown = apply_temperature(proba, distortion)
    temperature = fitted_temperature(shown, codes)
    assert temperature == pytest.approx(1.0 / distortion, rel=0.1)
    mended = apply_temperature(shown, temperature)
    confidence, right = mended.max(axis=1).mean(), (mended.argmax(axis=1) == codes).mean()
    assert confidence == pytest.approx(right, abs=0.02)
    assert log_loss(mended, codes) <= log_loss(shown, codes) + 1e-6


def test_it_never_changes_an_answer_and_keeps_zeros():
    proba = np.array([[0.5, 0.3, 0.2, 0.0], [0.1, 0.0, 0.9, 0.0]])
    sharper = apply_temperature(proba, 0.3)
    np.testing.assert_allclose(sharper.sum(axis=1), 1.0)
    assert (sharper.argsort(axis=1) == proba.argsort(axis=1)).all()
    assert (sharper[proba == 0] == 0).all()
    np.testing.assert_array_equal(apply_temperature(proba, 1.0), proba)


def test_it_stays_finite_where_probabilities_are_tiny():
    proba = np.array([[1.0 - 1e-300, 1e-300]])
    assert np.isfinite(apply_temperature(proba, RANGE[0])).all()


def test_few_rows_or_rows_of_unknown_categories_say_nothing():
    proba, codes = honest_rows(n=19)
    assert fitted_temperature(proba, codes) == 1.0
    unknown = np.tile([1.0, 0.0], (200, 1))
    assert fitted_temperature(unknown, np.ones(200, dtype=int)) == 1.0
