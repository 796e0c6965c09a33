"""A retrain can be made again: same rows, same seed, same answers, and its lineage says from what."""

import numpy as np
import pytest

from clients.datasets import add_dataset_version
from clients.labelled import LabelledRow
from clients.models import DatasetVersion, PredictionLog
from clients.queries import current_version, dataset_frame
from retraining import artifacts
from retraining.models import ModelVersion, Proposal
from retraining.stages import collect, retrain
from tests.retraining import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def collecting(model, rng):
    world.load(model, world.month(rng, born=15))
    return world.step(collect, world.at_stage(model, "collecting", new_categories=["locker"]))


def test_the_same_run_again_gives_the_same_answers_on_every_row(collecting, model):
    steps = [retrain.run(collecting, at=world.MAY) for _ in range(2)]
    assert not ModelVersion.objects.filter(number__gt=0).exists()
    versions = []
    for step in steps:
        step.write()
        versions.append(ModelVersion.objects.latest("number"))
    one, other = versions
    rows = dataset_frame(one.training_version)
    logs = [{"text": text} for text in PredictionLog.objects.values_list("input__text", flat=True)]
    for inputs in (rows.inputs, rows.inputs.__class__(logs)):
        first, again = artifacts.load(one), artifacts.load(other)
        assert (first.predict(inputs)[0] == again.predict(inputs)[0]).all()
        assert np.array_equal(first.predict_proba(inputs), again.predict_proba(inputs))
    assert DatasetVersion.objects.filter(dataset__kind="training").count() == 2


def test_the_candidate_says_where_it_comes_from(collecting, onboarded):
    cycle = world.step(retrain, collecting)
    made = cycle.candidate
    assert cycle.state == "comparing"
    assert made.parent == onboarded.version
    assert made.training_version.number == 2
    assert made.training_version.parent == onboarded.version.training_version
    assert made.training_version.reason == f"cycle {cycle.pk}"
    assert made.name == "v1.1" and made.seed == cycle.seed
    assert {arm["arm"] for arm in made.arms} == {"scratch", "checkpoint"}
    assert made.arm in {"scratch", "checkpoint"}
    assert "locker" in made.categories
    assert "scikit-learn" in made.library_versions
    assert len(made.artifact_sha256) == 64
    added = made.training_version.dataset.all_rows.filter(added_in=2)
    assert added.count() == cycle.collected["accepted"]
    assert not added.filter(log_row_id="").exists()
    assert added.filter(source="review").exists()


def test_old_rows_are_replayed_and_golden_rows_never_train(collecting):
    cycle = world.step(retrain, collecting)
    rows = dataset_frame(cycle.candidate.training_version)
    assert {f"t-{i:03d}" for i in range(60)} <= set(rows.ids)
    golden = dataset_frame(current_version(model=cycle.model, kind="golden"))
    assert set(golden.labels) >= {"locker"} and len(golden) == 35
    assert not set(golden.inputs["text"]) & set(rows.inputs["text"])


def test_a_relabelled_row_trains_as_it_was_relabelled_and_a_rejected_one_not_at_all(collecting):
    accepted = collecting.proposals.filter(kind="training", state="accepted")
    one, other = accepted[0], accepted[1]
    Proposal.objects.filter(pk=one.pk).update(state="relabelled", final_label="billing")
    Proposal.objects.filter(pk=other.pk).update(state="rejected", reason="a joke")
    rows = dataset_frame(world.step(retrain, collecting).candidate.training_version)
    labels = dict(zip(rows.ids, rows.labels, strict=True))
    assert labels[one.row_id] == "billing"
    assert other.row_id not in labels


def test_rows_that_became_golden_while_people_curated_are_left_out(collecting, model):
    one = collecting.proposals.filter(kind="training", state="accepted").first()
    copy = LabelledRow("late", {"text": one.input["text"].upper()}, one.label, "import")
    add_dataset_version(
        model=model, kind="golden", rows=[copy], by="lee", reason="late", at=world.MAY
    )
    version = world.step(retrain, collecting).candidate.training_version
    assert one.row_id not in dataset_frame(version).ids
    assert "1 left out" in version.reason


def test_a_log_row_with_the_id_of_a_training_row_is_another_row(collecting, model):
    """The client may count its training rows and its log rows from one."""
    one = collecting.proposals.filter(kind="training", state="accepted").first()
    PredictionLog.objects.filter(row_id=one.row_id).update(row_id="t-001")
    Proposal.objects.filter(pk=one.pk).update(row_id="t-001")
    version = world.step(retrain, collecting).candidate.training_version
    rows = version.dataset.all_rows
    assert rows.get(row_id="t-001").input["text"] != one.input["text"]
    assert rows.get(row_id="log:t-001").input == one.input
    assert rows.get(row_id="log:t-001").log_row_id == "t-001"


def test_new_reviewed_rows_and_old_ones_are_answered_out_of_fold(collecting):
    cycle = world.step(retrain, collecting)
    run = cycle.eval_runs.get(kind="out_of_fold", version=cycle.candidate)
    own = cycle.eval_runs.get(kind="out_of_fold", version=cycle.incumbent)
    rows = cycle.candidate.training_version.dataset.all_rows
    new = set(rows.filter(added_in=2, source="review").values_list("row_id", flat=True))
    old = set(rows.filter(added_in=1).values_list("row_id", flat=True))
    assert set(own.rows.values_list("row_id", flat=True)) == old
    assert set(run.rows.values_list("row_id", flat=True)) == new | old
    assert run.golden_version is None and own.n == len(old)
