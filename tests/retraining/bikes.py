"""A small tabular model, and a month in which its thermometer changed its unit."""

import csv
import io
from datetime import timedelta

import numpy as np

from retraining import services
from tests.retraining import world

SINCE = "2025-04-11"
COLUMNS = ("hour", "temp", "working")
FAULT = {
    "field": "temp",
    "kind": "unit_change",
    "since": SINCE,
    "until": None,
    "factor": 1.8,
    "offset": 32.0,
    "cycle": None,
    "lag": None,
    "segment": None,
    "acts": True,
}


def truth(rng, hour):
    """Warm hours of the day are busy."""
    temp = round(float(rng.uniform(2, 34)), 1)
    return {"hour": hour, "temp": temp, "working": int(rng.integers(2))}


def label_of(given):
    return "high" if given["temp"] > 18 and 6 <= given["hour"] <= 20 else "low"


def onboard(path="acme/bikes", rows=120):
    """The model at ``path``, trained on Celsius."""
    rng = np.random.default_rng(3)

    def dataset(prefix, count):
        out = io.StringIO()
        writer = csv.DictWriter(out, ["id", *COLUMNS, "label"], lineterminator="\n")
        writer.writeheader()
        for i in range(count):
            given = truth(rng, i % 24)
            writer.writerow({"id": f"{prefix}-{i}", **given, "label": label_of(given)})
        return f"{prefix}.csv", out.getvalue().encode()

    client, _, model = path.partition("/")
    return services.onboard(
        client=client,
        model=model,
        name="",
        tier="premium",
        domain="e_commerce",
        timezone=world.ZONE,
        language="en",
        task="tabular",
        train=dataset("t", rows),
        golden=dataset("g", 40),
        as_of=world.APRIL,
        by="lee",
    ).model


def april(rng, *, days=30, per_day=4):
    """(rows as they came, the right temperatures by id): Fahrenheit from the 11th on."""
    rows, right = [], {}
    for i in range(days * per_day):
        at = world.APRIL + timedelta(hours=24 / per_day * i)
        hour = (i * 24 // per_day + 2) % 24
        given = truth(rng, hour)
        label = label_of(given)
        row = world.row(i, at, "", label=label, source="review" if i % 2 else "override")
        right[row["id"]] = given["temp"]
        if i // per_day >= 10:
            given = {**given, "temp": given["temp"] * 1.8 + 32}
        rows.append({**row, "input": given})
    return rows, right


def upstream(model, **more):
    """A cycle over April that waits for the feed to be repaired."""
    found = {"verdict": "fix_upstream", "suspect_fields": [FAULT], **more}
    return world.at_stage(model, "upstream", **found)
