import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retraining.stats.drift import Bins
from retraining.stats.errors import BadSample

anything = st.lists(
    st.one_of(st.floats(width=32), st.integers(), st.text(max_size=3), st.none(), st.booleans()),
    max_size=40,
)


@settings(deadline=None, max_examples=50)
@given(anything, anything, anything, st.integers(1, 12))
def test_every_value_has_one_bin_and_days_add_up(reference, monday, tuesday, limit):
    for bins in (Bins.of_numbers(reference, limit), Bins.of_labels(reference, limit)):
        counts = bins.counts(monday)
        assert counts.shape == (len(bins.names),)
        assert counts.dtype.kind == "i"
        assert counts.sum() == len(monday)
        both = bins.counts(monday + tuesday)
        assert both.tolist() == (counts + bins.counts(tuesday)).tolist()


@settings(deadline=None, max_examples=50)
@given(anything, st.integers(1, 12))
def test_bins_survive_json(reference, limit):
    for bins in (Bins.of_numbers(reference, limit), Bins.of_labels(reference, limit)):
        assert Bins.from_dict(json.loads(json.dumps(bins.as_dict()))) == bins


@settings(deadline=None, max_examples=50)
@given(anything)
def test_no_label_of_the_reference_is_unseen(reference):
    bins = Bins.of_labels(reference, max_labels=3)
    assert bins.counts(reference)[-2] == 0
    assert len(bins.labels) <= 3


def test_quantile_bins_hold_equal_parts_of_the_reference():
    values = np.random.default_rng(0).lognormal(size=2000)
    bins = Bins.of_numbers(values)
    assert bins.kind == "ranges"
    assert bins.counts(values).tolist() == [200] * 10 + [0, 0]
    expected = np.histogram(values, [-np.inf, *np.quantile(values, np.arange(1, 10) / 10), np.inf])
    assert bins.counts(values)[:10].tolist() == expected[0].tolist()


def test_a_value_on_an_edge_belongs_to_the_upper_bin():
    bins = Bins(kind="ranges", edges=(1.0, 2.0))
    assert bins.counts([0.9, 1.0, 1.9, 2.0, -np.inf, np.inf]).tolist() == [2, 2, 2, 0, 0]
    assert bins.names == ("below 1", "1 to 2", "2 and above", "unseen", "missing")


def test_repeated_quantiles_become_one_edge():
    values = [0] * 90 + list(range(1, 31))
    bins = Bins.of_numbers(values)
    assert len(set(bins.edges)) == len(bins.edges) < 9
    assert bins.counts(values).sum() == 120


def test_few_distinct_numbers_get_a_bin_each_and_others_are_unseen():
    bins = Bins.of_numbers([1, 2, 2, 4] * 10)
    assert bins.names == ("1", "2", "4", "unseen", "missing")
    assert bins.counts([4, 3, 1.0, None, "2", -9, 99]).tolist() == [1, 1, 1, 3, 1]


def test_few_rows_are_not_spread_over_many_bins():
    assert Bins.of_numbers([0.1, 0.2, 0.3]).names == ("any", "unseen", "missing")
    assert len(Bins.of_numbers(np.arange(20.0)).edges) == 3


def test_a_constant_reference_is_one_bin():
    bins = Bins.of_numbers(np.full(50, 7.5))
    assert bins.counts([7.5, 7.5, 7.6]).tolist() == [2, 1, 0]


def test_an_empty_or_all_missing_reference_knows_nothing():
    for reference in ([], [None, float("nan"), ""]):
        for bins in (Bins.of_numbers(reference), Bins.of_labels(reference)):
            assert bins.names == ("unseen", "missing")
            assert bins.counts([1, None]).tolist() == [1, 1]
            assert bins.counts([]).tolist() == [0, 0]


def test_all_ways_to_be_missing_count_as_missing():
    gone = [None, float("nan"), np.nan, pd.NA, pd.NaT, ""]
    assert Bins.of_numbers(range(100)).counts(gone)[-1] == 6
    assert Bins.of_labels(["a"]).counts(gone)[-1] == 6


def test_odd_values_of_a_numeric_field_are_unseen_not_an_error():
    bins = Bins.of_numbers(range(100))
    assert bins.counts(["x", [1], 10**400]).tolist()[-2:] == [3, 0]
    assert bins.counts([" 4 ", Decimal(3), True]).tolist()[0] == 3


def test_rare_labels_share_a_bin_but_stay_known():
    reference = ["a"] * 5 + ["b"] * 3 + ["c", "d"]
    bins = Bins.of_labels(reference, max_labels=2)
    assert bins.names == ("a", "b", "other", "unseen", "missing")
    assert bins.counts(["d", "a", "new", "c"]).tolist() == [1, 0, 2, 1, 0]


def test_whole_floats_and_integers_are_one_label():
    bins = Bins.of_labels(pd.Series([1, 2, None]))
    assert bins.names[:2] == ("1", "2")
    assert bins.counts([1, 2.0, "2"]).tolist() == [1, 2, 0, 0]


def test_a_label_named_like_a_special_bin_keeps_its_own_name():
    bins = Bins.of_labels(["missing", "unseen", "ok"])
    assert len(set(bins.names)) == len(bins.names)
    assert bins.counts(["missing", None])[-1] == 1


def test_bad_limits_and_bad_stored_bins_are_refused():
    with pytest.raises(BadSample):
        Bins.of_numbers([1], max_bins=0)
    with pytest.raises(BadSample):
        Bins.of_labels(["a"], max_labels=0)
    with pytest.raises(BadSample):
        Bins.from_dict({"kind": "labels"})
    with pytest.raises(BadSample):
        Bins.from_dict({"kind": "pie", "edges": [], "labels": [], "rest": []})


columns = st.lists(
    st.one_of(st.sampled_from(["a", "b", "1", ""]), st.none(), st.just(float("nan"))), max_size=30
)


@settings(deadline=None, max_examples=50)
@given(columns, columns)
def test_columns_of_categories_and_of_strings_count_as_their_values_do(reference, values):
    bins = Bins.of_labels(reference, max_labels=2)
    one_by_one = sum(
        (bins.counts([value]) for value in values), np.zeros(len(bins.names), dtype=int)
    )
    for column in (
        pd.Series(values, dtype=object),
        pd.Series(pd.Categorical(values)),
        np.array(values, dtype=object),
    ):
        assert bins.counts(column).tolist() == one_by_one.tolist()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(), max_size=40), st.lists(st.floats(), max_size=40), st.integers(1, 6))
def test_columns_of_numbers_count_as_their_values_do(reference, values, limit):
    for bins in (Bins.of_numbers(reference, limit), Bins.of_labels(reference, limit)):
        as_text = bins.counts([None if np.isnan(v) else repr(v) for v in values])
        assert bins.counts(np.array(values)).tolist() == bins.counts(list(values)).tolist()
        if bins.kind != "labels":
            assert bins.counts(pd.Series(values, dtype=float)).tolist() == as_text.tolist()


def test_many_numbers_are_counted_in_parts():
    values = np.random.default_rng(0).normal(size=100_000)
    bins = Bins.of_numbers(values[:1000])
    places = np.searchsorted(bins.edges, values, side="right")
    assert bins.counts(values)[:10].tolist() == np.bincount(places, minlength=10).tolist()
