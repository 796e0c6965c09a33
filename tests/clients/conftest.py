"""A text model and a tabular model with their datasets, made by the services as onboarding does."""

import pytest

from clients.labelled import read_labelled
from clients.services import add_dataset_version, register_client, register_model
from tests.clients.samples import AT, GOLDEN, HOURS, TRAIN


def make_model(tier, *, slug, task, train):
    """A registered model whose training set is version 1."""
    rows, schema = read_labelled(train.encode(), "train.csv", None, task)
    client = register_client(
        slug=slug,
        name=slug.title(),
        domain="customer_support",
        timezone="Europe/Berlin",
        language="en",
        at=AT,
    )
    model = register_model(
        client=client, slug="model", name="Model", task=task, tier=tier, schema=schema, at=AT
    )
    add_dataset_version(model=model, kind="training", rows=rows, by="lee", reason="launch", at=AT)
    return model


@pytest.fixture
def text_model(tiers):
    return make_model(tiers["standard"], slug="parcels", task="text", train=TRAIN)


@pytest.fixture
def tabular_model(tiers):
    return make_model(tiers["standard"], slug="bikes", task="tabular", train=HOURS)


@pytest.fixture
def with_golden(text_model):
    """The text model with its golden set."""
    rows, _ = read_labelled(GOLDEN.encode(), "golden.csv", None, "text")
    add_dataset_version(
        model=text_model, kind="golden", rows=rows, by="lee", reason="launch", at=AT
    )
    return text_model
