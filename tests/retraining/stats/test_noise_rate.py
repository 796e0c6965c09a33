import numpy as np
import pytest

from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate
from retraining.stats.noise import corrected_accuracy, corrected_accuracy_unsure
from retraining.stats.noise_rate import error_rate_of_filter, error_rate_of_labellers


def labelled(rng, rows, categories, error, people):
    truth = rng.integers(categories, size=rows)
    found = []
    for t in truth:
        slips = rng.random(people) < error
        other = (t + rng.integers(1, categories, size=people)) % categories
        found.append([str(v) for v in np.where(slips, other, t)])
    return found


@pytest.mark.parametrize(
    ("categories", "error", "people"), [(27, 0.1, 2), (3, 0.15, 2), (5, 0.08, 3)]
)
def test_the_rate_of_people_is_recovered_and_covered(categories, error, people):
    rng = np.random.default_rng(11)
    found = [
        error_rate_of_labellers(
            labels=labelled(rng, 120, categories, error, people), categories=categories
        )
        for _ in range(300)
    ]
    assert np.mean([f.estimate for f in found]) == pytest.approx(error, abs=0.005)
    assert np.mean([f.low <= error <= f.high for f in found]) >= 0.93


def test_the_rate_behind_a_filter_is_recovered_and_covered():
    rng = np.random.default_rng(12)
    truth, catch, drop, found = 0.1, 0.85, 0.05, []
    for _ in range(300):
        wrong = rng.binomial(200, truth)
        flagged = rng.binomial(wrong, catch) + rng.binomial(200 - wrong, drop)
        found.append(
            error_rate_of_filter(
                flagged=int(flagged),
                n=200,
                catch=(int(rng.binomial(100, catch)), 100),
                false_drop=(int(rng.binomial(900, drop)), 900),
                draws=1000,
            )
        )
    assert np.mean([f.estimate for f in found]) == pytest.approx(truth, abs=0.01)
    assert 0.92 <= np.mean([f.low <= truth <= f.high for f in found]) <= 0.99


def test_an_uncertain_noise_rate_widens_the_interval_and_covers_the_truth():
    rng = np.random.default_rng(13)
    accuracy, error, covered, narrow = 0.8, 0.1, [], []
    for _ in range(300):
        rows = labelled(rng, 60, 27, error, 2)
        noise = error_rate_of_labellers(labels=rows, categories=27)
        seen = int(rng.binomial(300, accuracy * (1 - error)))
        wide = corrected_accuracy_unsure(correct=seen, n=300, label_error=noise, draws=1000)
        known = corrected_accuracy(correct=seen, n=300, label_error=noise.estimate)
        covered.append(wide.low <= accuracy <= wide.high)
        narrow.append(known.low <= accuracy <= known.high)
        assert wide.high - wide.low > known.high - known.low
    assert 0.92 <= np.mean(covered) <= 0.99
    assert np.mean(narrow) < 0.91


def test_a_noise_rate_that_is_known_gives_the_plain_correction():
    known = Estimate(0.1, 0.1, 0.1, 100)
    unsure = corrected_accuracy_unsure(correct=160, n=200, label_error=known, draws=20_000)
    plain = corrected_accuracy(correct=160, n=200, label_error=0.1)
    assert (unsure.estimate, unsure.n) == (plain.estimate, plain.n)
    assert (unsure.low, unsure.high) == pytest.approx((plain.low, plain.high), abs=0.01)


def test_what_says_nothing_about_noise_is_refused():
    with pytest.raises(BadSample):
        error_rate_of_labellers(labels=[["a"], []], categories=3)
    with pytest.raises(BadSample):
        error_rate_of_labellers(labels=[["a", "b"]] * 9, categories=3)
    with pytest.raises(BadSample):
        error_rate_of_filter(flagged=5, n=9, catch=(5, 100), false_drop=(10, 100))
    with pytest.raises(BadSample):
        corrected_accuracy_unsure(correct=5, n=9, label_error=Estimate(0.1, 0.2, 0.3, 5))
    with pytest.raises(BadSample):
        corrected_accuracy_unsure(
            correct=5, n=9, label_error=Estimate(0.1, 0.1, 0.1, 5), wave_through=(1, 0)
        )
