"""Profiles: counts on bins that the training data fixed once."""

import json

import numpy as np
import pandas as pd
import pytest

from retraining.learners.base import InputSpec
from retraining.profiles import profile, reference_profile

TEXT = InputSpec("text")
TABLE = InputSpec("tabular", numeric=("temp",), categorical=("site",))


def table(n, seed=0):
    rng = np.random.default_rng(seed)
    sites = pd.Series(rng.choice(["north", "south"], n), dtype=object)
    return pd.DataFrame({"temp": rng.normal(15, 5, n), "site": sites})


def answers(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.choice(["low", "high"], n).astype(object), rng.uniform(0.4, 1, n)


@pytest.fixture
def reference():
    said, sure = answers(200)
    found = reference_profile(inputs=table(200), answers=said, confidences=sure, spec=TABLE)
    return json.loads(json.dumps(found))


def counted(reference, inputs, said, sure, spec=TABLE):
    return profile(reference=reference, inputs=inputs, answers=said, confidences=sure, spec=spec)


def test_the_reference_counts_every_row_once_on_every_dimension(reference):
    assert reference.keys() == {"prediction", "confidence", "feature:temp", "feature:site"}
    assert {sum(stored["counts"]) for stored in reference.values()} == {200}


def test_the_training_rows_profiled_again_are_the_reference(reference):
    again = counted(reference, table(200), *answers(200))
    assert {k: v.tolist() for k, v in again.items()} == {
        k: stored["counts"] for k, stored in reference.items()
    }


def test_days_add_up_to_their_month(reference):
    inputs, (said, sure) = table(90, seed=1), answers(90, seed=1)
    whole = counted(reference, inputs, said, sure)
    parts = [
        counted(reference, inputs[a:b].reset_index(drop=True), said[a:b], sure[a:b])
        for a, b in ((0, 30), (30, 31), (31, 90))
    ]
    for name, counts in whole.items():
        assert sum(part[name] for part in parts).tolist() == counts.tolist()


def test_what_the_reference_never_saw_and_what_is_missing_have_bins_of_their_own(reference):
    inputs = pd.DataFrame({"temp": [np.nan, 1e6], "site": pd.Series(["west", None], dtype=object)})
    found = counted(reference, inputs, np.array(["new", "low"], dtype=object), np.array([0.9, 0.9]))
    assert found["prediction"][-2] == 1  # unseen
    assert found["feature:site"][-2:].tolist() == [1, 1]
    assert found["feature:temp"][-1] == 1
    assert found["feature:temp"][:-2].sum() == 1


def test_bins_do_not_move_with_the_rows_that_are_counted(reference):
    before = json.dumps(reference)
    counted(reference, table(50, seed=3).assign(temp=1000.0), *answers(50))
    assert json.dumps(reference) == before


def test_of_a_text_its_length_is_profiled():
    texts = pd.DataFrame({"text": pd.Series(["a" * n for n in range(1, 101)], dtype=object)})
    said, sure = answers(100)
    found = reference_profile(inputs=texts, answers=said, confidences=sure, spec=TEXT)
    assert found.keys() == {"prediction", "confidence", "feature:text_length"}
    cut = pd.DataFrame({"text": pd.Series(["abc"] * 40, dtype=object)})
    counts = counted(found, cut, said[:40], sure[:40], TEXT)["feature:text_length"]
    assert counts[0] == 40 == counts.sum()


def test_no_rows_count_nothing(reference):
    nothing = counted(reference, table(0), *answers(0))
    assert {counts.sum() for counts in nothing.values()} == {0}
