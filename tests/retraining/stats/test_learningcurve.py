import numpy as np
import pytest
from scipy.optimize import curve_fit

from retraining.stats.errors import BadSample
from retraining.stats.learningcurve import learning_curve

SIZES = np.array([60, 120, 180, 240, 300, 420])


def law(n, floor, scale, exponent):
    return floor + scale * np.asarray(n, dtype=float) ** -exponent


def test_the_fit_is_the_one_that_scipy_finds():
    totals = np.full(6, 200_000)
    truth = law(SIZES, 0.08, 3.0, 0.6)
    correct = np.round((1 - truth) * totals).astype(int)
    found = learning_curve(rows=SIZES, correct=correct, totals=totals)
    peer, _ = curve_fit(
        law, SIZES, 1 - correct / totals, p0=[0.1, 2, 0.5], sigma=np.sqrt(truth * (1 - truth))
    )
    assert [found.floor, found.scale, found.exponent] == pytest.approx(list(peer), rel=0.02)
    assert found.gain(280).estimate == pytest.approx(
        law(420, 0.08, 3.0, 0.6) - law(700, 0.08, 3.0, 0.6), abs=1e-4
    )


def test_the_interval_covers_the_gain_of_more_rows():
    rng = np.random.default_rng(2)
    for floor, scale, exponent in ((0.05, 2.0, 0.45), (0.15, 6.0, 0.8)):
        truth = law(SIZES, floor, scale, exponent)
        gain = law(420, floor, scale, exponent) - law(620, floor, scale, exponent)
        covered = []
        for seed in range(100):
            found = learning_curve(
                rows=SIZES,
                correct=rng.binomial(420, 1 - truth),
                totals=np.full(6, 420),
                draws=200,
                seed=seed,
            ).gain(200)
            covered.append(found.low <= gain <= found.high)
        assert np.mean(covered) >= 0.9


def test_a_model_that_does_not_grow_promises_nothing():
    flat = learning_curve(rows=[100, 200, 400], correct=[800, 800, 800], totals=[1000] * 3)
    assert flat.gain(400).estimate == pytest.approx(0, abs=0.002)
    worse = learning_curve(rows=[100, 200, 400], correct=[820, 810, 800], totals=[1000] * 3)
    assert worse.gain(400).estimate == 0
    assert worse.gain(0).high == 0


def test_points_that_make_no_curve_are_refused():
    good = {"rows": [1, 2, 3], "correct": [1, 1, 1], "totals": [2, 2, 2]}
    learning_curve(**good)
    for bad in (
        {"rows": [1, 1, 2]},
        {"rows": [0, 1, 2]},
        {"totals": [2, 2]},
        {"totals": [0, 2, 2]},
        {"correct": [3, 1, 1]},
    ):
        with pytest.raises(BadSample):
            learning_curve(**(good | bad))
    with pytest.raises(BadSample):
        learning_curve(**good).gain(-1)
