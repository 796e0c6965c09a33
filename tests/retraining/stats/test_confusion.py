"""Scores from the table of counts are those of the rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import classification_report

from retraining.stats.confusion import Confusion, category_scores
from retraining.stats.errors import BadSample

pairs = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcde")), min_size=1)


@given(pairs)
def test_the_scores_are_scikit_learns(rows):
    labels, answers = (list(column) for column in zip(*rows, strict=True))
    found = category_scores(confusion=Confusion.of(labels, answers), resamples=2)
    report = classification_report(labels, answers, output_dict=True, zero_division=0)
    for name in set(labels):
        assert found.recall[name].estimate == pytest.approx(report[name]["recall"])
        assert found.precision[name].estimate == pytest.approx(report[name]["precision"])
        assert found.f1[name].estimate == pytest.approx(report[name]["f1-score"])
        assert found.recall[name].n == found.f1[name].n == report[name]["support"]
    own = [report[name]["f1-score"] for name in set(labels)]
    assert found.macro_f1.estimate == pytest.approx(np.mean(own))
    right = sum(label == answer for label, answer in rows)
    assert found.accuracy.estimate == pytest.approx(right / len(rows))


def rowwise(labels, answers, times, rng):
    """F1 of category a by drawing rows, the conventional way."""
    found = []
    for _ in range(times):
        picked = rng.integers(len(labels), size=len(labels))
        label, answer = labels[picked] == "a", answers[picked] == "a"
        found.append(2 * (label & answer).sum() / (label.sum() + answer.sum()))
    return np.quantile(found, [0.025, 0.975])


def test_drawing_tables_is_drawing_rows():
    rng = np.random.default_rng(3)
    labels = rng.choice(["a", "b", "c"], 400).astype(object)
    answers = np.where(rng.random(400) < 0.8, labels, rng.choice(["a", "b", "c"], 400))
    found = category_scores(confusion=Confusion.of(labels, answers), resamples=4000, seed=1)
    low, high = rowwise(labels, answers, 4000, rng)
    assert found.f1["a"].low == pytest.approx(low, abs=0.006)
    assert found.f1["a"].high == pytest.approx(high, abs=0.006)
    assert found.f1["a"].low < found.f1["a"].estimate < found.f1["a"].high
    assert found.macro_f1.low < found.macro_f1.estimate < found.macro_f1.high


def test_the_same_seed_gives_the_same_intervals():
    confusion = Confusion.of(["a", "b"] * 50, ["a", "a", "b", "b"] * 25)
    assert category_scores(confusion=confusion, seed=4) == category_scores(
        confusion=confusion, seed=4
    )
    assert category_scores(confusion=confusion, seed=4) != category_scores(
        confusion=confusion, seed=5
    )


def test_what_cannot_be_scored_is_refused():
    for labels, answers in ((["a"], []), (["a"], [None])):
        with pytest.raises(BadSample):
            Confusion.of(labels, answers)
    nothing = Confusion.of([], [])
    assert (nothing.n, nothing.by_category()) == (0, {})
    with pytest.raises(BadSample):
        category_scores(confusion=nothing)
