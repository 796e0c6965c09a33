"""Rows for tests that need some to be there, not the loop that makes them. All times are UTC."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import factory
from django.contrib.auth.models import User
from factory.django import DjangoModelFactory

from agency.base.clock import local_day, zone_of
from clients import models as clients
from clients.log_days import touch_days
from reports import models as reports
from retraining import models as retraining
from retraining.policy import Policy

MARCH = datetime(2025, 3, 1, tzinfo=UTC)
APRIL = datetime(2025, 4, 1, tzinfo=UTC)
CATEGORIES = ["billing", "delivery", "login"]
SCHEMA = {"task": "text", "fields": [], "categories": CATEGORIES}


def hash_of(number: int) -> str:
    """64 hexadecimal digits that differ for each number."""
    return f"{number:064x}"


def the_tiers():
    """The three tiers of the trade by slug. They come from a migration, which a test that empties
    the tables undoes."""
    for values in import_module("clients.migrations.0002_tiers").TIERS:
        clients.Tier.objects.get_or_create(slug=values["slug"], defaults=values)
    return {tier.slug: tier for tier in clients.Tier.objects.all()}


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        django_get_or_create = ("username",)

    username = factory.Sequence(lambda n: f"user{n}")


class TierFactory(DjangoModelFactory):
    class Meta:
        model = clients.Tier
        django_get_or_create = ("slug",)

    slug = "standard"
    name = "Standard"
    price_low = 1000
    price_high = 2000
    check_every_days = 30
    retrain_every_days = 30
    staff_minutes_budget = 300


class ClientFactory(DjangoModelFactory):
    class Meta:
        model = clients.Client

    slug = factory.Sequence(lambda n: f"client-{n}")
    name = factory.Sequence(lambda n: f"Client {n}")
    domain = "customer_support"
    created_at = MARCH


class MaintainedModelFactory(DjangoModelFactory):
    class Meta:
        model = clients.MaintainedModel

    client = factory.SubFactory(ClientFactory)
    tier = factory.SubFactory(TierFactory)
    slug = factory.Sequence(lambda n: f"model-{n}")
    name = factory.Sequence(lambda n: f"Model {n}")
    task = "text"
    schema = factory.LazyFunction(lambda: dict(SCHEMA))
    created_at = MARCH


class DatasetFactory(DjangoModelFactory):
    class Meta:
        model = clients.Dataset
        django_get_or_create = ("model", "kind")

    model = factory.SubFactory(MaintainedModelFactory)
    kind = "training"


class DatasetVersionFactory(DjangoModelFactory):
    """A version row alone: its hash is not that of any rows."""

    class Meta:
        model = clients.DatasetVersion

    dataset = factory.SubFactory(DatasetFactory)
    number = factory.Sequence(lambda n: n + 1)
    sha256 = factory.Sequence(hash_of)
    rows = 100
    added = 100
    removed = 0
    by = "lee"
    created_at = MARCH


class DatasetRowFactory(DjangoModelFactory):
    class Meta:
        model = clients.DatasetRow

    dataset = factory.SubFactory(DatasetFactory)
    position = factory.Sequence(lambda n: n)
    row_id = factory.Sequence(lambda n: f"row-{n}")
    input = factory.LazyFunction(lambda: {"text": "where is my parcel"})
    label = "delivery"
    salt = "0" * 32
    digest = factory.Sequence(hash_of)
    source = "import"
    added_in = 1
    added_by = "lee"


class ModelVersionFactory(DjangoModelFactory):
    """A version row alone: no artifact is stored for it."""

    class Meta:
        model = retraining.ModelVersion

    model = factory.SubFactory(MaintainedModelFactory)
    number = factory.Sequence(lambda n: n)
    training_version = factory.SubFactory(
        DatasetVersionFactory, dataset__model=factory.SelfAttribute("...model")
    )
    artifact_sha256 = factory.Sequence(hash_of)
    artifact_bytes = 1000
    learner = "text"
    arm = "scratch"
    arms = factory.LazyFunction(list)
    parameters = factory.LazyFunction(dict)
    categories = factory.LazyFunction(lambda: list(CATEGORIES))
    reference = factory.LazyFunction(dict)
    library_versions = factory.LazyFunction(dict)
    seed = 7
    created_at = MARCH


class CycleFactory(DjangoModelFactory):
    class Meta:
        model = retraining.Cycle

    model = factory.SubFactory(MaintainedModelFactory)
    state = retraining.State.HEALTHY
    window_start = MARCH
    window_end = APRIL
    policy = factory.LazyFunction(lambda: Policy().snapshot())
    tier = factory.LazyFunction(dict)
    seed = 7
    incumbent = factory.SubFactory(ModelVersionFactory, model=factory.SelfAttribute("..model"))
    created_at = APRIL


class RolloutFactory(DjangoModelFactory):
    class Meta:
        model = retraining.Rollout

    model = factory.SelfAttribute("version.model")
    version = factory.SubFactory(ModelVersionFactory)
    started_at = MARCH
    by = "lee"
    reason = "launch"


class ProposalFactory(DjangoModelFactory):
    class Meta:
        model = retraining.Proposal

    cycle = factory.SubFactory(CycleFactory, state=retraining.State.CURATING)
    model = factory.SelfAttribute("cycle.model")
    row_id = factory.Sequence(lambda n: f"row-{n}")
    source = "override"
    input = factory.LazyFunction(lambda: {"text": "my parcel never came"})
    label = "delivery"
    prediction = "billing"
    why = "The answer was corrected."


class PredictionLogFactory(DjangoModelFactory):
    class Meta:
        model = clients.PredictionLog
        skip_postgeneration_save = True

    model = factory.SubFactory(MaintainedModelFactory)
    client = factory.SelfAttribute("model.client")
    row_id = factory.Sequence(lambda n: f"row-{n}")
    timestamp = factory.Sequence(lambda n: MARCH + timedelta(minutes=n))
    input = factory.LazyFunction(lambda: {"text": "where is my parcel"})
    content_sha256 = factory.Sequence(hash_of)
    answered = "client"
    model_version = "v1.0"
    prediction = "delivery"
    confidence = 0.9
    received_at = APRIL

    @factory.post_generation
    def day(self, create, extracted, **kwargs):
        """As whoever writes rows has to say."""
        if create:
            zone = zone_of(self.model.client.timezone)
            day = local_day(self.timestamp, zone)
            touch_days(model=self.model, days=[day], at=self.received_at, labels=bool(self.label))


class AlertFactory(DjangoModelFactory):
    class Meta:
        model = clients.Alert

    model = factory.SubFactory(MaintainedModelFactory)
    key = factory.Sequence(lambda n: f"accuracy:{n}")
    severity = "act"
    message = "Accuracy fell by 6 points."
    opened_at = APRIL


class MonthlyReportFactory(DjangoModelFactory):
    """A report row alone: no file is stored for it."""

    class Meta:
        model = reports.MonthlyReport

    client = factory.SubFactory(ClientFactory)
    state = "rendered"
    month = date(2025, 3, 1)
    revision = 1
    provisional = False
    facts = factory.LazyFunction(lambda: {"client": "x"})
    facts_sha256 = factory.Sequence(hash_of)
    html_sha256 = factory.Sequence(hash_of)
    pdf_sha256 = factory.Sequence(hash_of)
    created_at = APRIL
