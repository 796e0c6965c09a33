import numpy as np
import pytest
from scipy import stats as scipy_stats

from retraining.stats.errors import BadSample
from retraining.stats.intervals import wilson
from retraining.stats.pooling import pooled_rates


def test_the_answer_is_the_posterior_that_brute_force_finds():
    counts = {"a": (18, 20), "b": (3, 4), "c": (9, 15)}
    found = pooled_rates(counts=counts, confidence=0.9)
    rng = np.random.default_rng(3)
    size = 400_000
    mean, strength = rng.random(size), rng.uniform(1000**-0.5, 1, size) ** -2
    rates = rng.beta(mean * strength, (1 - mean) * strength, size=(3, size)).clip(1e-9, 1 - 1e-9)
    weight = np.prod(
        [scipy_stats.binom.pmf(k, n, r) for (k, n), r in zip(counts.values(), rates, strict=True)],
        axis=0,
    )
    for drawn, rate in zip(rates, found.rates.values(), strict=True):
        assert rate.estimate == pytest.approx(np.average(drawn, weights=weight), abs=0.01)
        order = np.argsort(drawn)
        below = np.cumsum(weight[order]) / weight.sum()
        for limit, tail in ((rate.low, 0.05), (rate.high, 0.95)):
            assert limit == pytest.approx(drawn[order][np.searchsorted(below, tail)], abs=0.02)


def test_intervals_cover_and_are_narrower_than_each_category_alone():
    rng = np.random.default_rng(4)
    covered, wide, alone, missed, missed_alone = [], [], [], [], []
    for _ in range(60):
        truth = rng.beta(0.85 * 15, 0.15 * 15, size=20)
        sizes = rng.integers(2, 12, size=20)
        hits = rng.binomial(sizes, truth)
        counts = {
            str(i): (int(k), int(n)) for i, (k, n) in enumerate(zip(hits, sizes, strict=True))
        }
        for name, rate in pooled_rates(counts=counts).rates.items():
            own, true = wilson(successes=counts[name][0], n=counts[name][1]), truth[int(name)]
            covered.append(rate.low <= true <= rate.high)
            wide.append(rate.high - rate.low)
            alone.append(own.high - own.low)
            missed.append((rate.estimate - true) ** 2)
            missed_alone.append((own.estimate - true) ** 2)
    assert 0.93 <= np.mean(covered) <= 0.99
    assert np.mean(wide) < 0.7 * np.mean(alone)
    assert np.mean(missed) < 0.6 * np.mean(missed_alone)


def test_many_rows_speak_for_themselves_and_none_for_the_others():
    found = pooled_rates(counts={"big": (500, 1000), "fine": (95, 100), "none": (0, 0)})
    assert found.rates["big"].estimate == pytest.approx(0.5, abs=0.01)
    none = found.rates["none"]
    assert none.n == 0 and none.low < 0.3 and none.high > 0.95
    alike = pooled_rates(counts={str(i): (9, 10) for i in range(20)})
    assert alike.strength > 50 and alike.common == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("counts", [{}, {"a": (0, 0)}, {"a": (2, 1)}, {"a": (-1, 3)}])
def test_counts_that_are_none_are_refused(counts):
    with pytest.raises(BadSample):
        pooled_rates(counts=counts)
