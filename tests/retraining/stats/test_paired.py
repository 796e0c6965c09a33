import json
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from statsmodels.stats.contingency_tables import mcnemar

from retraining.stats.errors import BadSample
from retraining.stats.paired import (
    mcnemar_exact,
    mcnemar_greater,
    mcnemar_midp,
    paired_bootstrap,
    paired_difference,
    share_fixed,
)

answers = st.integers(1, 80).flatmap(lambda n: st.tuples(hnp.arrays(bool, n), hnp.arrays(bool, n)))
changes = st.tuples(st.integers(0, 60), st.integers(0, 60))


def rows(both, broken, fixed, neither):
    before = [True] * (both + broken) + [False] * (fixed + neither)
    after = [True] * both + [False] * broken + [True] * fixed + [False] * neither
    return {"before": before, "after": after}


@settings(deadline=None, max_examples=50)
@given(hnp.arrays(bool, st.integers(1, 200)))
def test_a_model_compared_with_itself_is_no_difference(right):
    answer = paired_difference(before=right, after=right.copy())
    assert (answer.delta, answer.p_value, answer.fixed, answer.broken) == (0.0, 1.0, 0, 0)
    assert answer.low <= 0 <= answer.high
    assert answer.low == pytest.approx(-answer.high)


@pytest.mark.parametrize(
    ("table", "expected"),
    [((59, 6, 16, 80), (0.0621, 0.0046, 0.1186)), ((20, 12, 2, 16), (-0.2, -0.3292, -0.0562))],
)
def test_the_interval_matches_published_examples(table, expected):
    answer = paired_difference(**rows(*table))
    assert (answer.delta, answer.low, answer.high) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("fixed", "broken", "exact", "midp"), [(7, 1, 0.0703, 0.0391), (16, 6, 0.0525, 0.0347)]
)
def test_mcnemar_matches_the_examples_of_fagerland(fixed, broken, exact, midp):
    assert mcnemar_exact(fixed=fixed, broken=broken) == pytest.approx(exact, abs=5e-5)
    assert mcnemar_midp(fixed=fixed, broken=broken) == pytest.approx(midp, abs=5e-5)


@settings(deadline=None, max_examples=50)
@given(changes)
def test_mcnemar_matches_statsmodels_and_counting(pair):
    fixed, broken = pair
    n = fixed + broken
    chances = [comb(n, k) / 2**n for k in range(n + 1)]
    exact = mcnemar_exact(fixed=fixed, broken=broken)
    assert exact == pytest.approx(mcnemar([[5, broken], [fixed, 5]], exact=True).pvalue)
    assert mcnemar_greater(fixed=fixed, broken=broken) == pytest.approx(sum(chances[fixed:]))
    lopsided = [abs(2 * k - n) for k in range(n + 1)]
    seen = lopsided[fixed]
    midp = sum(p for p, k in zip(chances, lopsided, strict=True) if k > seen)
    midp += sum(p for p, k in zip(chances, lopsided, strict=True) if k == seen) / 2
    assert mcnemar_midp(fixed=fixed, broken=broken) == pytest.approx(midp if n else 1.0)


@settings(deadline=None, max_examples=50)
@given(answers)
def test_swapping_the_models_mirrors_the_answer(pair):
    before, after = pair
    there = paired_difference(before=before, after=after)
    back = paired_difference(before=after, after=before)
    assert (back.delta, back.low, back.high) == pytest.approx(
        (-there.delta, -there.high, -there.low)
    )
    assert (back.fixed, back.broken, back.p_value) == (there.broken, there.fixed, there.p_value)
    assert there.delta == pytest.approx(np.mean(after) - np.mean(before))
    assert -1 <= there.low <= there.delta <= there.high <= 1


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    shares, n, repeats = np.array([0.7, 0.05, 0.12, 0.13]), 100, 800
    truth = shares[2] - shares[1]
    covered = 0
    for table in rng.multinomial(n, shares, size=repeats):
        answer = paired_difference(**rows(*table.tolist()))
        covered += answer.low <= truth <= answer.high
    assert 0.93 < covered / repeats < 0.98


def test_the_bootstrap_agrees_with_drawing_rows_one_by_one():
    pair = rows(60, 8, 20, 12)
    quick = paired_bootstrap(**pair, resamples=20_000, seed=1)
    before, after = np.array(pair["before"]), np.array(pair["after"])
    picks = np.random.default_rng(2).integers(0, 100, size=(20_000, 100))
    slow = (after[picks].astype(int) - before[picks]).mean(axis=1)
    assert (quick.low, quick.high) == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=0.011)
    closed = paired_difference(**pair)
    assert (quick.delta, quick.fixed, quick.broken) == (closed.delta, 20, 8)
    assert (quick.low, quick.high) == pytest.approx((closed.low, closed.high), abs=0.02)
    assert quick.p_value < 0.05
    assert paired_bootstrap(**pair, resamples=500, seed=1) == paired_bootstrap(
        **pair, resamples=500, seed=1
    )


def test_the_bootstrap_of_a_model_with_itself_is_no_difference():
    same = paired_bootstrap(before=[1, 0, 1], after=[1, 0, 1])
    assert (same.delta, same.low, same.high, same.p_value) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([True], [True, False]),
        ([[True]], [[True]]),
        ([1.0, float("nan")], [1, 0]),
        ([True, None], [True, True]),
        ([2, 0], [1, 0]),
        (["yes"], ["no"]),
    ],
)
def test_answers_that_are_not_right_or_wrong_are_refused(before, after):
    for question in (paired_difference, paired_bootstrap):
        with pytest.raises(BadSample):
            question(before=before, after=after)


def test_counts_below_zero_are_refused():
    for question in (mcnemar_exact, mcnemar_midp, mcnemar_greater):
        with pytest.raises(BadSample):
            question(fixed=-1, broken=2)


def test_series_are_welcome_and_the_answer_is_plain_json():
    answer = paired_difference(before=pd.Series([True, False]), after=np.array([1, 1]))
    told = json.loads(json.dumps(answer.as_dict()))
    assert set(told) == {"delta", "low", "high", "p_value", "n", "fixed", "broken"}
    assert (told["delta"], told["fixed"], told["n"]) == (0.5, 1, 2)


@settings(deadline=None, max_examples=50)
@given(changes, st.floats(0.05, 1))
def test_the_sign_test_against_any_share_counts_the_tail(pair, share):
    fixed, n = pair[0], sum(pair)
    tail = sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(fixed, n + 1))
    assert mcnemar_greater(fixed=fixed, broken=n - fixed, share=share) == pytest.approx(tail)


def test_the_share_of_fixed_rows_is_what_the_gain_over_all_rows_means():
    for fixed, broken, n in ((9, 3, 120), (3, 9, 120), (5, 5, 50), (20, 0, 40)):
        answer = paired_difference(**rows(n - fixed - broken, broken, fixed, 0))
        meant = share_fixed(gain=answer.delta, changed=(fixed + broken) / n)
        assert meant == pytest.approx(fixed / (fixed + broken))
    assert share_fixed(gain=0.05, changed=0.02) == 1.0
    assert share_fixed(gain=-0.05, changed=0.02) == 0.0


@pytest.mark.parametrize("share", [0, -0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(BadSample):
        mcnemar_greater(fixed=1, broken=1, share=share)
    with pytest.raises(BadSample):
        share_fixed(gain=0.01, changed=share)
