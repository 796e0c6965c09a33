"""What the loop does when a stage fails, a worker dies, or two want the same cycle."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from agency.base.errors import Conflict
from agency.base.jobs import claim
from clients.models import Alert
from retraining import loop, services
from retraining.models import Cycle, PolicyOverride, Rollout, State
from retraining.models.cycle import WORKING
from retraining.step import Step
from tests.factories import APRIL, CycleFactory, RolloutFactory


@pytest.fixture
def cycle(db):
    return CycleFactory(state=State.ROLLING_OUT)


@pytest.fixture
def stage(monkeypatch):
    """Replaces the stage of the fixture's cycle, a short one, by a function."""

    def replace(function):
        monkeypatch.setitem(loop.STAGES, State.ROLLING_OUT, function)

    return replace


def done(cycle, *, at):
    return Step(State.LIVE, "done")


def lease_runs_out(cycle):
    past = timezone.now() - timedelta(seconds=1)
    Cycle.objects.filter(pk=cycle.pk).update(lease_until=past)


def test_a_stage_that_is_done_gives_its_lease_back(cycle, stage):
    stage(done)
    rested = loop.run(cycle.pk, at=APRIL)
    assert (rested.state, rested.lease_until, rested.fence, rested.attempts) == ("live", None, 1, 0)


def test_who_comes_while_another_works_does_nothing(cycle, stage):
    calls = []

    def slow(cycle, *, at):
        calls.append(loop.run(cycle.pk, at=APRIL).state)
        return done(cycle, at=at)

    stage(slow)
    loop.run(cycle.pk, at=APRIL)
    assert calls == ["rolling_out"]
    assert cycle.transitions.count() == 1


def test_a_cycle_that_rests_is_left_alone(db):
    cycle = CycleFactory(state=State.HEALTHY)
    assert loop.run(cycle.pk, at=APRIL).fence == 0


def test_a_failing_stage_keeps_its_error_and_waits_for_its_lease_to_run_out(cycle, stage):
    def broken(cycle, *, at):
        raise OSError("no space left")

    stage(broken)
    with pytest.raises(OSError, match="no space left"):
        loop.run(cycle.pk, at=APRIL)
    cycle.refresh_from_db()
    assert (cycle.state, cycle.error) == (State.ROLLING_OUT, "OSError: no space left")
    stage(done)
    assert loop.run(cycle.pk, at=APRIL).state == State.ROLLING_OUT
    lease_runs_out(cycle)
    rested = loop.run(cycle.pk, at=APRIL)
    assert (rested.state, rested.error) == (State.LIVE, "")


def test_a_poison_stage_is_set_aside_with_an_alert(cycle, stage):
    PolicyOverride.objects.create(
        model=cycle.model, name="max_attempts", value=9, reason="too late", by="lee"
    )
    tried = []

    def poison(cycle, *, at):
        tried.append(cycle.attempts)
        raise ValueError("\0 poison")

    stage(poison)
    for _ in range(3):
        with pytest.raises(ValueError, match="poison"):
            loop.run(cycle.pk, at=APRIL)
        lease_runs_out(cycle)
    assert loop.run(cycle.pk, at=APRIL).state == State.FAILED
    assert tried == [1, 2, 3], "as often as the policy that the cycle keeps allows"
    alert = Alert.objects.get(model=cycle.model)
    assert (alert.severity, alert.key) == ("fault", f"cycle:{cycle.pk}")
    assert "poison" in alert.message
    assert cycle.transitions.get().to_state == State.FAILED


def test_a_stage_that_kills_its_workers_without_a_word_is_set_aside_too(cycle, stage):
    for _ in range(3):
        assert claim(
            Cycle, cycle.pk, at=timezone.now(), lease=timedelta(seconds=60), states=WORKING
        )
        lease_runs_out(cycle)
    stage(done)
    failed = loop.run(cycle.pk, at=APRIL)
    assert (failed.state, failed.error) == (State.FAILED, "the worker died in this stage")
    assert Alert.objects.get(model=cycle.model).severity == "fault"


def test_who_was_overtaken_writes_nothing(cycle, stage):
    def overtaken(cycle, *, at):
        lease_runs_out(cycle)
        assert claim(
            Cycle, cycle.pk, at=timezone.now(), lease=timedelta(seconds=60), states=WORKING
        )
        return Step(
            State.LIVE, "too late", lambda: RolloutFactory(version=cycle.incumbent, reason="late")
        )

    stage(overtaken)
    loop.run(cycle.pk, at=APRIL)
    cycle.refresh_from_db()
    assert (cycle.state, cycle.fence, cycle.error) == (State.ROLLING_OUT, 2, "")
    assert cycle.lease_until > timezone.now(), "the new holder's lease stands"
    assert not Rollout.objects.exists()
    assert not cycle.transitions.exists()


def test_an_overtaken_failure_is_not_the_new_holders(cycle, stage):
    def overtaken(cycle, *, at):
        lease_runs_out(cycle)
        claim(Cycle, cycle.pk, at=timezone.now(), lease=timedelta(seconds=60), states=WORKING)
        raise OSError("mine")

    stage(overtaken)
    with pytest.raises(OSError, match="mine"):
        loop.run(cycle.pk, at=APRIL)
    cycle.refresh_from_db()
    assert (cycle.error, cycle.fence) == ("", 2)


def test_a_conflict_inside_a_stage_is_a_fault_and_no_takeover(cycle, stage):
    def refuses(cycle, *, at):
        raise Conflict("the golden set is being changed")

    stage(refuses)
    with pytest.raises(Conflict, match="golden set"):
        loop.run(cycle.pk, at=APRIL)
    cycle.refresh_from_db()
    assert cycle.error == "Conflict: the golden set is being changed"


def test_a_write_that_fails_takes_the_state_back_with_it(cycle, stage):
    def half(cycle, *, at):
        def write():
            RolloutFactory(version=cycle.incumbent)
            raise OSError("half way")

        return Step(State.LIVE, "half", write)

    stage(half)
    with pytest.raises(OSError, match="half way"):
        loop.run(cycle.pk, at=APRIL)
    cycle.refresh_from_db()
    assert cycle.state == State.ROLLING_OUT
    assert not Rollout.objects.exists()
    assert not cycle.transitions.exists()


def test_an_interrupted_stage_can_be_taken_up_at_once(cycle, stage):
    def interrupted(cycle, *, at):
        raise KeyboardInterrupt

    stage(interrupted)
    with pytest.raises(KeyboardInterrupt):
        loop.run(cycle.pk, at=APRIL)
    stage(done)
    assert loop.run(cycle.pk, at=APRIL).state == State.LIVE


def test_a_long_stage_keeps_its_lease_by_its_heartbeat(cycle, stage, monkeypatch):
    beats = []
    monkeypatch.setattr(loop, "renew", lambda job, *, at, lease: beats.append(at))
    with loop._heartbeat(cycle, timedelta(seconds=0.15)):
        time.sleep(0.4)
    count = len(beats)
    assert 3 <= count <= 8
    time.sleep(0.12)
    assert len(beats) == count, "it ends with the stage"


def test_a_heartbeat_outlives_a_database_that_is_busy_and_ends_when_overtaken(cycle, monkeypatch):
    answers = [OperationalError("database is locked"), None, Conflict("taken over")]
    asked = []

    def renew(job, *, at, lease):
        asked.append(at)
        if error := answers[len(asked) - 1]:
            raise error

    monkeypatch.setattr(loop, "renew", renew)
    with loop._heartbeat(cycle, timedelta(seconds=0.06)):
        time.sleep(0.3)
    assert len(asked) == 3


def test_two_who_open_a_cycle_at_once(db, monkeypatch):
    rollout = RolloutFactory()
    loop.start_cycle(model=rollout.model, as_of=APRIL)
    with pytest.raises(Conflict, match="still monitoring"):
        loop.start_cycle(model=rollout.model, as_of=APRIL)
    # The other one's row comes between the look and the insert.
    monkeypatch.setattr(loop, "OPEN", frozenset({State.CURATING}))
    with pytest.raises(Conflict, match="same moment"):
        loop.start_cycle(model=rollout.model, as_of=APRIL + timedelta(days=9), window_start=APRIL)


def test_a_cycle_that_was_left_in_the_middle_is_taken_up_by_the_same_call(db, monkeypatch):
    rollout = RolloutFactory()
    fakes = dict.fromkeys(WORKING, done)
    fakes[State.MONITORING] = lambda cycle, *, at: Step(State.DIAGNOSING, "measured")
    fakes[State.DIAGNOSING] = lambda cycle, *, at: (_ for _ in ()).throw(KeyboardInterrupt)
    for state, fake in fakes.items():
        monkeypatch.setitem(loop.STAGES, state, fake)
    with pytest.raises(KeyboardInterrupt):
        services.run_cycle(model=rollout.model, as_of=APRIL)
    monkeypatch.setitem(
        loop.STAGES, State.DIAGNOSING, lambda cycle, *, at: Step(State.HEALTHY, "nothing")
    )
    cycle = services.run_cycle(model=rollout.model, as_of=APRIL)
    assert cycle.state == State.HEALTHY
    assert Cycle.objects.count() == 1
