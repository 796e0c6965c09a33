import json
from math import inf, log
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from retraining.stats.drift import (
    Bins,
    DriftTest,
    chi_square_test,
    jensen_shannon,
    kl,
    ks_test,
    psi,
    psi_test,
    wasserstein,
)
from retraining.stats.errors import BadSample

vectors = st.integers(1, 12).flatmap(
    lambda k: st.tuples(
        *[st.lists(st.integers(0, 300), min_size=k, max_size=k).filter(any) for _ in "rc"]
    )
)


@settings(deadline=None, max_examples=50)
@given(vectors)
def test_psi_is_the_sum_of_both_divergences_and_symmetric(pair):
    reference, current = pair
    value = psi(reference=reference, current=current)
    bins = [(r + 0.5, c + 0.5) for r, c in zip(reference, current, strict=True) if r + c]
    all_r, all_c = sum(r for r, _ in bins), sum(c for _, c in bins)
    by_hand = sum((c / all_c - r / all_r) * log((c / all_c) / (r / all_r)) for r, c in bins)
    assert value == pytest.approx(by_hand, abs=1e-12)
    assert value == pytest.approx(psi(reference=current, current=reference), abs=1e-12)
    there, back = kl(reference=reference, current=current), kl(reference=current, current=reference)
    assert value == pytest.approx(there + back, abs=1e-12)
    assert there >= -1e-12


@settings(deadline=None, max_examples=50)
@given(vectors)
def test_jensen_shannon_is_a_distance_between_0_and_1(pair):
    reference, current = (np.array(counts) for counts in pair)
    value = jensen_shannon(reference=reference, current=current)
    p, q = reference / reference.sum(), current / current.sum()
    middle = (p + q) / 2
    by_hand = (scipy_stats.entropy(p, middle, 2) + scipy_stats.entropy(q, middle, 2)) / 2
    assert value == pytest.approx(np.sqrt(max(by_hand, 0)), abs=1e-7)
    assert 0 <= value <= 1 + 1e-12
    assert jensen_shannon(reference=reference, current=3 * reference) == pytest.approx(0, abs=1e-7)


def test_bins_empty_in_both_samples_change_nothing():
    bare = psi_test(reference=[40, 60], current=[9, 1])
    padded = psi_test(reference=[0, 40, 0, 60, 0], current=[0, 9, 0, 1, 0])
    assert (bare.value, bare.n_current) == (padded.value, padded.n_current)
    assert bare.critical == pytest.approx(padded.critical, rel=0.2)


def test_one_bin_or_all_missing_never_drifts():
    for test in (psi_test, chi_square_test):
        answer = test(reference=[0, 0, 70], current=[0, 0, 9])
        assert (answer.value, answer.critical, answer.p_value) == (0, 0, 1)
        assert not answer.tripped_at(0.0)


@pytest.mark.parametrize("sizes", [(1000, 100), (200, 200), (60, 25)])
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_psi_trips_on_undrifted_months_no_more_often_than_alpha(sizes, alpha):
    rng = np.random.default_rng([*sizes, round(100 * alpha)])
    shares = rng.dirichlet(np.full(12, 0.7))
    months, trips, small = 1000, 0, 0
    for month in range(months):
        reference, current = (rng.multinomial(size, shares) for size in sizes)
        answer = psi_test(reference=reference, current=current, alpha=alpha, draws=199, seed=month)
        trips += answer.tripped_at(0.0)
        small += answer.p_value <= alpha
    assert trips == small
    low, high = scipy_stats.binom.ppf([0.0005, 0.9995], months, alpha)
    assert low <= trips <= high


def test_psi_holds_its_alpha_on_bins_cut_from_the_reference_itself():
    rng = np.random.default_rng(11)
    months, trips = 600, 0
    for month in range(months):
        reference, current = rng.normal(size=500), rng.normal(size=80)
        bins = Bins.of_numbers(reference)
        answer = psi_test(
            reference=bins.counts(reference),
            current=bins.counts(current),
            alpha=0.05,
            draws=199,
            seed=month,
        )
        trips += answer.tripped_at(0.0)
    assert trips <= scipy_stats.binom.ppf(0.9995, months, 0.05)


def test_the_critical_value_is_the_quantile_of_shuffled_rows():
    reference, current = [80, 30, 10, 0], [12, 10, 4, 4]
    rows = np.repeat(np.arange(4), np.add(reference, current))
    rng, shuffled = np.random.default_rng(5), []
    for _ in range(4000):
        rng.shuffle(rows)
        table = np.bincount(rows[:30], minlength=4)
        shuffled.append(psi(reference=np.bincount(rows, minlength=4) - table, current=table))
    answer = psi_test(reference=reference, current=current, alpha=0.05, draws=8000)
    assert answer.critical == pytest.approx(np.quantile(shuffled, 0.95), rel=0.08)
    share = np.mean(np.array(shuffled) >= answer.value - 1e-9)
    assert answer.p_value == pytest.approx(share, abs=0.006)
    assert answer.value == pytest.approx(psi(reference=reference, current=current), abs=1e-11)


def test_the_critical_value_grows_when_rows_get_fewer():
    shares = np.array([40, 30, 20, 10])
    criticals = [psi_test(reference=shares * 50, current=shares * k).critical for k in (20, 4, 1)]
    assert criticals == sorted(criticals)
    assert criticals[0] < 0.05 < criticals[-1]


def test_psi_trips_on_a_real_shift():
    answer = psi_test(reference=[400, 300, 200, 100], current=[20, 20, 30, 60])
    assert answer.tripped_at(0.25)
    assert answer.p_value == pytest.approx(1 / 2001)
    assert not answer.tripped_at(answer.value + 0.01)


def test_psi_needs_less_than_50_ms_for_20_bins():
    rng = np.random.default_rng(0)
    counts = {"reference": rng.integers(50, 300, 20), "current": rng.integers(5, 30, 20)}
    times = []
    for _ in range(5):
        began = perf_counter()
        psi_test(**counts)
        times.append(perf_counter() - began)
    assert min(times) < 0.05


def test_the_same_seed_gives_the_same_answer():
    counts = {"reference": [50, 40, 10], "current": [8, 7, 9]}
    assert psi_test(**counts, seed=4) == psi_test(**counts, seed=4)


def test_too_few_draws_for_alpha_can_never_trip():
    answer = psi_test(reference=[40, 0], current=[0, 40], alpha=0.01, draws=50)
    assert answer.critical == inf
    assert not answer.tripped_at(0.25)
    assert json.loads(json.dumps(answer.as_dict()))["critical"] is None


def test_mirrored_tables_are_ties_not_discoveries():
    answer = psi_test(reference=[1, 3], current=[3, 1], alpha=0.5)
    likely = [psi(reference=[4 - k, k], current=[k, 4 - k]) for k in range(5)]
    assert answer.value == pytest.approx(likely[1])
    chance = sum(scipy_stats.hypergeom.pmf(k, 8, 4, 4) for k in (0, 1, 3, 4))
    assert answer.p_value == pytest.approx(chance, abs=0.04)


def test_chi_square_matches_scipy():
    reference, current = [30, 0, 12, 5], [14, 0, 9, 8]
    answer = chi_square_test(reference=reference, current=current, alpha=0.05)
    table = [[30, 12, 5], [14, 9, 8]]
    expected = scipy_stats.chi2_contingency(table, correction=False)
    assert answer.value == pytest.approx(expected.statistic)
    assert answer.p_value == pytest.approx(expected.pvalue)
    assert answer.critical == pytest.approx(scipy_stats.chi2.ppf(0.95, 2))


def test_ks_agrees_with_scipy_and_its_critical_value_with_its_p():
    rng = np.random.default_rng(9)
    false_alarms = 0
    for _ in range(150):
        reference, current = rng.normal(size=80), rng.normal(size=50)
        answer = ks_test(reference=reference, current=[*current, np.nan], alpha=0.05)
        assert answer.value == pytest.approx(scipy_stats.ks_2samp(reference, current).statistic)
        assert (answer.value > answer.critical) is (answer.p_value < 0.05)
        assert answer.n_current == 50
        false_alarms += answer.p_value < 0.05
    assert false_alarms <= scipy_stats.binom.ppf(0.999, 150, 0.05)
    assert ks_test(reference=rng.normal(size=80), current=rng.normal(2, 1, 50)).tripped_at(0.2)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(-1e3, 1e3))
def test_wasserstein_of_a_moved_sample_is_the_distance_moved(values, by):
    moved = [value + by for value in values]
    assert wasserstein(reference=values, current=moved) == pytest.approx(abs(by), abs=1e-6)


def test_constant_samples_have_no_distance():
    assert wasserstein(reference=[2.0, 2.0], current=[2.0]) == 0
    answer = ks_test(reference=[2.0] * 30, current=[2.0] * 20)
    assert (answer.value, answer.p_value) == (0, 1)


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        ([], []),
        ([0, 0], [1, 1]),
        ([1, 1], [0, 0]),
        ([1, 2], [1, 2, 3]),
        ([1.5, 1], [1, 1]),
        ([-1, 3], [1, 1]),
        ([float("nan"), 3], [1, 1]),
        ([[1, 2]], [[1, 2]]),
        (["a"], ["b"]),
    ],
)
def test_what_is_no_pair_of_counts_is_refused(reference, current):
    for question in (psi, kl, jensen_shannon, psi_test, chi_square_test):
        with pytest.raises(BadSample):
            question(reference=reference, current=current)


def test_samples_without_numbers_are_refused():
    for question in (ks_test, wasserstein):
        for empty in ([], [np.nan], [np.inf, 1.0], ["x"]):
            with pytest.raises(BadSample):
                question(reference=empty, current=[1.0])


def test_a_threshold_and_chance_must_both_agree():
    assert not DriftTest(0.2, 0.3, 0.1, 10, 10).tripped_at(0.1)
    assert not DriftTest(0.2, 0.1, 0.001, 10, 10).tripped_at(0.25)
    assert DriftTest(0.2, 0.1, 0.001, 10, 10).tripped_at(0.2)


def test_absurdly_large_counts_and_levels_are_refused():
    with pytest.raises(BadSample):
        psi_test(reference=[10**9, 1], current=[1, 1])
    with pytest.raises(BadSample):
        psi_test(reference=[1, 1], current=[1, 1], alpha=0)
    with pytest.raises(BadSample):
        psi_test(reference=[1, 1], current=[1, 1], draws=0)


@pytest.mark.parametrize("shares", [[0.1] * 10, [0.5, 0.3, 0.2], [0.9, 0.1]])
@pytest.mark.parametrize("ratio", [1, 5])
def test_chance_is_the_same_whether_it_is_computed_or_drawn(shares, ratio, monkeypatch):
    from retraining.stats import drift

    reference = (np.array(shares) * 20_000 * ratio).astype(int)
    current = np.random.default_rng(0).multinomial(20_000, shares)
    computed = psi_test(reference=reference, current=current)
    monkeypatch.setattr(drift, "LARGE", np.inf)
    drawn = psi_test(reference=reference, current=current, draws=20_000)
    assert computed.value == pytest.approx(drawn.value, abs=1e-12)
    assert computed.critical == pytest.approx(drawn.critical, rel=0.1)
    assert computed.p_value == pytest.approx(drawn.p_value, abs=0.03)
    assert (computed.n_reference, computed.n_current) == (drawn.n_reference, drawn.n_current)


def test_a_bin_with_few_rows_leaves_chance_to_be_drawn():
    found = psi_test(reference=[90_000, 90_000, 3], current=[90_000, 90_000, 0], draws=50)
    assert found.critical == float("inf")  # 50 draws are too few for one in a hundred
    assert psi_test(reference=[90_000, 90_000], current=[90_000, 90_000], draws=50).critical < 1
