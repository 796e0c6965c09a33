"""A model of three categories, live since April, and a person who may decide."""

import numpy as np
import pytest

from retraining.services import onboarding
from retraining.stages import collect, retrain
from tests.retraining import world


@pytest.fixture(autouse=True)
def quick_onboarding(monkeypatch):
    monkeypatch.setattr(onboarding, "train_candidate", world.train_once)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def lee(django_user_model):
    return django_user_model.objects.create_user("lee").username


@pytest.fixture
def onboarded(tiers):
    return world.onboard(tier="premium")


@pytest.fixture
def model(onboarded):
    return onboarded.model


@pytest.fixture
def retrained(model, rng, lee):
    """A cycle that found the new category ``locker`` and has trained a candidate for it."""
    world.load(model, world.month(rng, born=15))
    cycle = world.at_stage(model, "collecting", new_categories=["locker"])
    cycle = world.step(collect, cycle)
    return world.step(retrain, cycle)
