import numpy as np
import pytest
from scipy import stats as scipy_stats

from retraining.stats.errors import BadSample
from retraining.stats.outcomes import ratio_by_band, trend_over_months


def policies(rng, n=600, ratios=(0.4, 0.6, 0.9)):
    """Premiums and losses of policies in three bands: a fifth of them have a claim."""
    bands = rng.choice(["low", "mid", "high"], size=n)
    premiums = rng.uniform(50, 150, size=n)
    expected = np.array([dict(zip(("low", "mid", "high"), ratios, strict=True))[b] for b in bands])
    losses = premiums * expected * 5 * (rng.random(n) < 0.2) * rng.uniform(0.5, 1.5, size=n)
    return {"bands": list(bands), "numerators": losses, "denominators": premiums}


def test_loss_ratios_are_covered_and_agree_with_scipys_bootstrap():
    rng, covered = np.random.default_rng(7), []
    for seed in range(150):
        data = policies(rng)
        found = ratio_by_band(**data, order=["low", "mid", "high"], draws=400, seed=seed)
        covered += [
            found.ratios[b].low <= r <= found.ratios[b].high
            for b, r in (("low", 0.4), ("mid", 0.6), ("high", 0.9))
        ]
    assert 0.90 <= np.mean(covered) <= 0.98
    own = np.array(data["bands"]) == "mid"
    pair = data["numerators"][own], data["denominators"][own]
    peer = scipy_stats.bootstrap(
        pair,
        lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=2000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (found.ratios["mid"].low, found.ratios["mid"].high) == pytest.approx(
        (peer.low, peer.high), abs=0.05
    )


def test_a_band_out_of_order_is_named_only_beyond_chance():
    data = policies(np.random.default_rng(8), n=3000, ratios=(0.4, 0.9, 0.5))
    found = ratio_by_band(**data, order=["low", "mid", "high"], draws=500)
    assert not found.ordered and found.broken == (("mid", "high"),)
    calm = ratio_by_band(
        **policies(np.random.default_rng(9), n=3000), order=["low", "mid", "high"], draws=500
    )
    assert calm.ordered and calm.broken == ()


def test_without_denominators_the_ratio_is_the_mean():
    found = ratio_by_band(
        bands=["a", "a", "b"], numerators=[1, 3, 5], order=["z", "a", "b"], draws=100
    )
    assert {k: (r.estimate, r.n) for k, r in found.ratios.items()} == {"a": (2.0, 2), "b": (5.0, 1)}


def test_a_trend_is_found_and_its_false_alarm_rate_holds():
    rng = np.random.default_rng(10)
    rising = [
        trend_over_months(values=0.6 + 0.02 * np.arange(8) + rng.normal(0, 0.01, 8))
        for _ in range(50)
    ]
    assert np.mean([t.p_value < 0.05 and t.low > 0 for t in rising]) > 0.95
    flat = [trend_over_months(values=rng.normal(0.6, 0.02, 8)) for _ in range(400)]
    assert np.mean([t.p_value < 0.05 for t in flat]) <= 0.07
    assert np.mean([t.low <= 0 <= t.high for t in flat]) >= 0.9


def test_odd_and_missing_months_do_not_turn_a_trend():
    found = trend_over_months(values=[1, 2, float("nan"), 4, 50, 6])
    assert found.slope == pytest.approx(1.0) and found.n == 5
    assert trend_over_months(values=[0.5] * 4).p_value == 1.0
    assert trend_over_months(values=[1, 2, 3]).p_value > 0.05


def test_outcomes_that_are_none_are_refused():
    good = {
        "bands": ["a", "b"],
        "numerators": [1.0, 2.0],
        "denominators": [1.0, 2.0],
        "order": ["a", "b"],
    }
    for bad in (
        {"bands": ["a"]},
        {"order": ["a"]},
        {"numerators": [1.0, float("nan")]},
        {"denominators": [1.0, 0.0]},
        {"denominators": [1.0, -1.0]},
    ):
        with pytest.raises(BadSample):
            ratio_by_band(**(good | bad))
    with pytest.raises(BadSample):
        trend_over_months(values=[1, 2])
