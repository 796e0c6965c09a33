"""Columns of every kind, and values that training never showed."""

import numpy as np
import pandas as pd
import pytest

from retraining.learners.base import InputSpec
from retraining.learners.table_encoder import (
    HATS,
    MOST_CATEGORIES,
    WIDE,
    TableEncoder,
    fit_table_encoder,
)

SPEC = InputSpec("tabular", numeric=("hour", "load", "dead"), categorical=("site",))
ROWS = pd.DataFrame(
    {
        "hour": np.arange(48) % 24,
        "load": np.linspace(-1.0, 2.0, 48),
        "dead": 3.0,
        "site": ["north", "south", "east"] * 16,
    }
)


@pytest.fixture
def encoder():
    return fit_table_encoder(ROWS, SPEC)


def units(encoder, **values):
    row = {"hour": 0, "load": 0.0, "dead": 3.0, "site": "north", **values}
    return encoder.units(encoder.raw(pd.DataFrame([row])))[0]


def test_each_kind_of_column_is_read_in_its_way(encoder):
    assert [column.kind for column in encoder.columns] == ["levels", "hats", "nothing", "category"]
    assert encoder.units(encoder.raw(ROWS)).shape == (48, 24 + HATS + 3)


def test_hats_sum_to_one_and_are_flat_outside_the_range(encoder):
    hats = encoder.units(encoder.raw(ROWS))[:, 24 : 24 + HATS]
    np.testing.assert_allclose(hats.sum(axis=1), 1.0)
    np.testing.assert_array_equal(units(encoder, load=2.0), units(encoder, load=1e9))


def test_a_level_that_was_never_seen_counts_as_the_nearest(encoder):
    np.testing.assert_array_equal(units(encoder, hour=99), units(encoder, hour=23))


@pytest.mark.parametrize("absent", [None, np.nan, np.inf, "twelve"])
def test_what_is_no_number_switches_the_column_off(encoder, absent):
    assert units(encoder, hour=absent)[:24].sum() == 0
    assert units(encoder, load=absent)[24 : 24 + HATS].sum() == 0


def test_numbers_written_as_text_are_numbers(encoder):
    np.testing.assert_array_equal(units(encoder, hour="07"), units(encoder, hour=7))


@pytest.mark.parametrize("value", [None, "atlantis"])
def test_an_absent_and_an_unseen_category_switch_the_column_off(encoder, value):
    assert units(encoder, site=value)[-3:].sum() == 0
    assert np.isnan(encoder.raw(ROWS.head(1).assign(site=value))[0, 3])


def test_trees_get_numbers_as_they_are_and_a_unit_a_category(encoder):
    raw = encoder.raw(pd.DataFrame([{"hour": 5, "load": None, "dead": 9, "site": "south"}]))
    np.testing.assert_array_equal(encoder.splits(raw), [[5.0, np.nan, 0.0, 0.0, 0.0, 1.0]])


def test_a_wide_table_gets_one_clipped_score_a_column():
    names = tuple(f"pixel_{i}" for i in range(WIDE + 1))
    rows = pd.DataFrame(np.random.default_rng(0).integers(0, 17, (40, len(names))), columns=names)
    encoder = fit_table_encoder(rows, InputSpec("tabular", numeric=names))
    found = encoder.units(encoder.raw(rows))
    assert found.shape == rows.shape
    np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-9)
    assert encoder.units(encoder.raw(rows * 1000)).max() == 3.0


def test_only_the_most_frequent_categories_are_told_apart():
    values = [f"v{i:03}" for i in range(MOST_CATEGORIES + 50)] + ["v149"] * 3
    rows = pd.DataFrame({"site": values})
    encoder = fit_table_encoder(rows, InputSpec("tabular", categorical=("site",)))
    assert len(encoder.columns[0].values) == MOST_CATEGORIES
    assert "v149" in encoder.columns[0].values
    assert "v148" not in encoder.columns[0].values


def test_the_state_gives_the_encoder_back(encoder):
    assert TableEncoder.from_state(encoder.state()) == encoder
