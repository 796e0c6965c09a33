"""Newer rows count more, and the p-value keeps its rate."""

from math import inf

import numpy as np
import pytest

from retraining.stats.errors import BadSample
from retraining.stats.paired import mcnemar_greater
from retraining.stats.recent import recent_gain


def changes(fixed, broken, same):
    """Right-or-wrong answers before and after."""
    before = [0] * fixed + [1] * broken + [1] * same
    return before, [1] * fixed + [0] * broken + [1] * same


def test_without_a_half_life_it_is_the_plain_paired_test():
    before, after = changes(14, 5, 81)
    found = recent_gain(before=before, after=after, age=range(100), half_life=inf)
    assert found.delta == pytest.approx(0.09)
    assert found.p_value == pytest.approx(mcnemar_greater(fixed=14, broken=5), abs=0.01)


def test_a_row_of_one_half_life_ago_counts_half():
    found = recent_gain(before=[0, 1], after=[1, 0], age=[0, 30], half_life=30)
    assert found.delta == pytest.approx((1 - 0.5) / 1.5)


def test_the_rate_of_false_gains_is_the_level():
    rng = np.random.default_rng(5)
    below = 0
    for seed in range(200):
        before, after = changes(*rng.multinomial(120, [0.1, 0.1, 0.8]))
        age = rng.integers(0, 120, len(before))
        below += (
            recent_gain(before=before, after=after, age=age, half_life=30, seed=seed).p_value < 0.1
        )
    assert 8 <= below <= 32


@pytest.mark.parametrize(
    "change",
    [{"age": [0]}, {"age": [-1, 0]}, {"half_life": 0}, {"before": [], "after": [], "age": []}],
)
def test_what_makes_no_sense_is_refused(change):
    given = {"before": [0, 1], "after": [1, 1], "age": [0, 1], "half_life": 30} | change
    with pytest.raises(BadSample):
        recent_gain(**given)
