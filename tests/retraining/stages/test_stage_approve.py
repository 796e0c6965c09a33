"""Decisions: a named person with a reason, one way, about what is live."""

import pytest

from agency.base.errors import BadInput, Conflict
from clients.models import Alert
from retraining.models import Cycle, Decision, Rollout
from retraining.queries import live_version
from retraining.stages import approve, compare, rollout
from tests.factories import CycleFactory, RolloutFactory
from tests.retraining import world

pytestmark = pytest.mark.django_db
SIGNED = {"by": "lee", "reason": "It fixes more than it breaks.", "at": world.MAY}


def cycle_in(state):
    """A cycle in that state whose incumbent is live."""
    live = RolloutFactory()
    return CycleFactory(model=live.model, incumbent=live.version, state=state)


@pytest.mark.parametrize("state", sorted(set(Cycle.TRANSITIONS) - {"pending_approval"}))
def test_nobody_approves_what_is_not_pending(db, state):
    with pytest.raises(Conflict, match="nothing to approve"):
        approve.approve(cycle_in(state), **SIGNED)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("decide", [approve.approve, approve.refuse])
@pytest.mark.parametrize("missing", ["by", "reason"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_decision_needs_a_name_and_a_reason(db, decide, missing, blank):
    cycle = cycle_in("pending_approval")
    with pytest.raises(BadInput, match=r"needs (a reason|the name)"):
        decide(cycle, **SIGNED | {missing: blank})
    cycle.refresh_from_db()
    assert cycle.state == "pending_approval" and not Decision.objects.exists()


def test_approval_is_one_way(db):
    cycle = cycle_in("pending_approval")
    decision = approve.approve(cycle, **SIGNED)
    assert (decision.kind, decision.by, decision.reason) == ("approve", "lee", SIGNED["reason"])
    assert cycle.state == "rolling_out"
    for again in (approve.approve, approve.refuse, approve.overrule):
        with pytest.raises(Conflict):
            again(Cycle.objects.get(pk=cycle.pk), **SIGNED)
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("state", ["pending_approval", "undecided"])
def test_refusal_is_one_way_and_closes_the_question(db, state):
    cycle = cycle_in(state)
    Alert.objects.create(
        model=cycle.model, key=f"gate:{cycle.pk}:promote", severity="act", opened_at=world.MAY
    )
    approve.refuse(cycle, **SIGNED)
    assert cycle.state == "refused"
    assert not Alert.objects.filter(closed_at=None).exists()
    for again in (approve.approve, approve.refuse, approve.overrule):
        with pytest.raises(Conflict):
            again(Cycle.objects.get(pk=cycle.pk), **SIGNED)


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ("healthy", "collecting"),
        ("waiting", "collecting"),
        ("upstream", "collecting"),
        ("needs_labels", "collecting"),
        ("advised", "collecting"),
        ("rejected", "pending_approval"),
        ("undecided", "pending_approval"),
    ],
)
def test_a_named_person_overrules_diagnosis_and_gate(db, state, to):
    cycle = cycle_in(state)
    assert approve.overrule(cycle, **SIGNED).kind == "overrule"
    assert cycle.state == to
    step = cycle.transitions.get()
    assert (step.by, step.reason) == ("lee", SIGNED["reason"])


@pytest.mark.parametrize("state", ["live", "refused", "failed", "monitoring", "curating"])
def test_what_has_ended_or_is_at_work_is_not_overruled(db, state):
    with pytest.raises(Conflict, match="nothing to overrule"):
        approve.overrule(cycle_in(state), **SIGNED)


@pytest.mark.parametrize(
    ("decide", "state"),
    [
        (approve.approve, "pending_approval"),
        (approve.overrule, "rejected"),
        (approve.overrule, "healthy"),
    ],
)
def test_what_was_measured_against_another_version_is_not_decided_any_more(db, decide, state):
    live = RolloutFactory()
    cycle = CycleFactory(model=live.model, state=state)
    with pytest.raises(Conflict, match="is live by now"):
        decide(cycle, **SIGNED)
    assert not Decision.objects.exists()


def test_two_cycles_of_a_model_do_not_work_at_once(db):
    cycle = cycle_in("healthy")
    CycleFactory(model=cycle.model, incumbent=cycle.incumbent, state="retraining")
    with pytest.raises(Conflict, match="cannot be collecting now"):
        approve.overrule(cycle, **SIGNED)
    assert not Decision.objects.exists()
    assert Cycle.objects.get(pk=cycle.pk).state == "healthy"


def test_the_approved_candidate_goes_live_and_the_version_before_it_is_kept(retrained):
    cycle = world.step(compare, retrained)
    assert Alert.objects.filter(closed_at=None, key__startswith="gate:").count() == 1
    approve.approve(cycle, **SIGNED)
    cycle = world.step(rollout, cycle)
    assert cycle.state == "live"
    old, new = Rollout.objects.order_by("pk")
    assert (old.version, old.ended_at) == (cycle.incumbent, world.MAY)
    assert (new.version, new.started_at, new.ended_at) == (cycle.candidate, world.MAY, None)
    assert (new.by, new.reason, new.cycle) == ("lee", SIGNED["reason"], cycle)
    assert live_version(cycle.model) == cycle.candidate
    assert not Alert.objects.filter(closed_at=None, key__startswith="gate:").exists()


def test_a_rollout_needs_a_candidate_and_an_approval(db):
    cycle = cycle_in("rolling_out")
    with pytest.raises(Decision.DoesNotExist):
        rollout.run(cycle, at=world.MAY)
    Decision.objects.create(cycle=cycle, kind="approve", by="lee", reason="x", at=world.MAY)
    with pytest.raises(ValueError, match="no candidate"):
        rollout.run(cycle, at=world.MAY)
