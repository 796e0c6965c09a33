import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retraining.stats.errors import BadSample
from retraining.stats.intervals import wilson
from retraining.stats.noise import corrected_accuracy


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_labels_without_errors_change_nothing(pair):
    correct, n = pair
    assert corrected_accuracy(correct=correct, n=n, label_error=0.0) == wilson(
        successes=correct, n=n
    )


@pytest.mark.parametrize("wave_through", [0.0, 0.4, 1.0])
def test_the_correction_recovers_the_true_accuracy_of_a_simulation(wave_through):
    rng = np.random.default_rng(8)
    n, accuracy, error = 200_000, 0.83, 0.12
    right = rng.random(n) < accuracy
    wrong_label = rng.random(n) < error
    waved = rng.random(n) < wave_through
    agrees = np.where(right, ~wrong_label, wrong_label & waved)
    answer = corrected_accuracy(
        correct=int(agrees.sum()), n=n, label_error=error, wave_through=wave_through
    )
    assert answer.estimate == pytest.approx(accuracy, abs=0.005)
    assert answer.low < answer.estimate < answer.high


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(4)
    agreeing = rng.binomial(150, 0.8 * 0.9, size=1000)
    covered = 0
    for correct in agreeing.tolist():
        answer = corrected_accuracy(correct=correct, n=150, label_error=0.1)
        covered += answer.low <= 0.8 <= answer.high
    assert 930 <= covered <= 975


def test_accuracy_stays_between_0_and_1():
    perfect = corrected_accuracy(correct=99, n=100, label_error=0.1)
    assert (perfect.estimate, perfect.high) == (1.0, 1.0)
    hopeless = corrected_accuracy(correct=0, n=100, label_error=0.2, wave_through=1)
    assert (hopeless.estimate, hopeless.low) == (0.0, 0.0)


@pytest.mark.parametrize(
    "bad",
    [
        {"label_error": -0.1},
        {"label_error": float("nan")},
        {"label_error": 1.0},
        {"label_error": 0.5, "wave_through": 1.0},
        {"label_error": 0.1, "wave_through": 2.0},
        {"label_error": 0.1, "n": 0},
    ],
)
def test_labels_that_carry_no_information_are_refused(bad):
    with pytest.raises(BadSample):
        corrected_accuracy(**({"correct": 0, "n": 10} | bad))
