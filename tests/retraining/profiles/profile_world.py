"""A tabular model with a made-up reference, rows for it, and the counts of rows by plain Python."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from agency.base.clock import local_day, zone_of
from clients.log_days import touch_days
from clients.models import PredictionLog
from clients.queries import find_model
from retraining.learners.base import InputSpec
from retraining.models import DailyProfile
from retraining.profiles import reference_profile
from tests.factories import (
    ClientFactory,
    MaintainedModelFactory,
    ModelVersionFactory,
    RolloutFactory,
    hash_of,
)

SPEC = InputSpec("tabular", numeric=("temp",), categorical=("site",))
SCHEMA = {
    "task": "tabular",
    "fields": [
        {"name": "temp", "kind": "number", "whole": False, "values": []},
        {"name": "site", "kind": "category", "whole": False, "values": ["north", "south"]},
    ],
    "categories": ["low", "high"],
}
FIRST = datetime(2025, 2, 28, 23, tzinfo=UTC)
"""1 March in Berlin, at its first instant."""
AT = datetime(2025, 4, 2, tzinfo=UTC)


def reference(seed=0):
    rng = np.random.default_rng(seed)
    sites = pd.Series(rng.choice(["north", "south"], 200), dtype=object)
    return reference_profile(
        inputs=pd.DataFrame({"temp": rng.normal(15, 5, 200), "site": sites}),
        answers=rng.choice(["low", "high"], 200).astype(object),
        confidences=rng.uniform(0.4, 1, 200),
        spec=SPEC,
    )


def live_model(tier=None):
    """A model that is live since its first row, in Berlin."""
    client = ClientFactory(timezone="Europe/Berlin")
    more = {"tier": tier} if tier else {}
    model = MaintainedModelFactory(client=client, task="tabular", schema=SCHEMA, **more)
    version = ModelVersionFactory(model=model, number=0, reference=reference(), learner="tabular")
    RolloutFactory(version=version, started_at=FIRST)
    return find_model(model.path), version


def log(model, number, **values):
    """One row that is not stored yet; ``hour`` counts from the first instant of 1 March."""
    at = FIRST + timedelta(hours=values.pop("hour", number))
    told = {"label": values.pop("label", ""), "label_source": values.pop("source", "")}
    given = {
        "input": {"temp": values.pop("temp", 15.0), "site": values.pop("site", "north")},
        "prediction": "low",
        "confidence": 0.8,
        "answered": "client",
        "model_version": "v1.0",
        **values,
    }
    return PredictionLog(
        client_id=model.client_id,
        model=model,
        row_id=f"r-{number}",
        timestamp=at,
        content_sha256=hash_of(number),
        received_at=AT,
        **told,
        **given,
    )


def store(model, rows):
    """Store the rows as an upload does: their days are touched."""
    PredictionLog.objects.bulk_create(rows)
    touch_days(model=model, days={day_of(row) for row in rows}, at=AT)


def day_of(row):
    return local_day(row.timestamp, zone_of("Europe/Berlin"))


def stored(model):
    """All profiles of the model, as plain values."""
    columns = ("day", "kind", "version", "segment", "rows", "counts")
    found = DailyProfile.objects.filter(model=model).values_list(*columns)
    return {row[:4]: row[4:] for row in found}


def plain_counts(rows):
    """(rows, answers, right and n of the reviewed) of answered rows, counted one by one."""
    rows = [row for row in rows if row.answered != "none"]
    fair = [row for row in rows if row.label_source == "review"]
    right = sum(row.label == row.prediction for row in fair)
    return len(rows), Counter(row.prediction for row in rows), (right, len(fair))


def march(day):
    return date(2025, 3, day)
