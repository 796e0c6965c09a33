import json

import numpy as np
import pytest
from scipy import stats as scipy_stats

from retraining.stats.errors import BadSample
from retraining.stats.sequential import BETS, _limit, _looks, drop_e_value, sequential_drop


def test_the_e_value_is_a_ratio_of_two_conditional_likelihoods():
    for failures, total, n_before, n in ((7, 12, 60, 40), (0, 5, 30, 20), (9, 9, 50, 50)):
        expected = np.mean(
            [
                scipy_stats.nchypergeom_fisher.pmf(failures, n_before + n, total, n, np.exp(g))
                / scipy_stats.hypergeom.pmf(failures, n_before + n, total, n)
                for g in BETS
            ]
        )
        found = drop_e_value(
            failures_before=total - failures, n_before=n_before, failures=failures, n=n
        )
        assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("before", "after"), [(0.1, 0.1), (0.4, 0.4), (0.2, 0.12)])
def test_without_a_drop_the_e_value_is_1_on_average_at_most(before, after):
    n0, n1 = 30, 20
    mean = sum(
        scipy_stats.binom.pmf(a, n0, before)
        * scipy_stats.binom.pmf(b, n1, after)
        * drop_e_value(failures_before=a, n_before=n0, failures=b, n=n1)
        for a in range(n0 + 1)
        for b in range(n1 + 1)
    )
    assert mean == pytest.approx(1.0) if before == after else mean < 1


def alarmed_years(*, accuracy, n_baseline, n, drop=0.0, start=0, years=2000):
    """First look past the limit (99: none) of many years; limits are read off between five."""
    rng = np.random.default_rng(5)
    base = rng.binomial(n_baseline, 1 - accuracy, size=years)
    sizes = np.full(12, n)
    rates = np.where(np.arange(12) >= start, 1 - accuracy + drop, 1 - accuracy)
    failed = rng.binomial(n, rates, size=(years, 12))
    looks = np.array([by.mean(axis=0) for by in _looks(base, n_baseline, failed, sizes)]).T
    pooled = (base[:, None] + failed.cumsum(axis=1)) / (n_baseline + n * np.arange(1, 13))
    at = np.quantile(pooled, [0, 0.5, 1])
    limits = [
        _limit(
            round(r * n_baseline), n_baseline, np.full(12, round(r * n)), sizes, 12, 0.05, 2000, 0
        )
        for r in at
    ]
    over = looks >= np.interp(pooled, at, limits)
    return np.where(over.any(axis=1), over.argmax(axis=1), 99)


@pytest.mark.parametrize(("accuracy", "n_baseline", "n"), [(0.9, 100, 100), (0.75, 40, 60)])
def test_twelve_looks_together_alarm_in_at_most_a_twentieth_of_quiet_years(accuracy, n_baseline, n):
    alarmed = (alarmed_years(accuracy=accuracy, n_baseline=n_baseline, n=n) < 99).mean()
    assert 0.02 < alarmed <= 0.05


def test_a_drop_of_ten_points_is_called_within_three_months_and_five_points_by_some():
    ten = alarmed_years(accuracy=0.9, n_baseline=300, n=100, drop=0.1, start=2, years=500)
    assert (ten < 5).mean() > 0.8
    five = alarmed_years(accuracy=0.9, n_baseline=300, n=100, drop=0.05, start=2, years=500)
    assert 0.45 < (five < 99).mean() < 0.75


def test_the_alarm_names_the_month_since_when_and_ends_when_the_drop_is_over():
    fell = sequential_drop(
        baseline_correct=180, baseline_n=200, correct=[90, 91, 70, 71], totals=[100] * 4
    )
    assert (fell.alarm, fell.since, fell.first_alarm, fell.n) == (True, 2, 2, 400)
    again = sequential_drop(
        baseline_correct=180, baseline_n=200, correct=[90, 70, *[95] * 6], totals=[100] * 8
    )
    assert (again.alarm, again.since, again.first_alarm) == (False, None, 1)
    assert json.loads(json.dumps(fell.as_dict()))["since"] == 2


def test_months_without_rows_change_nothing_and_old_months_join_the_baseline():
    plain = sequential_drop(baseline_correct=90, baseline_n=100, correct=[80], totals=[100])
    gap = sequential_drop(baseline_correct=90, baseline_n=100, correct=[0, 80], totals=[0, 100])
    assert gap.e_value == pytest.approx(plain.e_value)
    assert gap.e_values[0] == 1.0
    long = sequential_drop(
        baseline_correct=90, baseline_n=100, correct=[90] * 3 + [80], totals=[100] * 4, looks=2
    )
    assert long.n_baseline == 300 and len(long.e_values) == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"baseline_n": 0, "baseline_correct": 0},
        {"totals": [0]},
        {"correct": [101]},
        {"correct": [1, 2]},
        {"baseline_correct": 11},
        {"alpha": 0.0},
    ],
)
def test_counts_that_are_none_are_refused(bad):
    good = {"baseline_correct": 9, "baseline_n": 10, "correct": [0], "totals": [100]}
    with pytest.raises(BadSample):
        sequential_drop(**(good | bad))
    with pytest.raises(BadSample):
        drop_e_value(failures_before=2, n_before=1, failures=0, n=1)
