"""The laws that every registered learner obeys; registering one is enough to be tried here."""

import json

import numpy as np
import pytest

from retraining.learners.errors import (
    MissingColumn,
    NothingToLearn,
    TooFewCategories,
    UnknownLabel,
    WrongCheckpoint,
)
from retraining.learners.registry import LEARNERS, load_model

SEED = 5


@pytest.fixture(params=sorted(LEARNERS))
def learner(request):
    return LEARNERS[request.param]


@pytest.fixture
def sample(learner, sample_for):
    return sample_for(learner.task)


def fitted(learner, sample, seed=SEED):
    return learner.fit(inputs=sample.inputs, labels=sample.labels, spec=sample.spec, seed=seed)


def continued(learner, checkpoint, sample):
    return learner.continue_from(
        checkpoint=checkpoint,
        inputs=sample.inputs,
        labels=sample.labels,
        spec=sample.spec,
        seed=SEED,
    )


def assert_answers(model, inputs):
    proba = model.predict_proba(inputs)
    labels, confidence = model.predict(inputs)
    assert proba.shape == (len(inputs), len(model.categories))
    assert np.isfinite(proba).all()
    assert (proba >= 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1.0)
    assert set(labels) <= set(model.categories)
    np.testing.assert_array_equal(confidence, proba.max(axis=1))


def test_it_learns_what_is_there_to_learn(learner, sample):
    model = fitted(learner, sample)
    assert (model.predict(sample.inputs)[0] == sample.labels).mean() > 0.9
    assert model.categories == tuple(sorted(set(sample.labels)))
    assert (model.arm, model.learner) == ("scratch", learner.name)
    assert json.loads(json.dumps(model.parameters)) == model.parameters


def test_it_answers_every_row_with_probabilities(learner, sample):
    model = fitted(learner, sample)
    assert_answers(model, sample.inputs)
    assert_answers(model, sample.inputs.iloc[::-1])
    assert model.predict_proba(sample.inputs.iloc[:0]).shape == (0, len(model.categories))


def test_it_answers_rows_that_hold_nothing(learner, sample):
    assert_answers(fitted(learner, sample), sample.blanked())


def test_it_answers_values_it_never_saw(learner, sample):
    assert_answers(fitted(learner, sample), sample.with_unseen_values())


def test_it_ignores_columns_it_was_not_trained_on(learner, sample):
    model = fitted(learner, sample)
    np.testing.assert_array_equal(
        model.predict_proba(sample.inputs.assign(channel="web")), model.predict_proba(sample.inputs)
    )


def test_it_says_which_column_is_missing(learner, sample):
    model = fitted(learner, sample)
    column = sample.spec.columns[0]
    with pytest.raises(MissingColumn, match=column):
        model.predict_proba(sample.inputs.drop(columns=column))


def test_it_bears_a_category_of_one_row(learner, sample):
    lone = sample.with_one_of("refund")
    model = fitted(learner, lone)
    assert "refund" in model.categories
    assert_answers(model, lone.inputs)


def test_two_categories_are_enough_and_one_is_not(learner, sample):
    pair = sample.only("billing", "login")
    assert_answers(fitted(learner, pair), pair.inputs)
    with pytest.raises(TooFewCategories):
        fitted(learner, sample.only("billing"))


def test_rows_and_labels_must_match(learner, sample):
    with pytest.raises(NothingToLearn):
        learner.fit(inputs=sample.inputs, labels=sample.labels[1:], spec=sample.spec, seed=1)
    with pytest.raises(NothingToLearn):
        learner.fit(inputs=sample.inputs.iloc[:0], labels=[], spec=sample.spec, seed=1)


def test_the_same_seed_and_rows_give_the_same_model(learner, sample):
    first, again = fitted(learner, sample), fitted(learner, sample)
    np.testing.assert_array_equal(
        first.predict_proba(sample.inputs), again.predict_proba(sample.inputs)
    )
    np.testing.assert_array_equal(
        continued(learner, first, sample).predict_proba(sample.inputs),
        continued(learner, again, sample).predict_proba(sample.inputs),
    )


def test_continuing_adds_new_categories_behind_the_old_ones(learner, sample):
    old = fitted(learner, sample.only("login", "shipping"))
    model = continued(learner, old, sample)
    assert model.categories == ("login", "shipping", "billing", "refund")
    assert model.arm == "checkpoint"
    assert_answers(model, sample.inputs)
    assert (model.predict(sample.inputs)[0] == sample.labels).mean() > 0.8


def test_continuing_leaves_the_checkpoint_as_it_was(learner, sample):
    old = fitted(learner, sample.only("login", "shipping"))
    before = old.predict_proba(sample.inputs)
    continued(learner, old, sample)
    np.testing.assert_array_equal(old.predict_proba(sample.inputs), before)


def test_continuing_keeps_a_category_that_lost_its_rows(learner, sample):
    model = continued(learner, fitted(learner, sample), sample.only("login", "shipping"))
    assert set(model.categories) == set(sample.labels)
    assert_answers(model, sample.inputs)


def test_a_continued_model_can_be_continued_and_stored(learner, sample):
    model = fitted(learner, sample.only("login", "shipping"))
    for labels in (("login", "shipping", "refund"), ("login", "shipping", "refund", "billing")):
        model = load_model(continued(learner, model, sample.only(*labels)).dumps())
    assert model.categories == ("login", "shipping", "refund", "billing")
    assert_answers(model, sample.inputs)


def test_a_checkpoint_of_other_columns_is_refused(learner, sample, sample_for):
    other_task = "tabular" if learner.task == "text" else "text"
    stranger = next(one for one in LEARNERS.values() if one.task == other_task)
    checkpoint = fitted(stranger, sample_for(other_task))
    with pytest.raises(WrongCheckpoint):
        continued(learner, checkpoint, sample)


def test_relearning_forgets_the_rows_that_are_not_given(learner, sample):
    model = fitted(learner, sample)
    few = sample.only("billing", "login")
    stand_in = learner.relearn(
        checkpoint=model, inputs=few.inputs, labels=few.labels, spec=few.spec, seed=SEED
    )
    assert stand_in.categories == model.categories
    rest = sample.only("shipping", "refund")
    assert (model.predict(rest.inputs)[0] == rest.labels).mean() > 0.9
    assert (stand_in.predict(rest.inputs)[0] == rest.labels).mean() < 0.3


def test_relearning_from_no_rows_knows_nothing_and_from_strange_labels_is_refused(learner, sample):
    model = fitted(learner, sample.only("login", "shipping"))
    none = sample.inputs.iloc[:0]
    blank = learner.relearn(checkpoint=model, inputs=none, labels=[], spec=sample.spec, seed=SEED)
    np.testing.assert_allclose(blank.predict_proba(sample.inputs).mean(axis=0), 0.5, atol=0.25)
    with pytest.raises(UnknownLabel, match="billing"):
        learner.relearn(
            checkpoint=model,
            inputs=sample.inputs,
            labels=sample.labels,
            spec=sample.spec,
            seed=SEED,
        )


def test_what_is_stored_answers_as_before(learner, sample):
    for model in (fitted(learner, sample), continued(learner, fitted(learner, sample), sample)):
        model = model.tempered(0.7)
        again = load_model(model.dumps())
        np.testing.assert_array_equal(
            again.predict_proba(sample.inputs), model.predict_proba(sample.inputs)
        )
        assert (again.categories, again.arm, again.spec) == (
            model.categories,
            model.arm,
            model.spec,
        )
        assert again.parameters == model.parameters
        assert again.parameters["temperature"] == 0.7
        assert type(again) is type(model)


def test_tempering_changes_the_confidence_and_no_answer(learner, sample):
    model = fitted(learner, sample)
    sharper = model.tempered(0.5)
    labels, confidence = model.predict(sample.inputs)
    sharp_labels, sharp_confidence = sharper.predict(sample.inputs)
    np.testing.assert_array_equal(labels, sharp_labels)
    assert (sharp_confidence >= confidence - 1e-12).all()
    assert sharp_confidence.mean() > confidence.mean()
