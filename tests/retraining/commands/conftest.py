"""A model of three categories, live since April, and a person who may decide."""

import numpy as np
import pytest
from django.apps import apps
from django.core.management import call_command

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


@pytest.fixture
def run(capsys):
    def call(*arguments):
        """Exit code, stdout, stderr of a command."""
        try:
            call_command(*map(str, arguments))
            code = 0
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def file(tmp_path):
    def write(content, name="rows.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def stored(own_files):
    def everything():
        """The number of rows of every table of ours, and every stored file."""
        ours = ("clients", "retraining", "reports")
        rows = {
            m._meta.label: m._default_manager.count()
            for app in ours
            for m in apps.get_app_config(app).get_models()
        }
        return rows, sorted(str(p) for p in own_files.rglob("*") if p.is_file())

    return everything
