"""A version scored on labelled rows: who is right, in which category, and on how many rows."""

import numpy as np
import pandas as pd
import pytest
from django.db import IntegrityError, transaction

from retraining.causes.evidence import Rows
from retraining.evaluation import Scored, category_figures, record, score_golden, score_reviewed
from retraining.models import EvalRun
from retraining.policy import Policy
from retraining.stats.intervals import wilson
from tests.factories import CycleFactory, DatasetVersionFactory, ModelVersionFactory
from tests.retraining import world

POLICY = Policy()


def scored(pairs):
    """(label, answer) pairs as an eval."""
    labels, answers = (np.array(column, dtype=object) for column in zip(*pairs, strict=True))
    return Scored([f"r-{i}" for i in range(len(pairs))], labels, answers, np.full(len(pairs), 0.5))


PAIRS = [("a", "a")] * 8 + [("a", "b")] * 2 + [("b", "b")] * 3 + [("b", "a")]


def test_each_category_has_estimate_interval_and_n_and_says_where_it_is_too_thin():
    figures = category_figures(scored(PAIRS), POLICY)
    assert list(figures) == ["a", "b"]
    assert figures["a"] == {**wilson(successes=8, n=10).as_dict(), "thin": False}
    assert (figures["b"]["n"], figures["b"]["estimate"], figures["b"]["thin"]) == (4, 0.75, True)
    assert figures["b"]["low"] < 0.75 < figures["b"]["high"]


@pytest.mark.django_db
def test_a_run_is_stored_with_every_answer():
    version = ModelVersionFactory()
    golden = DatasetVersionFactory(dataset__model=version.model, dataset__kind="golden")
    run = record(
        scored(PAIRS), version=version, kind="golden", policy=POLICY, at=world.MAY, golden=golden
    )
    assert (run.n, run.correct, run.estimate) == (14, 11, 11 / 14)
    interval = wilson(successes=11, n=14)
    assert (run.low, run.high) == (interval.low, interval.high)
    rows = list(run.rows.order_by("pk").values_list("row_id", "label", "prediction", "correct"))
    assert rows == [(f"r-{i}", *pair, pair[0] == pair[1]) for i, pair in enumerate(PAIRS)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "golden", "cycle"),
    [("golden", False, True), ("audit", True, True), ("audit", False, False)],
)
def test_a_run_names_the_rows_that_it_was_made_on(kind, golden, cycle):
    version = ModelVersionFactory()
    rows = DatasetVersionFactory(dataset__model=version.model) if golden else None
    within = CycleFactory(model=version.model, incumbent=version) if cycle else None
    with pytest.raises(IntegrityError), transaction.atomic():
        record(
            scored(PAIRS),
            version=version,
            kind=kind,
            policy=POLICY,
            at=world.MAY,
            golden=rows,
            cycle=within,
        )
    assert not EvalRun.objects.exists()


def test_of_production_only_the_reviewed_rows_are_scored_by_the_answers_of_the_time():
    rows = pd.DataFrame(
        {
            "id": ["1", "2", "3", "4"],
            "label": ["a", "b", "a", None],
            "label_source": ["review", "override", "targeted", None],
            "prediction": ["b", "a", "b", "a"],
            "confidence": [0.9, 0.8, 0.7, 0.6],
        }
    ).astype({"label": object, "label_source": object})
    empty = pd.DataFrame(index=rows.index)
    found = score_reviewed(Rows(rows, empty, empty, empty))
    assert found.ids == ["1"]
    assert found.labels.tolist() == ["a"] and found.answers.tolist() == ["b"]
    assert found.correct.tolist() == [False]


@pytest.mark.django_db
def test_a_version_is_scored_on_the_rows_of_one_golden_version(tiers):
    done = world.onboard(golden=12)
    golden = done.model.datasets.get(kind="golden").versions.get()
    found = score_golden(done.version, golden)
    assert list(found.ids) == [f"g-{i:03d}" for i in range(12)]
    assert set(found.labels) == set(world.WORDS)
    assert found.correct.sum() == done.golden.correct
    assert ((found.confidences > 0) & (found.confidences <= 1)).all()
