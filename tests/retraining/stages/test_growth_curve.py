"""The live version's own learning curve says what more rows like its own are worth."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from retraining import growth
from retraining.evidence import gather
from retraining.stages import diagnose, monitor
from tests.retraining import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def gathered(model, rng):
    """A cycle in a quiet month, and what it looks at."""
    world.load(model, world.month(rng))
    cycle = world.step(monitor, world.loop.start_cycle(model=model, as_of=world.MAY))
    return cycle, gather(cycle)


def test_the_curve_says_what_the_months_new_rows_are_worth(gathered):
    cycle, seen = gathered
    found = growth.curve_gain(cycle, seen)
    assert found.n == len(seen.evidence.training_labels)
    assert found.rows == len(growth._new_rows(cycle, seen)) > 0
    assert 0 <= found.low <= found.gain <= found.high < 0.5
    assert growth.curve_gain(cycle, seen) == found


def test_each_point_is_scored_on_rows_that_no_model_saw(gathered, monkeypatch):
    cycle, seen = gathered
    learner, taught, asked, leaked = growth.learner_for(cycle.incumbent.learner), [], [], set()
    texts = seen.evidence.training_inputs["text"]
    doubles = set(texts[texts.duplicated(keep=False)])

    def fit(*, inputs, labels, spec, seed):
        taught.append(set(labels))
        model, known = learner.fit(inputs=inputs, labels=labels, spec=spec, seed=seed), inputs

        def predict(rows):
            asked.append(len(rows))
            leaked.update(set(rows["text"]) & set(known["text"]) - doubles)
            return model.predict(rows)

        return SimpleNamespace(predict=predict)

    monkeypatch.setattr(growth, "learner_for", lambda name: SimpleNamespace(fit=fit))
    growth.curve_gain(cycle, seen)
    assert not leaked
    # Each training row is held out once, from as many models as there are shares.
    assert sum(asked) == len(growth.SHARES) * len(texts)
    # Even the smallest share has an example of each category.
    assert all(labels == set(seen.evidence.training_labels) for labels in taught)


def test_there_is_no_curve_without_new_rows_or_with_few_training_rows(gathered, monkeypatch):
    cycle, seen = gathered
    few = replace(
        seen.evidence,
        training_inputs=seen.evidence.training_inputs[: growth.CURVE_LEAST - 1],
        training_labels=seen.evidence.training_labels[: growth.CURVE_LEAST - 1],
    )
    assert growth.curve_gain(cycle, replace(seen, evidence=few)) is None
    cycle.model.logs.update(label="", label_source="", labelled_at=None)
    assert growth.curve_gain(cycle, seen) is None


def test_a_steep_curve_alone_never_opens_a_retrain(model, rng, monkeypatch):
    steep = growth.CurveGain(0.3, 0.2, 0.4, n=60, rows=12)
    monkeypatch.setattr(diagnose, "opportunity", lambda cycle, gathered: None)
    monkeypatch.setattr(diagnose, "curve_gain", lambda cycle, gathered: steep)
    world.load(model, world.month(rng))
    cycle = world.step(monitor, world.loop.start_cycle(model=model, as_of=world.MAY))
    cycle = world.step(diagnose, cycle)
    assert (cycle.state, cycle.reason) == ("healthy", "")
    assert cycle.diagnosis.findings["opportunity"] is None
    assert cycle.diagnosis.findings["learning_curve"] == steep.as_dict()


def test_a_measured_gain_decides_and_has_the_curve_beside_it(model, rng, monkeypatch):
    measured = growth.Opportunity(0.04, 0.01, 0.07, rows=110, n=80, fixed=8, broken=1, p_value=0.02)
    flat = growth.CurveGain(0.001, 0.0, 0.01, n=60, rows=110)
    monkeypatch.setattr(diagnose, "opportunity", lambda cycle, gathered: measured)
    monkeypatch.setattr(diagnose, "curve_gain", lambda cycle, gathered: flat)
    world.load(model, world.month(rng))
    cycle = world.step(monitor, world.loop.start_cycle(model=model, as_of=world.MAY))
    cycle = world.step(diagnose, cycle)
    assert (cycle.state, cycle.reason) == ("collecting", "growth")
    found = cycle.diagnosis.findings["opportunity"]
    assert found == measured.as_dict() | {"curve": flat.as_dict()}
