"""Staff mend a view of the rows: signed, reversible, one model's only; then the retrain goes on."""

import json
from datetime import date

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from agency.base.errors import BadInput, Conflict
from clients.models import PredictionLog
from retraining import artifacts, services
from retraining.evidence import excluded_ids, logged_rows
from retraining.models import AppliedRepair, Decision, Proposal
from retraining.stages import collect
from tests.retraining import bikes, world

pytestmark = pytest.mark.django_db
SIGNED = {"by": "lee", "reason": "The feed went to Fahrenheit.", "at": world.MAY}


@pytest.fixture
def months(tiers, rng):
    """A model, its April as it came, and the right temperatures."""
    model = bikes.onboard()
    rows, right = bikes.april(rng)
    world.load(model, rows)
    return model, right


@pytest.fixture
def model(months):
    return months[0]


@pytest.fixture
def cycle(model):
    return bikes.upstream(model)


def april(model, **view):
    return logged_rows(model, start=world.APRIL, end=world.MAY, **view)


def in_table(model):
    """The stored rows, byte for byte."""
    rows = PredictionLog.objects.filter(model=model).order_by("pk").values()
    return json.dumps(list(rows), default=str)


def test_a_repair_is_signed_and_gives_back_the_right_values(months, cycle):
    model, right = months
    stored = in_table(model)
    after = services.apply_repairs(cycle=cycle, **SIGNED)
    assert after.state == "upstream" and not Decision.objects.exists()
    row = AppliedRepair.objects.get()
    assert (row.applied_by, row.reason, row.applied_at) == tuple(SIGNED.values())
    assert (row.subject, row.since, row.repair.until) == (
        "temp",
        date(2025, 4, 11),
        date(2025, 5, 1),
    )
    view = april(model, repaired=cycle.incumbent)
    wanted = [right[row_id] for row_id in view.rows["id"]]
    np.testing.assert_allclose(view.inputs["temp"], wanted)
    assert in_table(model) == stored


def test_repaired_rows_are_answered_again_and_the_others_are_as_they_were(model, cycle):
    raw = april(model)
    services.apply_repairs(cycle=cycle, **SIGNED)
    view = april(model, repaired=cycle.incumbent)
    hit = (view.rows["day"] >= date(2025, 4, 11)).to_numpy()
    answers, _ = artifacts.load(cycle.incumbent).predict(view.inputs[hit].reset_index(drop=True))
    assert list(view.rows["prediction"][hit]) == list(answers)
    assert list(view.rows["prediction"][hit]) != list(raw.rows["prediction"][hit])
    assert view.rows["replayed"][hit].all()
    assert set(view.rows["repaired"][hit]) == {"temp"}
    assert_frame_equal(view.rows[~hit][raw.rows.columns], raw.rows[~hit])
    assert view.rows["label"].equals(raw.rows["label"])


def test_the_diagnosis_sees_rows_as_they_came_whatever_is_repaired(model, cycle):
    before = april(model)
    services.apply_repairs(cycle=cycle, **SIGNED)
    assert april(model).inputs.equals(before.inputs)
    assert april(model).rows.equals(before.rows)


def test_a_withdrawn_repair_gives_the_rows_back_as_they_came(model, cycle):
    before = april(model)
    set_aside = excluded_ids(cycle, before)
    services.apply_repairs(cycle=cycle, **SIGNED)
    assert excluded_ids(cycle, before) == {}
    services.withdraw_repairs(cycle=cycle, by="kim", reason="They sent it again.", at=world.JUNE)
    row = AppliedRepair.objects.get()
    assert (row.withdrawn_by, row.withdrawn_at) == ("kim", world.JUNE)
    view = april(model, repaired=cycle.incumbent)
    assert view.inputs.equals(before.inputs) and view.rows.equals(before.rows)
    assert excluded_ids(cycle, before) == set_aside != {}
    services.apply_repairs(cycle=cycle, **SIGNED)
    assert AppliedRepair.objects.filter(withdrawn_at=None).count() == 1


def test_repair_then_retrain_is_one_step_that_says_who_overruled_what(model, cycle):
    after = services.repair_and_retrain(cycle=cycle, **SIGNED)
    assert (after.state, after.reason) == ("collecting", "decay")
    decision = Decision.objects.get()
    assert (decision.kind, decision.by, decision.reason) == ("overrule", "lee", SIGNED["reason"])
    assert AppliedRepair.objects.filter(cycle=cycle).count() == 1


def test_a_repair_that_is_in_force_does_not_keep_the_retrain_away(model, cycle):
    services.apply_repairs(cycle=cycle, **SIGNED)
    assert services.repair_and_retrain(cycle=cycle, **SIGNED).state == "collecting"
    assert AppliedRepair.objects.count() == 1


def test_proposals_keep_the_repaired_input_and_say_so(months, cycle):
    right = months[1]
    after = world.step(collect, services.repair_and_retrain(cycle=cycle, **SIGNED))
    rows = {p.row_id: p for p in after.proposals.all()}
    late = {row_id for row_id in rows if int(row_id[-4:]) >= 40}
    assert late
    for row_id, proposal in rows.items():
        assert proposal.input["temp"] == pytest.approx(right[row_id])
        assert ("Repaired, not as it came: temp." in proposal.why) == (row_id in late)
    taken = [p for p in rows.values() if p.state == Proposal.State.ACCEPTED]
    assert len(set(rows) & late & {p.row_id for p in taken}) == after.collected["repaired"] > 0
    assert "upstream" not in after.collected["rejected"]


def test_without_a_repair_the_rows_of_the_fault_stay_out(model, cycle):
    services.overrule(cycle=cycle, **SIGNED)
    after = world.step(collect, world.find_cycle(cycle.pk))
    assert after.collected["rejected"]["upstream"] == 80


@pytest.mark.parametrize("state", ["healthy", "waiting", "advised", "live", "failed", "curating"])
def test_only_a_cycle_that_waits_upstream_is_repaired(model, state):
    cycle = world.at_stage(model, state, suspect_fields=[bikes.FAULT])
    for service in (services.apply_repairs, services.repair_and_retrain):
        with pytest.raises(Conflict, match="nothing to repair"):
            service(cycle=cycle, **SIGNED)
    assert not AppliedRepair.objects.exists()


@pytest.mark.parametrize("missing", ["by", "reason"])
@pytest.mark.parametrize("service", ["apply_repairs", "repair_and_retrain", "withdraw_repairs"])
def test_a_repair_needs_a_name_and_a_reason(cycle, missing, service):
    with pytest.raises(BadInput, match=r"needs (a reason|the name)"):
        getattr(services, service)(cycle=cycle, **SIGNED | {missing: "  "})
    assert not AppliedRepair.objects.exists()


def test_nothing_is_repaired_or_withdrawn_twice(cycle):
    services.apply_repairs(cycle=cycle, **SIGNED)
    with pytest.raises(Conflict, match="already"):
        services.apply_repairs(cycle=cycle, **SIGNED)
    services.withdraw_repairs(cycle=cycle, **SIGNED)
    with pytest.raises(Conflict, match="no repair"):
        services.withdraw_repairs(cycle=cycle, **SIGNED)


def test_a_repair_is_not_withdrawn_under_a_cycle_at_work(cycle):
    services.repair_and_retrain(cycle=cycle, **SIGNED)
    with pytest.raises(Conflict, match="collecting on the repaired rows"):
        services.withdraw_repairs(cycle=cycle, **SIGNED)


def test_where_another_version_is_live_by_now_nothing_is_repaired(model, cycle):
    live = model.rollouts.get()
    model.rollouts.update(ended_at=world.MAY)
    other = cycle.incumbent
    other.pk, other.number = None, 1
    other.save()
    model.rollouts.create(version=other, started_at=world.MAY, strategy=live.strategy, by="x")
    with pytest.raises(Conflict, match="live by now"):
        services.repair_and_retrain(cycle=world.find_cycle(cycle.pk), **SIGNED)
    assert not AppliedRepair.objects.exists()


def test_what_cannot_be_mended_stays_out_and_is_recorded_so(model):
    cut = {"key": "channel", "value": "web", "cause": "truncated_input", "since": bikes.SINCE}
    segment = {**cut, "until": None, "acts": True}
    cycle = bikes.upstream(model, suspect_fields=[], suspect_segments=[segment])
    services.apply_repairs(cycle=cycle, **SIGNED)
    assert AppliedRepair.objects.get().repair.how == "leave_out"
    rows = april(model, repaired=cycle.incumbent)
    assert set(excluded_ids(cycle, rows).values()) == {"upstream"}
    assert not rows.rows["replayed"].any()


def test_a_diagnosis_that_names_no_fault_offers_no_repair(model):
    cycle = bikes.upstream(model, suspect_fields=[{**bikes.FAULT, "acts": False}])
    with pytest.raises(Conflict, match="offers no repair"):
        services.apply_repairs(cycle=cycle, **SIGNED)


def test_another_clients_rows_are_never_touched(model, cycle, rng):
    other = bikes.onboard("rival/bikes")
    rows, _ = bikes.april(rng)
    world.load(other, rows)
    theirs = bikes.upstream(other)
    before, stored = april(other), in_table(other)
    services.apply_repairs(cycle=cycle, **SIGNED)
    view = april(other, repaired=theirs.incumbent)
    assert view.inputs.equals(before.inputs) and view.rows.equals(before.rows)
    assert set(excluded_ids(theirs, before).values()) == {"upstream"}
    assert in_table(other) == stored
    with pytest.raises(Conflict, match="no repair"):
        services.withdraw_repairs(cycle=theirs, **SIGNED)
