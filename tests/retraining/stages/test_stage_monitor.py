"""What is measured, on which rows, and who is told."""

import numpy as np
import pytest

from clients.models import Alert
from clients.services import LateLabel, attach_labels
from retraining.models import EvalRun
from retraining.stages import monitor
from tests.factories import CycleFactory, ModelVersionFactory
from tests.retraining import world

pytestmark = pytest.mark.django_db


def test_the_golden_set_and_the_audited_rows_are_stored_row_by_row(model, rng):
    rows = world.month(rng)
    world.load(model, rows)
    cycle = world.cycle(model)
    golden, audit = cycle.eval_runs.get(kind="golden"), cycle.eval_runs.get(kind="audit")
    assert golden.n == golden.rows.count() == 30
    assert golden.golden_version.number == 1
    reviewed = {r["id"] for r in rows if r["feedback"]["label_source"] == "review"}
    assert set(audit.rows.values_list("row_id", flat=True)) == reviewed
    assert audit.correct == audit.rows.filter(correct=True).count()
    assert cycle.monitor["golden"] == {
        "estimate": golden.correct / 30,
        "low": golden.low,
        "high": golden.high,
        "n": 30,
        "version": 1,
    }
    assert cycle.monitor["audit"]["kind"] == "review"
    assert cycle.monitor["audit"]["n"] == len(reviewed)
    assert set(golden.categories) == {"billing", "delivery", "login"}
    assert golden.categories["login"]["n"] == 10 and golden.categories["login"]["thin"] is False


def test_corrections_and_targeted_labels_never_measure_accuracy(model, rng):
    rows = world.month(rng, review=0.3)
    world.load(model, rows)
    open_rows = [r["id"] for r in rows if not r["feedback"]["label"]]
    wrong = [LateLabel(i, "nonsense", "override") for i in open_rows[:20]]
    asked = [LateLabel(i, "nonsense", "targeted") for i in open_rows[20:40]]
    attach_labels(model=model, labels=wrong + asked, at=world.MAY)
    audit = world.cycle(model).eval_runs.get(kind="audit")
    assert audit.n == sum(r["feedback"]["label_source"] == "review" for r in rows)
    assert "nonsense" not in set(audit.rows.values_list("label", flat=True))
    assert audit.correct == audit.n


def test_without_reviews_there_is_no_audit(model, rng):
    world.load(model, world.month(rng, review=0))
    cycle = world.cycle(model)
    assert cycle.monitor["audit"] is None
    assert not cycle.eval_runs.filter(kind="audit").exists()


def test_a_month_without_rows_is_measured_on_the_golden_set_alone(model):
    cycle = world.cycle(model)
    assert (cycle.monitor["rows"], cycle.monitor["signals"]) == (0, [])
    assert cycle.monitor["golden"]["n"] == 30
    assert cycle.state == "needs_labels"


def test_drift_is_shown_against_training_and_judged_against_production(model, rng):
    world.load(model, world.month(rng))
    first = {s["name"]: s for s in world.cycle(model).monitor["signals"]}
    assert {"prediction_psi", "confidence_psi", "text_length_psi"} <= first.keys()
    psi = first["prediction_psi"]
    assert psi["against"] == "training" and not psi["tripped"]
    moved = world.month(rng, world.MAY, labels=("login",))
    world.load(model, moved, at=world.JUNE)
    second = {s["name"]: s for s in world.cycle(model, world.JUNE).monitor["signals"]}
    psi = second["prediction_psi"]
    assert psi["against"] == "production" and psi["tripped"]
    assert psi["value"] > psi["critical"]
    assert Alert.objects.filter(key="signal:prediction_psi", closed_at=None).count() == 1


def mislabelled(rows, share, rng):
    for r in rows:
        if r["feedback"]["label"] and rng.random() < share:
            others = [w for w in world.WORDS if w != r["feedback"]["label"]]
            r["feedback"]["label"] = others[int(rng.integers(2))]
    return rows


def test_a_drop_is_told_once_and_closed_when_it_is_over(tiers):
    model, rng = world.onboard(tier="basic").model, np.random.default_rng(1)
    told = []
    for start, end, share in (
        (world.APRIL, world.MAY, 0.0),
        (world.MAY, world.JUNE, 0.5),
        (world.JUNE, world.JULY, 0.5),
        (world.JULY, world.JULY + (world.JULY - world.JUNE), 0.0),
    ):
        world.load(model, mislabelled(world.month(rng, start, n=70), share, rng), at=end)
        world.cycle(model, end)
        alerts = Alert.objects.filter(key="accuracy:act")
        told.append([(a.opened_at, a.closed_at) for a in alerts])
    august = world.JULY + (world.JULY - world.JUNE)
    assert told == [[], [(world.JUNE, None)], [(world.JUNE, None)], [(world.JUNE, august)]]


def test_a_drop_that_grows_from_watch_to_act_is_told_again(db):
    version = ModelVersionFactory()
    said = []
    for correct in (1900, 1830, 1828, 1750, 1900):
        cycle = CycleFactory(model=version.model, incumbent=version)
        run = EvalRun.objects.create(
            version=version,
            cycle=cycle,
            kind="audit",
            n=2000,
            correct=correct,
            low=0,
            high=1,
            categories={},
            created_at=world.MAY,
        )
        monitor._alert_on_drop(cycle, run, world.MAY)
        said.append(sorted(Alert.objects.filter(closed_at=None).values_list("severity", flat=True)))
    assert said == [[], ["watch"], ["watch"], ["act"], []]
    assert Alert.objects.count() == 2


def test_thumbs_and_corrections_are_rates_with_interval_and_n(model, rng):
    rows = world.month(rng, review=0.3)
    for number, r in enumerate(rows):
        r["feedback"]["thumbs"] = {0: "down", 1: "up"}.get(number % 9)
    world.load(model, rows)
    signals = {s["name"]: s for s in world.cycle(model).monitor["signals"]}
    thumbs = signals["thumbs_down_rate"]
    assert (thumbs["n"], thumbs["value"]) == (20, 0.5)
    assert thumbs["low"] < 0.5 < thumbs["high"] and not thumbs["tripped"]
    assert signals["override_rate"]["n"] == 90 and signals["override_rate"]["value"] == 0
