"""``repair`` mends what the last check found, goes on to retrain, and takes repairs back."""

import json

import numpy as np
import pytest

from retraining.models import AppliedRepair, ModelVersion
from tests.retraining import bikes, world

pytestmark = pytest.mark.django_db
PATH = "acme/bikes"


@pytest.fixture
def cycle(tiers, lee):
    model = bikes.onboard()
    rows, _ = bikes.april(np.random.default_rng(7))
    world.load(model, rows)
    return bikes.upstream(model)


def signed(*more):
    return (
        PATH,
        "--by",
        "lee",
        "--reason",
        "Fahrenheit.",
        "--as-of",
        "2025-05-01",
        *more,
        "--json",
    )


def test_a_repair_and_its_withdrawal_are_told_as_json(cycle, run):
    code, out, _ = run("repair", *signed())
    said = json.loads(out)
    assert (code, said["cycle"], said["state"]) == (0, cycle.pk, "upstream")
    mended = {
        "subject": "temp",
        "kind": "unit_change",
        "how": "convert",
        "since": "2025-04-11",
        "until": "2025-05-01",
    }
    assert said["repairs"] == [{**mended, "in_force": True}]
    code, out, _ = run("repair", *signed("--withdraw"))
    assert (code, json.loads(out)["repairs"]) == (0, [{**mended, "in_force": False}])


def test_repair_then_retrain_trains_on_the_repaired_rows(cycle, run):
    code, out, _ = run("repair", *signed("--retrain"))
    said = json.loads(out)
    assert code == 0 and said["state"] in ("pending_approval", "undecided", "rejected")
    learned = ModelVersion.objects.get(number=1).training_version.dataset.all_rows
    assert learned.exclude(log_row_id="").exists()
    assert max(row.input["temp"] for row in learned.all()) < 35


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (("--withdraw",), "no cycle that waits"),
        (("--withdraw", "--retrain"), "exclude each other"),
        (("--by", "nobody"), "no active user"),
        (("--cycle", "999"), "no cycle that waits"),
        (("--reason", " "), "needs a reason"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(cycle, run, stored, changes, says):
    before = stored()
    code, out, err = run("repair", *signed(*changes))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and says in err
    assert stored() == before and not AppliedRepair.objects.exists()


def test_another_clients_cycle_is_not_repaired_by_its_number(cycle, run):
    bikes.onboard("rival/bikes")
    code, _, err = run(
        *("repair", "rival/bikes", "--by", "lee", "--reason", "x", "--cycle", cycle.pk)
    )
    assert code == 2 and "no cycle that waits" in err
