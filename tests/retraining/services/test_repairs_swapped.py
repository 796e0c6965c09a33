"""Two fields that changed places, in one channel for some days, are put back and then learned from."""

import json
from datetime import date

import numpy as np
import pytest

from clients.models import PredictionLog
from retraining import services
from retraining.evidence import excluded_ids, logged_rows
from retraining.models import AppliedRepair, ModelVersion
from retraining.stages import collect
from tests.retraining import bikes, world

pytestmark = pytest.mark.django_db
SIGNED = {"by": "lee", "reason": "The app of the stands mixes them up.", "at": world.MAY}
FIRST, STOP = date(2025, 4, 11), date(2025, 4, 21)


def fault(field, partner):
    given = {**bikes.FAULT, "field": field, "partner": partner, "kind": "swapped_fields"}
    places = {"segment": ["channel", "stand"], "until": STOP.isoformat()}
    return {**given, **places, "factor": None, "offset": None}


SEGMENT = {
    "key": "channel",
    "value": "stand",
    "cause": "swapped_fields",
    "since": FIRST.isoformat(),
    "until": STOP.isoformat(),
    "acts": True,
}
FOUND = {
    "suspect_fields": [fault("hour", "temp"), fault("temp", "hour")],
    "suspect_segments": [SEGMENT],
}


@pytest.fixture
def april(tiers, lee, rng):
    """A model; the right inputs by row; the rows that came swapped."""
    model = bikes.onboard()
    rows, temps = bikes.april(rng)
    right, hit = {}, set()
    for i, row in enumerate(rows):
        given = right[row["id"]] = {**row["input"], "temp": temps[row["id"]]}
        row["context"] = {"channel": "stand" if i % 2 else "phone"}
        row["input"] = given
        if i % 2 and FIRST <= date.fromisoformat(row["timestamp"][:10]) < STOP:
            row["input"] = {**given, "temp": given["hour"], "hour": given["temp"]}
            hit.add(row["id"])
    world.load(model, rows)
    assert hit
    return model, right, hit


def seen(model, **view):
    return logged_rows(model, start=world.APRIL, end=world.MAY, **view)


def told(rows):
    columns = rows.inputs[["hour", "temp"]].to_numpy(dtype=float)
    return {row_id: tuple(pair) for row_id, pair in zip(rows.rows["id"], columns, strict=True)}


def test_both_fields_come_back_in_one_repair_and_only_where_they_were_swapped(april):
    model, right, hit = april
    cycle = bikes.upstream(model, **FOUND)
    came = seen(model)
    stored = json.dumps(list(PredictionLog.objects.order_by("pk").values()), default=str)
    assert set(excluded_ids(cycle, came)) == hit
    services.apply_repairs(cycle=cycle, **SIGNED)
    row = AppliedRepair.objects.get()
    assert (row.subject, row.kind) == ("hour, temp (channel = stand)", "swapped_fields")
    assert (row.repair.how, row.since, row.repair.until) == ("exchange", FIRST, STOP)
    view = seen(model, repaired=cycle.incumbent)
    assert told(view) == {row_id: (x["hour"], x["temp"]) for row_id, x in right.items()}
    assert set(view.rows["id"][view.rows["replayed"]]) == hit
    assert excluded_ids(cycle, came) == {}
    assert json.dumps(list(PredictionLog.objects.order_by("pk").values()), default=str) == stored
    services.withdraw_repairs(cycle=cycle, by="kim", reason="It was right.", at=world.JUNE)
    assert told(seen(model, repaired=cycle.incumbent)) == told(came)
    assert set(excluded_ids(cycle, came)) == hit


def test_repair_then_retrain_collects_the_fields_in_their_places(april):
    model, right, hit = april
    after = world.step(
        collect, services.repair_and_retrain(cycle=bikes.upstream(model, **FOUND), **SIGNED)
    )
    proposals = {one.row_id: one for one in after.proposals.all()}
    assert set(proposals) & hit
    for row_id, one in proposals.items():
        assert {name: one.input[name] for name in ("hour", "temp")} == pytest.approx(
            {name: right[row_id][name] for name in ("hour", "temp")}
        )
        assert ("Repaired, not as it came: hour, temp." in one.why) == (row_id in hit)


def test_the_candidate_learns_from_what_the_repair_gave(april):
    model, right, _ = april
    after = services.repair_and_retrain(cycle=bikes.upstream(model, **FOUND), **SIGNED)
    done = services.continue_cycle(cycle_id=after.pk, at=world.MAY)
    assert done.state in ("pending_approval", "undecided", "rejected")
    learned = ModelVersion.objects.get(number=1).training_version.dataset.all_rows
    rows = list(learned.exclude(log_row_id=""))
    assert rows
    for row in rows:
        np.testing.assert_allclose(
            [row.input[name] for name in ("hour", "temp")],
            [right[row.log_row_id][name] for name in ("hour", "temp")],
        )
