import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from retraining.stats.errors import BadSample
from retraining.stats.multiplicity import benjamini_hochberg, holm

p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=30)


# statsmodels collects garbage at every call, which takes longer than the test.
@settings(deadline=None, max_examples=12)
@given(p_lists)
def test_holm_and_benjamini_hochberg_match_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])
    expected = multipletests(p_values, method="fdr_bh")[1]
    assert benjamini_hochberg(p_values) == pytest.approx(expected)


@settings(deadline=None, max_examples=50)
@given(p_lists)
def test_adjusting_never_makes_a_finding_stronger(p_values):
    for adjust in (holm, benjamini_hochberg):
        adjusted = adjust(p_values)
        assert np.all(adjusted >= np.array(p_values) - 1e-15)
        assert np.all(adjusted <= 1)
    assert np.all(holm(p_values) >= benjamini_hochberg(p_values) - 1e-12)


def test_holm_finds_nothing_in_most_families_without_an_effect():
    rng = np.random.default_rng(0)
    wrong = sum(holm(rng.uniform(size=20)).min() <= 0.05 for _ in range(2000))
    assert 60 <= wrong <= 145


def test_no_looks_give_no_findings():
    assert holm([]).size == 0
    assert benjamini_hochberg([]).size == 0


@pytest.mark.parametrize("bad", [[1.2], [-0.1], [float("nan")], [[0.1]], 0.1])
def test_what_is_no_p_value_is_refused(bad):
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(BadSample):
            adjust(bad)
