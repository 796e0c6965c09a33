"""The scan for spoilt days: against brute force, in its false alarms, and in what it refuses."""

import numpy as np
import pytest
from scipy import stats

from retraining.stats.burst import SHARES, burst, dispersion
from retraining.stats.errors import BadSample


def best_by_hand(events, totals, shows, max_days):
    """Every window and share, as Bernoulli likelihoods written out."""
    events, totals = np.array(events), np.array(totals)
    rates = (events.sum(axis=1) + 0.5) / (totals.sum(axis=1) + 1)
    found = []
    for start in range(events.shape[1]):
        for stop in range(start + 1, min(start + max_days, events.shape[1]) + 1):
            c, n = events[:, start:stop].sum(axis=1), totals[:, start:stop].sum(axis=1)
            for share in SHARES:
                spoilt = rates + share * np.array(shows) * (1 - rates)
                ratio = stats.binom.logpmf(c, n, spoilt) - stats.binom.logpmf(c, n, rates)
                found.append((ratio.sum(), start, stop))
    return max(found)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_window_is_that_of_all_windows_tried_by_hand(seed):
    rng = np.random.default_rng(seed)
    totals = rng.integers(1, 12, size=(2, 14))
    events = rng.binomial(totals, 0.2)
    events[:, 5:8] = rng.binomial(totals[:, 5:8], 0.8)
    found = burst(events=events, totals=totals, shows=[1, 0.5], max_days=4, draws=1)
    ratio, start, stop = best_by_hand(events, totals, [1, 0.5], 4)
    assert found.log_likelihood_ratio == pytest.approx(ratio)
    assert (found.start, found.stop) == (start, stop)


def test_chance_alone_gives_small_p_values_as_often_as_they_say():
    rng = np.random.default_rng(1)
    totals = np.vstack([np.full(30, 4), np.full(30, 12)])
    p_values = []
    for seed in range(200):
        events = rng.binomial(totals, [[0.25], [0.06]])
        found = burst(
            events=events, totals=totals, shows=[1, 0.3], max_days=7, draws=199, seed=seed
        )
        p_values.append(found.p_value if found else 1.0)
    for level in (0.05, 0.2):
        assert np.sum(np.array(p_values) < level) <= stats.binom.ppf(0.999, 200, level)


def test_a_stratum_that_days_hold_more_of_is_no_burst():
    # More reviews on two days show more wrong answers, at the same rate.
    totals = [[2, 2, 30, 30, 2, 2], [30] * 6]
    events = [[1, 0, 9, 9, 0, 1], [2] * 6]
    found = burst(events=events, totals=totals, shows=[1, 0.3], max_days=3)
    assert found is None or found.p_value > 0.2


def test_dispersion_weakens_what_was_seen():
    case = {"events": [[0, 1, 5, 4, 0, 1]], "totals": [[8] * 6], "shows": [1], "max_days": 2}
    assert burst(**case, dispersion=2.0).p_value > burst(**case).p_value


def test_days_that_differ_by_chance_are_not_called_dispersed():
    rng = np.random.default_rng(2)
    found = [
        dispersion(events=rng.binomial(20, 0.2, (1, 30)), totals=[[20] * 30]) for _ in range(60)
    ]
    assert sum(one > 1 for one in found) <= stats.binom.ppf(0.999, 60, 0.05)


def test_nothing_shown_is_no_burst():
    assert burst(events=[[0, 0, 0]], totals=[[5, 5, 5]], shows=[1], max_days=2) is None


@pytest.mark.parametrize(
    "change",
    [
        {"events": [[6, 0, 0]]},
        {"events": [[1, 0]]},
        {"shows": [1.5]},
        {"shows": [1, 1]},
        {"max_days": 0},
        {"draws": 0},
        {"dispersion": 0.5},
        {"totals": [[5.5, 5, 5]]},
    ],
)
def test_what_cannot_be_counted_is_refused(change):
    case = {"events": [[1, 0, 0]], "totals": [[5, 5, 5]], "shows": [1], "max_days": 2}
    with pytest.raises(BadSample):
        burst(**case | change)
