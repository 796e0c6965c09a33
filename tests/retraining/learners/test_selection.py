"""The two arms are judged alike, on rows that neither has seen."""

import numpy as np
import pandas as pd
import pytest

from retraining.learners.base import InputSpec
from retraining.learners.errors import NothingToLearn, TooFewCategories
from retraining.learners.registry import LEARNERS, default_learner
from retraining.learners.selection import out_of_fold, train_candidate


def train(learner, sample, *, checkpoint=None, is_new=None, folds=3):
    return train_candidate(
        learner=learner,
        checkpoint=checkpoint,
        inputs=sample.inputs,
        labels=sample.labels,
        spec=sample.spec,
        seed=4,
        folds=folds,
        is_new=is_new,
    )


def launched(learner, sample, *labels):
    old = sample.only(*labels)
    return learner.fit(inputs=old.inputs, labels=old.labels, spec=old.spec, seed=4)


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_a_launch_has_one_arm_and_a_later_version_two(name, sample_for):
    learner = LEARNERS[name]
    sample = sample_for(learner.task)
    first = train(learner, sample.only("login", "shipping", "refund"))
    assert [arm.arm for arm in first.arms] == ["scratch"]
    assert first.chosen == "scratch"

    is_new = sample.labels == "billing"
    later = train(learner, sample, checkpoint=first.model, is_new=is_new)
    assert {arm.arm for arm in later.arms} == {"scratch", "checkpoint"}
    best = max(later.arms, key=lambda arm: (arm.cv_accuracy, -arm.log_loss))
    assert later.chosen == best.arm == later.model.arm
    assert all(arm.n == len(sample.labels) for arm in later.arms)
    assert later.out_of_fold.shape == (len(sample.labels), len(later.model.categories))
    answers = np.asarray(later.model.categories, dtype=object)[later.out_of_fold.argmax(axis=1)]
    assert (answers == sample.labels).mean() == pytest.approx(best.cv_accuracy)
    assert later.model.temperature == best.temperature
    np.testing.assert_allclose(later.out_of_fold.sum(axis=1), 1.0)


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_the_same_run_again_gives_the_same_candidate(name, sample_for):
    learner = LEARNERS[name]
    sample = sample_for(learner.task)
    checkpoint = launched(learner, sample, "login", "shipping")
    first, again = (train(learner, sample, checkpoint=checkpoint) for _ in range(2))
    assert first.arms == again.arms
    np.testing.assert_array_equal(first.out_of_fold, again.out_of_fold)
    np.testing.assert_array_equal(
        first.model.predict_proba(sample.inputs), again.model.predict_proba(sample.inputs)
    )


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_a_checkpoint_that_knows_the_answers_by_heart_gains_nothing(name, sample_for):
    """Labels drawn at random can't be learned, so an arm that beats chance has seen them."""
    learner = LEARNERS[name]
    sample = sample_for(learner.task)
    noise = np.random.default_rng(8).permutation(sample.labels)
    by_heart = learner.fit(inputs=sample.inputs, labels=noise, spec=sample.spec, seed=4)
    recalled = (by_heart.predict(sample.inputs)[0] == noise).mean()
    assert recalled > 0.6
    trained = train_candidate(
        learner=learner,
        checkpoint=by_heart,
        inputs=sample.inputs,
        labels=noise,
        spec=sample.spec,
        seed=4,
        folds=3,
    )
    for arm in trained.arms:
        assert arm.cv_accuracy < 0.4, arm


def test_the_checkpoint_can_win():
    """A learner that is no good from scratch shows that the arms are really compared."""

    class Forgetful:
        """A text learner that learns nothing from scratch."""

        def __getattr__(self, name):
            return getattr(default_learner("text"), name)

        def fit(self, *, inputs, labels, spec, seed):
            shuffled = np.random.default_rng(seed).permutation(labels)
            return default_learner("text").fit(inputs=inputs, labels=shuffled, spec=spec, seed=seed)

    rows = pd.DataFrame(
        {"text": [f"card {i}" for i in range(15)] + [f"fee {i}" for i in range(15)]}
    )
    labels = np.asarray(["card"] * 15 + ["fee"] * 15, dtype=object)
    spec = InputSpec("text")
    checkpoint = default_learner("text").fit(inputs=rows, labels=labels, spec=spec, seed=0)
    trained = train_candidate(
        learner=Forgetful(), checkpoint=checkpoint, inputs=rows, labels=labels, spec=spec, seed=1
    )
    assert trained.chosen == trained.model.arm == "checkpoint"


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_categories_of_one_to_four_rows_are_borne(name, sample_for):
    learner = LEARNERS[name]
    sample = sample_for(learner.task).with_one_of("refund").with_one_of("billing")
    trained = train(learner, sample, checkpoint=launched(learner, sample, "login", "shipping"))
    assert set(trained.model.categories) == {"refund", "billing", "login", "shipping"}
    proba = out_of_fold(
        learner=learner, inputs=sample.inputs, labels=sample.labels, spec=sample.spec, seed=1
    )
    np.testing.assert_allclose(proba.sum(axis=1), 1.0)
    lone = int(np.flatnonzero(sample.labels == "refund")[0])
    assert proba[lone, sorted(set(sample.labels)).index("refund")] == 0.0


def test_two_rows_of_two_categories_still_come_out(sample_for):
    sample = sample_for("text").only("login", "billing").with_one_of("login").with_one_of("billing")
    trained = train(default_learner("text"), sample)
    assert trained.arms[0].cv_accuracy == 0.0
    assert trained.arms[0].n == 2


def test_one_category_is_refused(sample_for):
    sample = sample_for("text").only("login")
    with pytest.raises(TooFewCategories):
        train(default_learner("text"), sample)


def test_out_of_fold_points_at_wrong_labels(sample_for):
    sample = sample_for("text")
    labels = sample.labels.copy()
    wrong = np.flatnonzero(labels == "login")[:4]
    labels[wrong] = "shipping"
    proba = out_of_fold(
        learner=default_learner("text"),
        inputs=sample.inputs,
        labels=labels,
        spec=sample.spec,
        seed=2,
    )
    column = sorted(set(labels)).index("shipping")
    right = np.flatnonzero(sample.labels == "shipping")
    assert proba[wrong, column].max() < np.median(proba[right, column])


def test_row_labels_of_the_frame_do_not_matter(sample_for):
    sample = sample_for("text")
    moved = sample.inputs.set_index(np.arange(len(sample.inputs))[::-1])
    common = {"learner": default_learner("text"), "labels": sample.labels, "spec": sample.spec}
    np.testing.assert_array_equal(
        out_of_fold(inputs=sample.inputs, seed=3, **common),
        out_of_fold(inputs=moved, seed=3, **common),
    )


def test_out_of_fold_averages_over_repeats(sample_for):
    sample = sample_for("text")
    how = {"learner": default_learner("text"), "inputs": sample.inputs, "labels": sample.labels}
    how |= {"spec": sample.spec, "folds": 3}
    once = out_of_fold(**how, seed=1)
    thrice = out_of_fold(**how, seed=1, repeats=3)
    assert thrice.shape == once.shape
    np.testing.assert_allclose(thrice.sum(axis=1), 1.0)
    assert not np.array_equal(once, thrice)
    with pytest.raises(NothingToLearn, match="0 repeats"):
        out_of_fold(**how, seed=1, repeats=0)
