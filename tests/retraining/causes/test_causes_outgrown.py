"""A season that leaves what training knew; and what only looks like one."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from retraining.causes import concept_change
from retraining.causes.evidence import Evidence, Rows
from retraining.causes.outgrown import outgrown
from retraining.learners.base import InputSpec
from retraining.policy import Policy

LEVELS = ("low", "mid", "high")
OCTOBER, NOVEMBER = date(2025, 10, 1), date(2025, 11, 1)
COLDEST = 15.0


def rows(first, warmth, *, lean, seed):
    """Twenty rows a day, all reviewed, as warm as ``warmth(day)``; four in ten may be wrong.

    ``lean``: the share of these whose label is one step lower than the answer, else one higher.
    """
    rng = np.random.default_rng(seed)
    days = [first + timedelta(days=i) for i in range(30) for _ in range(20)]
    said = rng.integers(0, 3, len(days))
    step = np.where(rng.random(len(days)) < lean, -1, 1) * (rng.random(len(days)) < 0.4)
    answers = np.array(LEVELS, dtype=object)
    said, label = answers[said], answers[np.clip(said + step, 0, 2)]
    frame = pd.DataFrame({"id": [f"{first}-{i}" for i in range(len(days))], "day": days})
    frame = frame.assign(prediction=said, label=label, label_source="review", thumbs=None)
    frame = frame.assign(confidence=0.8, replayed=False, timestamp=pd.to_datetime(frame["day"]))
    warm = [warmth((day - first).days) + rng.normal(0, 1) for day in days]
    blank = pd.DataFrame(index=frame.index)
    return Rows(frame, pd.DataFrame({"temp": warm}), blank, blank)


def evidence(before, now):
    """Trained on a summer whose coldest row had 15 degrees."""
    known = pd.DataFrame({"temp": np.linspace(COLDEST, 30, 200)})
    return Evidence(
        policy=Policy(),
        spec=InputSpec("tabular", numeric=("temp",)),
        categories=LEVELS,
        days=tuple(NOVEMBER + timedelta(days=i) for i in range(30)),
        now=now,
        before=before,
        healthy=np.ones(len(before), dtype=bool),
        training_inputs=known,
        training_labels=np.resize(np.array(LEVELS, dtype=object), 200),
        predict=lambda inputs: (np.full(len(inputs), "mid"), np.full(len(inputs), 0.8)),
        golden_accuracy=0.9,
    )


def autumn(day):
    return 21 - 0.25 * day


def winter(day):
    return 13.5 - 0.2 * day


@pytest.fixture(scope="module")
def season():
    return evidence(
        rows(OCTOBER, autumn, lean=0.5, seed=1), rows(NOVEMBER, winter, lean=0.9, seed=2)
    )


def test_a_season_beyond_the_training_rows_whose_answers_lean_is_seen(season):
    found = outgrown(season)
    assert (found.field, found.below) == ("temp", True)
    assert found.bound == COLDEST and found.share > 0.9
    assert found.since < NOVEMBER
    assert found.bias > found.bias_before
    assert set(season.now.rows["id"][found.rows]) <= set(season.now.rows["id"][season.now.failed])
    (finding,) = concept_change.find(season, ())
    assert finding.cause == "concept_change" and finding.acts
    assert "temp below 15" in finding.evidence


def test_a_field_that_jumped_is_a_fault_of_the_feed_and_no_season(season):
    jumped = rows(NOVEMBER, lambda day: autumn(30) if day < 5 else -20.0, lean=0.9, seed=2)
    assert outgrown(replace(season, now=jumped)) is None


def test_a_month_that_training_knew_is_left_to_the_other_questions(season):
    warm = rows(NOVEMBER, lambda day: 20.0, lean=0.9, seed=2)
    assert outgrown(replace(season, now=warm)) is None


def test_a_season_is_not_enough_where_wrong_answers_are_those_of_before(season):
    same = rows(NOVEMBER, winter, lean=0.5, seed=3)
    assert outgrown(replace(season, now=same)) is None


def test_values_beyond_training_that_no_earlier_month_had_are_not_taken_for_a_season(season):
    summer = rows(OCTOBER, lambda day: 22.0, lean=0.5, seed=1)
    assert outgrown(replace(season, before=summer)) is None
