"""Kinds of input: found on the training rows, named, and the same for every later month."""

import numpy as np
import pandas as pd
import pytest

from retraining.causes.input_clusters import KINDS, input_kinds
from retraining.learners.base import InputSpec

TEXT = InputSpec(task="text", numeric=(), categorical=())
TABLE = InputSpec(task="tabular", numeric=("temp", "wind"), categorical=("season",))
TOPICS = {
    "card": "my card was swallowed by the cash machine {}",
    "login": "the password reset for my account login fails {}",
    "parcel": "where is the parcel that the courier lost {}",
}


def texts(rng, n):
    topics = rng.choice(sorted(TOPICS), n)
    return topics, pd.DataFrame({"text": [TOPICS[t].format(rng.integers(9)) for t in topics]})


def rows(rng, n):
    cold = rng.random(n) < 0.5
    frame = {"temp": np.where(cold, -5, 20) + rng.normal(0, 1, n), "wind": rng.normal(10, 2, n)}
    return cold, pd.DataFrame({**frame, "season": np.where(cold, "winter", "summer")})


def test_texts_of_one_topic_are_of_kinds_that_hold_no_other():
    rng = np.random.default_rng(1)
    (_, training), (topics, month) = texts(rng, 300), texts(rng, 120)
    found = input_kinds(spec=TEXT, training=training, frames=[month], seed=3)
    for kind in set(found.of[0]):
        inside = np.array([k == kind for k in found.of[0]])
        assert len(set(topics[inside])) == 1
    named = next(name for name, topic in zip(found.of[0], topics, strict=True) if topic == "card")
    assert set(named.split(" (")[0].split()) & {"card", "cash", "machine", "swallowed"}


def test_rows_are_told_apart_by_the_features_that_differ():
    rng = np.random.default_rng(2)
    (_, training), (cold, month) = rows(rng, 60), rows(rng, 100)
    found = input_kinds(spec=TABLE, training=training, frames=[month], seed=3)
    assert len(found.names) == 2
    for name in found.names:
        inside = np.array([k == name for k in found.of[0]])
        assert cold[inside].all() or not cold[inside].any()
        assert ("temp low" in name) == bool(cold[inside].all())


def test_a_row_is_of_the_same_kind_in_whatever_frame_it_comes():
    rng = np.random.default_rng(3)
    (_, training), (_, month) = rows(rng, 300), rows(rng, 80)
    both = input_kinds(spec=TABLE, training=training, frames=[month, month.iloc[::-1]], seed=1)
    again = input_kinds(spec=TABLE, training=training, frames=[month], seed=1)
    assert both.of[0] == again.of[0] == both.of[1][::-1]
    assert len(both.names) == len(set(both.names)) <= KINDS


def test_missing_and_unseen_values_are_of_some_kind_and_unknown_words_of_none():
    rng = np.random.default_rng(4)
    _, training = rows(rng, 200)
    strange = pd.DataFrame({"temp": [np.nan], "wind": [1e9], "season": [None]})
    assert input_kinds(spec=TABLE, training=training, frames=[strange], seed=1).of[0][0]
    _, known = texts(rng, 200)
    alien = pd.DataFrame({"text": ["zzz qqq", ""]})
    assert input_kinds(spec=TEXT, training=known, frames=[alien], seed=1).of[0] == [None, None]


@pytest.mark.parametrize("n", [0, 1, 49])
def test_too_few_training_rows_make_no_kinds(n):
    _, training = rows(np.random.default_rng(5), n)
    found = input_kinds(spec=TABLE, training=training, frames=[training], seed=1)
    assert found.names == () and found.of[0] == [None] * n


def test_nothing_to_tell_is_no_error():
    _, training = rows(np.random.default_rng(6), 100)
    assert input_kinds(spec=TABLE, training=training, frames=[training[:0]], seed=1).of == ([],)
    _, known = texts(np.random.default_rng(6), 100)
    found = input_kinds(spec=TEXT, training=known, frames=[known[:0], known], seed=1).of
    assert found[0] == [] and len(found[1]) == 100
    same = pd.DataFrame({"temp": [1.0] * 100, "wind": [1.0] * 100, "season": ["a"] * 100})
    assert input_kinds(spec=TABLE, training=same, frames=[same], seed=1).names == ()
