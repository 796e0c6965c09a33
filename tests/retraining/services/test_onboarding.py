"""A model comes in whole, or leaves nothing behind."""

import numpy as np
import pandas as pd
import pytest
from django.db import transaction

from agency.base.errors import BadInput
from clients.models import Client, DatasetRow, MaintainedModel
from retraining import artifacts, services
from retraining.learners.selection import train_candidate
from retraining.models import ModelVersion, Rollout
from retraining.queries import live_version
from retraining.services import onboarding
from tests.retraining import world

pytestmark = pytest.mark.django_db


def stored(folder):
    """Everything that an onboarding could leave behind."""
    rows = [m.objects.count() for m in (Client, MaintainedModel, DatasetRow, ModelVersion, Rollout)]
    return rows, sorted(p.name for p in folder.rglob("*") if p.is_file())


def ask(tiers, **changes):
    rng = np.random.default_rng(0)
    asked = {
        "client": "acme",
        "model": "tickets",
        "name": "",
        "tier": "standard",
        "domain": "customer_support",
        "timezone": world.ZONE,
        "language": "en",
        "task": "text",
        "train": ("train.csv", world.csv_of(world.examples(rng, 30), "t")),
        "golden": ("golden.csv", world.csv_of(world.examples(rng, 9), "g")),
        "as_of": world.APRIL,
        "by": "lee",
    }
    return services.onboard(**asked | changes)


def test_the_first_version_is_measured_and_live_from_then_on(tiers):
    done = ask(tiers)
    assert (done.version.name, done.version.parent, done.set_aside) == ("v1.0", None, 0)
    assert (done.golden.n, done.golden.kind) == (9, "golden")
    assert live_version(done.model) == done.version
    rollout = Rollout.objects.get()
    assert (rollout.started_at, rollout.strategy) == (world.APRIL, "launch")
    assert done.model.client.timezone == world.ZONE
    assert {v.number for d in done.model.datasets.all() for v in d.versions.all()} == {1}


def test_the_same_data_gives_the_same_first_version_again(tiers, monkeypatch):
    monkeypatch.setattr(onboarding, "train_candidate", train_candidate)
    frame = pd.DataFrame({"text": ["paid invoice", "parcel late", "reset password today"]})
    answers = []
    for _ in range(2):
        with transaction.atomic():
            version = ask(tiers).version
            answers.append((version.seed, artifacts.load(version).predict_proba(frame)))
            transaction.set_rollback(True)
    (seed, one), (same_seed, other) = answers
    assert seed == same_seed and np.array_equal(one, other)


def test_training_rows_that_copy_golden_rows_are_set_aside_and_counted(tiers):
    rng = np.random.default_rng(0)
    train, golden = world.examples(rng, 30), world.examples(rng, 9)
    copies = [(golden[0][0].upper(), golden[0][1]), (f"Hello, {golden[1][0]} thanks", golden[1][1])]
    done = ask(
        tiers,
        train=("t.csv", world.csv_of([*train, *copies], "t")),
        golden=("g.csv", world.csv_of(golden, "g")),
    )
    assert done.set_aside == 2
    assert done.version.training_version.rows == 30


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tier": "gold"}, "unknown tier"),
        ({"domain": "space"}, "unknown domain"),
        ({"timezone": "Mars/Olympus"}, "time zone"),
        ({"client": "Not A Slug"}, "slug"),
        ({"model": "no/slug"}, "slug"),
        ({"language": "xx"}, "language"),
        ({"train": ("t.csv", b"id,text,label\na,one,x\nb,two,x\n")}, "two classes"),
        ({"train": ("t.csv", b"id,text,label\na,one,x\na,two,y\n")}, "line 2 too"),
        ({"train": ("t.csv", b'id,text,label\na,"  ",x\nb,two,y\n')}, "empty"),
        ({"train": ("t.csv", b"id,text,label\na,??,x\nb,!!,y\n")}, "t.csv"),
        ({"golden": ("g.csv", b"id,text,label\n")}, "no rows"),
        ({"golden": ("g.csv", b"id,words,label\na,b,c\n")}, "'text' is missing"),
    ],
)
def test_what_is_refused_leaves_no_row_and_no_file(tiers, own_files, changes, says):
    before = stored(own_files)
    with pytest.raises(BadInput, match=says):
        ask(tiers, **changes)
    assert stored(own_files) == before


def test_a_client_that_exists_otherwise_is_refused_before_anything_is_trained(tiers, own_files):
    ask(tiers)
    before = stored(own_files)
    with pytest.raises(BadInput, match="timezone"):
        ask(tiers, model="other", timezone="UTC")
    with pytest.raises(BadInput, match="exists already"):
        ask(tiers)
    assert stored(own_files) == before
