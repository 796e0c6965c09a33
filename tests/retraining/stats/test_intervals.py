import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate
from retraining.stats.intervals import beta_binomial, rate_difference, wilson

counts = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
small_counts = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.floats(0.5, 0.999)


def test_an_estimate_becomes_plain_json():
    told = Estimate(np.float64(0.5), np.float64(0.25), 0.75, np.int64(8)).as_dict()
    assert json.loads(json.dumps(told)) == {"estimate": 0.5, "low": 0.25, "high": 0.75, "n": 8}
    assert [type(value) for value in told.values()] == [float, float, float, int]


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_matches_newcombes_published_examples(successes, n, low, high):
    rate = wilson(successes=successes, n=n)
    assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)


@settings(deadline=None, max_examples=50)
@given(counts, levels)
def test_wilson_matches_statsmodels(pair, confidence):
    successes, n = pair
    rate = wilson(successes=successes, n=n, confidence=confidence)
    expected = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    assert (rate.low, rate.high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= rate.low <= rate.estimate <= rate.high <= 1


def test_wilson_covers_the_truth_about_as_often_as_it_says():
    for truth in (0.5, 0.8, 0.93):
        n = 60
        chance = scipy_stats.binom.pmf(np.arange(n + 1), n, truth)
        rates = [wilson(successes=k, n=n) for k in range(n + 1)]
        covered = sum(
            p for p, rate in zip(chance, rates, strict=True) if rate.low <= truth <= rate.high
        )
        assert 0.92 < covered < 0.985


@pytest.mark.parametrize(
    "bad",
    [
        {"successes": 0, "n": 0},
        {"successes": 0, "n": -1},
        {"successes": 3, "n": 2},
        {"successes": -1, "n": 2},
        {"successes": 1.5, "n": 2},
        {"successes": float("nan"), "n": 2},
        {"successes": 1, "n": 2, "confidence": 1.0},
        {"successes": 1, "n": 2, "confidence": float("nan")},
    ],
)
def test_wilson_refuses_what_is_no_rate(bad):
    with pytest.raises(ValueError) as caught:
        wilson(**bad)
    assert caught.type is BadSample


def test_beta_binomial_matches_a_posterior_by_brute_force():
    grid = np.linspace(0, 1, 200_001)[1:-1]
    weight = grid ** (7 + 3 - 1) * (1 - grid) ** (2 + 1 - 1)
    cumulative = np.cumsum(weight) / weight.sum()
    answer = beta_binomial(successes=3, n=4, prior_successes=7, prior_failures=2, confidence=0.9)
    assert answer.estimate == pytest.approx((grid * weight).sum() / weight.sum(), abs=1e-4)
    assert answer.low == pytest.approx(grid[np.searchsorted(cumulative, 0.05)], abs=1e-4)
    assert answer.high == pytest.approx(grid[np.searchsorted(cumulative, 0.95)], abs=1e-4)
    assert answer.n == 4


def test_beta_binomial_without_rows_says_what_the_prior_says():
    answer = beta_binomial(successes=0, n=0, prior_successes=9, prior_failures=1)
    assert (answer.estimate, answer.n) == (0.9, 0)
    with pytest.raises(BadSample):
        beta_binomial(successes=0, n=0, prior_successes=0, prior_failures=1)
    with pytest.raises(BadSample):
        beta_binomial(successes=2, n=1, prior_successes=1, prior_failures=1)


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_rate_difference_matches_newcombes_published_examples(after, before, low, high):
    moved = rate_difference(
        after_successes=after[0], after_n=after[1], before_successes=before[0], before_n=before[1]
    )
    assert (moved.low, moved.high) == pytest.approx((low, high), abs=6e-5)


@settings(deadline=None, max_examples=50)
@given(small_counts, small_counts)
def test_rate_difference_matches_statsmodels_and_scipy(before, after):
    moved = rate_difference(
        before_successes=before[0], before_n=before[1], after_successes=after[0], after_n=after[1]
    )
    expected = confint_proportions_2indep(*after, *before, method="newcomb", compare="diff")
    assert (moved.low, moved.high) == pytest.approx(expected, abs=1e-9)
    table = [[after[0], after[1] - after[0]], [before[0], before[1] - before[0]]]
    assert moved.p_value == scipy_stats.fisher_exact(table).pvalue
    back = rate_difference(
        before_successes=after[0], before_n=after[1], after_successes=before[0], after_n=before[1]
    )
    assert (back.delta, back.low, back.high) == pytest.approx(
        (-moved.delta, -moved.high, -moved.low)
    )


def test_rate_difference_needs_rows_on_both_sides():
    with pytest.raises(BadSample):
        rate_difference(before_successes=0, before_n=0, after_successes=1, after_n=2)
    told = rate_difference(before_successes=1, before_n=4, after_successes=2, after_n=4).as_dict()
    assert json.loads(json.dumps(told))["n_before"] == 4
