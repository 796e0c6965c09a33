"""Every row is held out once and every category as evenly as it goes."""

import numpy as np
import pytest

from retraining.learners.folds import stratified_folds

LABELS = np.asarray(["common"] * 53 + ["rare"] * 3 + ["lone"] + ["other"] * 20, dtype=object)


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_sizes_differ_by_one_at_most(folds):
    found = stratified_folds(LABELS, folds=folds, seed=1)
    sizes = np.bincount(found, minlength=folds)
    assert sizes.sum() == len(LABELS)
    assert np.ptp(sizes) <= 1
    for category in ("common", "rare", "lone", "other"):
        assert np.ptp(np.bincount(found[category == LABELS], minlength=folds)) <= 1


def test_the_seed_decides_who_goes_where():
    first = stratified_folds(LABELS, folds=5, seed=1)
    np.testing.assert_array_equal(first, stratified_folds(LABELS, folds=5, seed=1))
    assert (first != stratified_folds(LABELS, folds=5, seed=2)).any()
