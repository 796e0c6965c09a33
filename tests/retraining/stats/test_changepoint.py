from dataclasses import asdict
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from retraining.stats.changepoint import lasting_change, mean_shift, raised_window
from retraining.stats.errors import BadSample

days = st.lists(
    st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=9,
)


def best_by_hand(events, totals, windows):
    def fit(hits, rows):
        rate = hits / rows if rows else 0
        return (hits * log(rate) if hits else 0) + (
            (rows - hits) * log(1 - rate) if rows > hits else 0
        )

    best = None
    for start, stop in windows:
        c, m = sum(events[start:stop]), sum(totals[start:stop])
        d, k = sum(events) - c, sum(totals) - m
        if m and k and c / m > d / k + 1e-12:
            ratio = fit(c, m) + fit(d, k) - fit(c + d, m + k)
            if best is None or ratio > best[0] + 1e-9:
                best = (ratio, start, stop)
    return best


def compare(found, by_hand):
    assert (found is None) is (by_hand is None)
    if found is not None:
        assert found.log_likelihood_ratio == pytest.approx(by_hand[0])
        assert (found.start, found.stop) == by_hand[1:]
        assert 0 < found.p_value <= 1


@settings(deadline=None, max_examples=50)
@given(days)
def test_the_scan_finds_what_trying_every_window_finds(series):
    events, totals = [c for c, _ in series], [n for _, n in series]
    size = len(series)
    every = [(s, s + k) for k in range(1, size) for s in range(size - k + 1)]
    compare(
        raised_window(events=events, totals=totals, draws=9), best_by_hand(events, totals, every)
    )
    ending = [(size - k, size) for k in range(1, size)]
    compare(
        lasting_change(events=events, totals=totals, draws=9), best_by_hand(events, totals, ending)
    )


def test_a_campaign_weekend_is_found_with_its_rates():
    rng = np.random.default_rng(1)
    totals = rng.integers(80, 120, 31)
    rates = np.full(31, 0.05)
    rates[10:14] = 0.25
    events = rng.binomial(totals, rates)
    found = raised_window(events=events, totals=totals)
    assert (found.start, found.stop) == (10, 14)
    assert found.p_value < 0.001
    assert found.rate_inside == events[10:14].sum() / totals[10:14].sum()
    assert found.rate_outside == pytest.approx(0.05, abs=0.02)
    assert found.n_inside + found.n_outside == totals.sum()
    assert all(type(value) in (int, float) for value in asdict(found).values())


def test_a_lasting_change_is_found_from_its_first_day():
    since = lasting_change(events=[2] * 14 + [14] * 6, totals=[50] * 20)
    assert (since.start, since.stop, since.p_value < 0.001) == (14, 20, True)


def test_a_burst_that_is_over_shows_in_the_comparison_of_both_scans():
    totals, events = [50] * 20, [2] * 20
    events[5:8] = [25, 25, 25]
    burst = raised_window(events=events, totals=totals)
    since = lasting_change(events=events, totals=totals)
    assert (burst.start, burst.stop) == (5, 8)
    # The rows after the burst dilute it but don't hide it: p alone would call it lasting.
    assert since.p_value < 0.05
    assert burst.log_likelihood_ratio > since.log_likelihood_ratio + 3


def test_a_change_that_lasts_is_explained_about_as_well_by_either_scan():
    rng = np.random.default_rng(3)
    gaps = []
    for _ in range(1000):
        totals = rng.integers(20, 60, 30)
        events = rng.binomial(totals, np.r_[np.full(18, 0.05), np.full(12, 0.2)])
        burst = raised_window(events=events, totals=totals, draws=1)
        since = lasting_change(events=events, totals=totals, draws=1)
        gaps.append(burst.log_likelihood_ratio - since.log_likelihood_ratio)
    assert min(gaps) >= 0
    assert np.mean(np.array(gaps) > 3) < 0.05


@pytest.mark.parametrize("scan", [raised_window, lasting_change])
def test_the_search_over_windows_is_paid_for(scan):
    rng = np.random.default_rng(6)
    months, alarms = 250, 0
    for month in range(months):
        totals = rng.integers(5, 40, 30)
        found = scan(events=rng.binomial(totals, 0.15), totals=totals, draws=99, seed=month)
        alarms += found is not None and found.p_value <= 0.1
    assert alarms <= scipy_stats.binom.ppf(0.999, months, 0.1)
    assert alarms >= scipy_stats.binom.ppf(0.001, months, 0.1)


def test_window_lengths_are_kept():
    events, totals = [0, 0, 9, 0, 0, 0, 0, 0], [10] * 8
    assert raised_window(events=events, totals=totals).stop == 3
    longer = raised_window(events=events, totals=totals, min_days=3)
    assert longer.stop - longer.start == 3
    ramp = {"events": [1, 1, 1, 5, 5, 5, 5, 5], "totals": totals}
    assert lasting_change(**ramp).start == 3
    assert lasting_change(**ramp, max_days=2).start == 6
    assert raised_window(**ramp, min_days=8) is None


def test_days_without_rows_are_not_part_of_a_window():
    found = raised_window(events=[1, 0, 9, 8, 0, 1], totals=[20, 0, 20, 20, 0, 20])
    assert (found.start, found.stop) == (2, 4)


@pytest.mark.parametrize(
    ("events", "totals"),
    [([], []), ([0, 0], [5, 5]), ([5, 5], [5, 5]), ([3], [9]), ([0, 3], [0, 9]), ([0, 0], [0, 0])],
)
def test_where_nothing_can_be_raised_nothing_is_found(events, totals):
    assert raised_window(events=events, totals=totals) is None
    assert lasting_change(events=events, totals=totals) is None


@pytest.mark.parametrize(
    "bad",
    [
        {"events": [2, 0], "totals": [1, 5]},
        {"events": [1], "totals": [1, 5]},
        {"events": [-1, 1], "totals": [1, 5]},
        {"events": [0.5, 1], "totals": [1, 5]},
        {"events": [1, 1], "totals": [1, float("nan")]},
        {"events": [1, 1], "totals": [5, 5], "draws": 0},
        {"events": [1, 1], "totals": [5, 5], "min_days": 0},
        {"events": [1, 1], "totals": [5, 5], "min_days": 2, "max_days": 1},
    ],
)
def test_days_that_make_no_sense_are_refused(bad):
    for scan in (raised_window, lasting_change):
        with pytest.raises(BadSample):
            scan(**bad)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=15), st.integers(1, 3))
def test_the_split_is_the_best_step_function(values, smallest):
    found = mean_shift(values=values, draws=9, min_size=smallest)
    series = np.array(values, dtype=float)
    if series.size < 2 * smallest or np.ptp(series) == 0:
        assert found is None
        return
    left = {
        k: ((series[:k] - series[:k].mean()) ** 2).sum()
        + ((series[k:] - series[k:].mean()) ** 2).sum()
        for k in range(smallest, series.size - smallest + 1)
    }
    assert left[found.index] == pytest.approx(min(left.values()), abs=1e-6)
    explained = 1 - left[found.index] / (series.size * series.var())
    assert found.statistic**2 / series.size == pytest.approx(explained, abs=1e-9)
    assert found.mean_before == pytest.approx(series[: found.index].mean())


def test_a_unit_change_is_dated():
    rng = np.random.default_rng(2)
    celsius = rng.normal(18, 4, 40)
    celsius[23:] = celsius[23:] * 1.8 + 32
    celsius[[4, 30]] = np.nan
    found = mean_shift(values=celsius)
    assert (found.index, found.p_value < 0.001, found.n_before + found.n_after) == (23, True, 38)
    far = mean_shift(values=celsius + 1e9)
    assert far.index == 23


def test_level_series_raise_few_alarms():
    rng = np.random.default_rng(12)
    alarms = sum(
        mean_shift(values=rng.exponential(size=30), draws=99, seed=run).p_value <= 0.1
        for run in range(400)
    )
    low, high = scipy_stats.binom.ppf([0.001, 0.999], 400, 0.1)
    assert low <= alarms <= high


def test_a_long_series_is_permuted_in_blocks():
    values = np.r_[np.zeros(6000), np.ones(6000)] + np.random.default_rng(0).normal(size=12000)
    found = mean_shift(values=values, draws=199)
    assert found.index == pytest.approx(6000, abs=40)
    assert found.p_value < 1 / 200


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 9, [np.nan] * 5, [1.0, np.nan]])
def test_a_series_without_two_levels_has_no_shift(values):
    assert mean_shift(values=values) is None


def test_infinite_values_are_refused():
    with pytest.raises(BadSample):
        mean_shift(values=[1.0, np.inf])
    with pytest.raises(BadSample):
        mean_shift(values=[1.0, 2.0], min_size=0)


@pytest.mark.parametrize("scan", [raised_window, lasting_change])
def test_the_tail_beyond_the_permutations_agrees_with_many_more_of_them(scan):
    rng = np.random.default_rng(8)
    totals = rng.integers(10, 25, size=30)
    events = rng.binomial(totals, 0.1)
    events[24:] = rng.binomial(totals[24:], 0.28)
    few, many = (scan(events=events, totals=totals, draws=draws, seed=3) for draws in (199, 40_000))
    assert many.p_value < 0.005
    assert many.p_value / 4 <= few.p_value <= many.p_value * 4
