import json

import numpy as np
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests

from retraining.stats.cohorts import failing_cohorts
from retraining.stats.errors import BadSample


def test_p_values_are_fishers_and_adjusted_over_all_cohorts():
    rng = np.random.default_rng(1)
    failed = rng.random(300) < 0.2
    keys = {"channel": rng.choice(["web", "app", "mail"], 300), "tier": rng.choice(["a", "b"], 300)}
    for name, peer in (("holm", "holm"), ("bh", "fdr_bh")):
        found = failing_cohorts(failed=failed, keys=keys, adjust=name)
        ps = []
        for cohort in found:
            own = keys[cohort.key] == cohort.value
            table = [
                [failed[own].sum(), (~failed[own]).sum()],
                [failed[~own].sum(), (~failed[~own]).sum()],
            ]
            ps.append(scipy_stats.fisher_exact(table).pvalue)
        assert len(found) == 5
        assert [c.p_adjusted for c in found] == pytest.approx(multipletests(ps, method=peer)[1])


def test_a_decayed_cohort_is_not_averaged_away():
    rng, first, overall = np.random.default_rng(2), [], []
    for _ in range(60):
        app = rng.choice(["5.1", "5.2", "6.0"], 250, p=[0.6, 0.2, 0.2])
        past = rng.choice(["5.1", "5.2", "6.0"], 400, p=[0.6, 0.2, 0.2])
        failed = rng.random(250) < np.where(app == "5.2", 0.5, 0.15)
        was = rng.random(400) < 0.15
        worst = failing_cohorts(
            failed=failed, keys={"app": app}, failed_before=was, keys_before={"app": past}
        )[0]
        first.append(
            worst.value == "5.2" and worst.p_adjusted < 0.05 and worst.before_p_adjusted < 0.05
        )
        overall.append(failed.mean() - was.mean())
    assert np.mean(first) > 0.9 and np.mean(overall) < 0.1


def test_without_a_bad_cohort_one_is_named_in_at_most_a_twentieth_of_months():
    rng, false = np.random.default_rng(3), 0
    for _ in range(120):
        keys = {k: rng.choice(list("abcd"), 150) for k in ("one", "two")}
        found = failing_cohorts(failed=rng.random(150) < 0.2, keys=keys)
        false += any(c.p_adjusted < 0.05 for c in found)
    assert false <= 0.07 * 120


def test_a_rise_against_earlier_comes_first_and_what_is_missing_belongs_to_no_cohort():
    failed, keys = [1, 0] * 30, {"app": ["a", "b"] * 29 + [None, float("nan")]}
    found = failing_cohorts(
        failed=failed, keys=keys, failed_before=[0] * 60, keys_before={"app": ["a", "b"] * 30}
    )
    assert [(c.value, c.rate.n) for c in found] == [("a", 29), ("b", 29)]
    assert found[0].against_before.delta == 1.0
    assert json.loads(json.dumps([c.as_dict() for c in found]))[0]["estimate"] == 1.0


def test_small_and_all_embracing_cohorts_are_not_judged():
    keys = {"app": ["a"] * 55 + ["b"] * 5, "all": ["x"] * 60}
    assert failing_cohorts(failed=[0] * 60, keys=keys, min_n=10) == []
    for bad in ({"adjust": "none"}, {"failed": [2]}, {"keys": {"app": ["a"]}}):
        with pytest.raises(BadSample):
            failing_cohorts(**({"failed": [0, 1], "keys": {}} | bad))
