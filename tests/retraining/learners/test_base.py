"""Labels, categories and weights."""

import numpy as np
import pytest

from retraining.learners.base import (
    balancing_weights,
    coded,
    extended_categories,
    label_array,
    sorted_categories,
)
from retraining.learners.errors import NothingToLearn, TooFewCategories, UnknownLabel


def test_labels_become_strings():
    assert label_array([1, "b"], rows=2).tolist() == ["1", "b"]
    with pytest.raises(NothingToLearn, match="3 rows"):
        label_array(["a"], rows=3)


def test_old_categories_keep_their_column():
    labels = label_array(["a", "z", "m"], rows=3)
    assert sorted_categories(labels) == ("a", "m", "z")
    assert extended_categories(("z", "k"), labels) == ("z", "k", "a", "m")
    with pytest.raises(TooFewCategories):
        sorted_categories(labels[:1])


def test_a_label_without_a_column_is_named():
    with pytest.raises(UnknownLabel, match="kiwi"):
        coded(label_array(["pear", "kiwi"], rows=2), ("pear", "plum"))


def test_rare_categories_weigh_more_up_to_the_cap():
    codes = np.repeat([0, 1, 2], [80, 19, 1])
    weights = balancing_weights(codes, cap=5.0)
    assert weights.mean() == pytest.approx(1.0)
    assert weights[80] / weights[0] == pytest.approx(80 / 19)
    assert weights[99] / weights[0] == pytest.approx(5.0 / (100 / 3 / 80))


def test_equal_categories_weigh_the_same():
    np.testing.assert_allclose(balancing_weights(np.array([0, 1, 0, 1]), cap=5.0), 1.0)
