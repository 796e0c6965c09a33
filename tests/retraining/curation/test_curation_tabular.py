"""Amounts in steps: newer rows first, no preference for failures, dropping only where it helps."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from retraining.curation.candidates import Candidate, CurationError
from retraining.curation.dropping import dropping
from retraining.curation.selection import select
from retraining.learners.base import InputSpec
from retraining.learners.registry import default_learner

DAY = date(2025, 3, 1)
SPEC = InputSpec("tabular", ("x", "y"))


def rows(n, *, days=1, failed=(), source="review"):
    rng = np.random.default_rng(1)
    return [
        Candidate(
            f"r{i:03d}",
            {"x": float(x), "y": float(y)},
            "mid",
            source,
            DAY + timedelta(days=i % days),
            "low" if i in failed else "mid",
        )
        for i, (x, y) in enumerate(rng.normal(size=(n, 2)))
    ]


def test_newer_rows_are_drawn_before_older_ones():
    given = rows(300, days=100)
    days = {c.id: (c.day - DAY).days for c in given}
    chosen = select(candidates=given, weights={}, seed=0, high=60).chosen
    evenly = select(candidates=given, weights={}, seed=0, high=60, half_life=1e9).chosen
    assert np.mean([days[i] for i in chosen]) > 70
    assert 35 < np.mean([days[i] for i in evenly]) < 65


def test_texts_of_all_months_count_alike():
    rng = np.random.default_rng(0)
    texts = [
        " ".join("".join(rng.choice(list("abcdefgh"), 5)) for _ in range(5)) for _ in range(200)
    ]
    given = [
        Candidate(f"t{i}", {"text": text}, "a", "review", DAY + timedelta(days=i))
        for i, text in enumerate(texts)
    ]
    chosen = select(candidates=given, weights={}, seed=0, high=60).chosen
    assert 80 < np.mean([int(i[1:]) for i in chosen]) < 120


def test_failures_do_not_crowd_out_the_rest():
    failed = set(range(0, 200, 5))
    chosen = select(candidates=rows(200, failed=failed), weights={}, seed=0, high=50).chosen
    assert 0.05 < np.mean([int(i[1:]) in failed for i in chosen]) < 0.4


@pytest.mark.parametrize("half_life", [0.0, -1.0, float("nan")])
def test_a_half_life_that_is_none_is_refused(half_life):
    with pytest.raises(CurationError, match="half-life"):
        select(candidates=rows(3), weights={}, seed=0, half_life=half_life)


def table(wrong, *, n=240):
    """Two classes parted by x; the labels at the positions `wrong` are turned."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=["x", "y"])
    labels = np.where(frame["x"] > 0, "high", "low").astype(object)
    turned = {"high": "low", "low": "high"}
    labels[wrong] = [turned[label] for label in labels[wrong]]
    return frame, labels


def judged(frame, labels, suspect):
    return dropping(
        learner=default_learner("tabular"),
        inputs=frame,
        labels=labels,
        suspect=suspect,
        spec=SPEC,
        seed=0,
        folds=3,
    )


def test_dropping_wrong_labels_is_worth_it_and_dropping_the_border_is_not():
    wrong = np.zeros(240, dtype=bool)
    wrong[::5] = True
    frame, labels = table(wrong)
    good = judged(frame, labels, wrong)
    assert good.worth and good.saved > 0 and "they are dropped" in good.reason
    assert good.n == 240
    frame, labels = table(np.zeros(240, dtype=bool))
    border = (np.abs(frame["x"]) < 0.7).to_numpy()
    bad = judged(frame, labels, border)
    assert not bad.worth and bad.saved < 0 and "they stay" in bad.reason


def test_nothing_suspect_is_nothing_to_drop_and_marks_must_fit_the_rows():
    frame, labels = table(np.zeros(240, dtype=bool))
    assert judged(frame, labels, np.zeros(240, dtype=bool)).reason == "no row is suspect"
    with pytest.raises(CurationError, match="240 rows with 3 marks"):
        judged(frame, labels, np.ones(3, dtype=bool))
