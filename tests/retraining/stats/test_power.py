import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import proportion_confint

from retraining.stats.errors import BadSample
from retraining.stats.paired import mcnemar_greater
from retraining.stats.power import labels_for_margin, labels_to_detect_drop, paired_labels_needed


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 1), st.floats(0.005, 0.45))
def test_the_margin_is_kept_and_one_label_less_would_miss_it(rate, margin):
    n = labels_for_margin(rate=rate, margin=margin)

    def half_width(rows):
        low, high = proportion_confint(rate * rows, rows, method="wilson")
        return (high - low) / 2

    # statsmodels cuts at 0 and 1, so compare where it didn't.
    if 0.05 < rate < 0.95:
        assert half_width(n) <= margin + 1e-9
        assert n == 1 or half_width(n - 1) > margin - 1e-9


@pytest.mark.parametrize(
    ("baseline", "drop", "alpha", "power"),
    [
        (0.9, 0.1, 0.05, 0.8),
        (0.95, 0.2, 0.01, 0.9),
        (1.0, 0.1, 0.05, 0.8),
        (0.5, 0.5, 0.05, 0.8),
        (0.3, 0.3, 0.05, 0.9),
        (0.85, 0.06, 0.05, 0.8),
    ],
)
def test_a_drop_is_found_from_exactly_the_planned_number_on(baseline, drop, alpha, power):
    planned = labels_to_detect_drop(baseline=baseline, drop=drop, alpha=alpha, power=power)
    too_few = []
    for n in range(1, 700):
        tail = np.cumsum(scipy_stats.binom.pmf(np.arange(n + 1), n, baseline))
        allowed = np.flatnonzero(tail <= alpha)
        cut = allowed[-1] if allowed.size else -1
        if scipy_stats.binom.cdf(cut, n, baseline - drop) < power:
            too_few.append(n)
    assert planned == max(too_few, default=0) + 1


def test_large_plans_reach_their_power_too():
    n = labels_to_detect_drop(baseline=0.9, drop=0.008)
    assert n > 5000
    cut = scipy_stats.binom.ppf(0.05, n, 0.9) - 1
    assert scipy_stats.binom.cdf(cut, n, 0.892) == pytest.approx(0.8, abs=0.01)


def test_smaller_drops_need_more_labels():
    plans = [labels_to_detect_drop(baseline=0.9, drop=drop) for drop in (0.2, 0.1, 0.05, 0.01)]
    assert plans == sorted(plans)


@pytest.mark.parametrize(
    ("fixed", "broken", "n", "null"),
    [(8, 3, 100, 0.5), (3, 1, 60, 0.5), (1, 0, 20, 0.5), (40, 30, 100, 0.5), (16, 6, 22, 0.6)],
)
def test_the_planned_rows_prove_the_improvement_as_often_as_asked(fixed, broken, n, null):
    more = paired_labels_needed(fixed=fixed, broken=broken, n=n, share=null)
    assert more > 0
    shares = np.array([fixed + 0.5, broken + 0.5, n - fixed - broken + 0.5]) / (n + 1.5)
    draws = 40_000

    def proven(rows):
        new = np.random.default_rng(rows).multinomial(rows, shares, size=draws)
        ups, changed = fixed + new[:, 0], fixed + broken + new[:, 0] + new[:, 1]
        return np.mean(scipy_stats.binom.sf(ups - 1, changed, null) <= 0.05)

    assert proven(more) == pytest.approx(0.8, abs=0.015)
    assert proven(more * 3 // 4) < 0.8


def test_nothing_more_is_needed_for_what_is_proven():
    assert mcnemar_greater(fixed=10, broken=2) <= 0.05
    assert paired_labels_needed(fixed=10, broken=2, n=100) == 0


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (3, 3), (2, 5)])
def test_no_number_of_labels_proves_what_is_no_improvement(fixed, broken):
    assert paired_labels_needed(fixed=fixed, broken=broken, n=50) is None


def test_a_gain_of_a_size_takes_more_rows_than_any_gain():
    table = {"fixed": 8, "broken": 3, "n": 11}
    assert paired_labels_needed(**table) < paired_labels_needed(**table, share=0.6)
    assert paired_labels_needed(**table, share=0.75) is None


def test_more_labels_than_anyone_would_draw_are_not_asked_for():
    assert paired_labels_needed(fixed=51, broken=50, n=5000) is None
    enough = paired_labels_needed(fixed=8, broken=3, n=100)
    assert paired_labels_needed(fixed=8, broken=3, n=100, max_labels=enough) == enough
    assert paired_labels_needed(fixed=8, broken=3, n=100, max_labels=enough - 10) is None
    assert paired_labels_needed(fixed=8, broken=3, n=100, max_labels=0) is None


def test_plans_that_make_no_sense_are_refused():
    for bad in (
        {"rate": 1.1, "margin": 0.1},
        {"rate": 0.5, "margin": 0.0},
        {"rate": 0.5, "margin": 0.5},
        {"rate": float("nan"), "margin": 0.1},
    ):
        with pytest.raises(BadSample):
            labels_for_margin(**bad)
    for bad in ({"baseline": 0.0, "drop": 0.1}, {"baseline": 0.5, "drop": 0.6}):
        with pytest.raises(BadSample):
            labels_to_detect_drop(**bad)
    for bad in ({"fixed": 6, "broken": 5, "n": 10}, {"fixed": 0, "broken": 0, "n": 0}):
        with pytest.raises(BadSample):
            paired_labels_needed(**bad)
