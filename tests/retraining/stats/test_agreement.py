"""Agreement of two people, against libraries that were written by others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, to_table
from statsmodels.stats.proportion import proportion_confint

from retraining.stats.agreement import cohen_kappa, raw_agreement
from retraining.stats.errors import BadSample

LABELS = st.sampled_from(["login", "billing", "delivery", "rejected"])
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=2, max_size=60)


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs):
    first, second = zip(*pairs, strict=True)
    if set(first) == set(second) and len(set(first)) == 1:
        with pytest.raises(BadSample):
            cohen_kappa(pairs=pairs)
        return
    found = cohen_kappa(pairs=pairs)
    assert found.estimate == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
    assert found.low <= found.estimate <= found.high <= 1


@given(PAIRS)
def test_raw_agreement_is_a_wilson_rate(pairs):
    found = raw_agreement(pairs=pairs)
    same = sum(a == b for a, b in pairs)
    low, high = proportion_confint(same, len(pairs), method="wilson")
    assert (found.estimate, found.n) == (same / len(pairs), len(pairs))
    assert (found.low, found.high) == pytest.approx((max(0, low), min(1, high)), abs=1e-12)


def test_the_interval_is_near_that_of_statsmodels_where_rows_are_many():
    rng = np.random.default_rng(5)
    first = rng.integers(0, 4, 2000)
    second = np.where(rng.random(2000) < 0.7, first, rng.integers(0, 4, 2000))
    table, _ = to_table(np.column_stack([first, second]), bins=4)
    theirs = cohens_kappa(table)
    ours = cohen_kappa(pairs=[(str(a), str(b)) for a, b in zip(first, second, strict=True)])
    assert ours.estimate == pytest.approx(theirs.kappa, abs=1e-12)
    assert (ours.low, ours.high) == pytest.approx((theirs.kappa_low, theirs.kappa_upp), abs=0.01)


def test_five_rows_that_agree_do_not_prove_that_people_always_do():
    found = cohen_kappa(pairs=[("login", "login")] * 3 + [("billing", "billing")] * 2)
    assert found.estimate == 1
    assert found.low < 0.3


def test_people_who_answer_by_chance_have_no_kappa_however_often_they_meet():
    rng = np.random.default_rng(1)
    mostly = [("a" if x < 0.9 else "b", "a" if y < 0.9 else "b") for x, y in rng.random((4000, 2))]
    assert raw_agreement(pairs=mostly).estimate > 0.8
    assert abs(cohen_kappa(pairs=mostly).estimate) < 0.05


def test_no_rows_are_no_agreement():
    for measure in (raw_agreement, cohen_kappa):
        with pytest.raises(BadSample):
            measure(pairs=[])
