"""Leases, fences and the one way to change a state, on the job that most of the work is about."""

from datetime import UTC, datetime, timedelta

import pytest

from agency.base.errors import Conflict
from agency.base.jobs import advance, claim, holds, release, renew
from retraining.models import Cycle, State
from retraining.models.cycle import WORKING
from tests.factories import APRIL, CycleFactory, MaintainedModelFactory, ModelVersionFactory

NOON = datetime(2025, 4, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)


@pytest.fixture
def cycle(db):
    return CycleFactory(state=State.MONITORING)


def take(cycle, *, at=NOON, **kwargs):
    return claim(Cycle, cycle.pk, at=at, lease=LEASE, states=WORKING, **kwargs)


def test_of_two_who_claim_at_once_one_has_it(cycle):
    first, second = take(cycle), take(cycle)
    assert (first.fence, first.attempts, first.lease_until) == (1, 1, NOON + LEASE)
    assert second is None


def test_a_lease_that_has_run_out_can_be_taken_over_with_a_new_fence(cycle):
    take(cycle)
    assert take(cycle, at=NOON + LEASE - timedelta(seconds=1)) is None
    later = take(cycle, at=NOON + LEASE)
    assert (later.fence, later.attempts) == (2, 2)


def test_the_holder_goes_on_without_letting_go(cycle):
    held = take(cycle)
    again = take(cycle, holding=held.fence)
    assert again.fence == 2
    assert take(cycle, holding=held.fence) is None


def test_what_came_to_rest_in_between_is_not_taken(cycle):
    Cycle.objects.filter(pk=cycle.pk).update(state=State.HEALTHY)
    assert take(cycle) is None
    cycle.refresh_from_db()
    assert (cycle.fence, cycle.attempts) == (0, 0)


def test_a_heartbeat_prolongs_the_lease_and_tells_who_lost_it(cycle):
    held = take(cycle)
    renew(held, at=NOON + timedelta(minutes=1), lease=LEASE)
    assert take(cycle, at=NOON + LEASE) is None
    assert take(cycle, at=NOON + timedelta(minutes=3)).fence == 2
    with pytest.raises(Conflict, match="taken over"):
        renew(held, at=NOON + timedelta(minutes=3), lease=LEASE)


def test_a_late_heartbeat_does_not_lock_what_has_moved_on(cycle):
    held = take(cycle)
    advance(take(cycle, holding=1), to=State.FAILED, by="loop", at=NOON)
    with pytest.raises(Conflict):
        renew(held, at=NOON, lease=LEASE)


def test_only_the_holder_releases(cycle):
    old = take(cycle)
    new = take(cycle, at=NOON + LEASE)
    release(old)
    assert take(cycle, at=NOON + LEASE) is None
    release(new)
    assert take(cycle, at=NOON + LEASE).fence == 3


def test_a_stale_fence_changes_nothing(cycle):
    old = take(cycle)
    new = take(cycle, at=NOON + LEASE)
    assert holds(new) and not holds(old)
    with pytest.raises(Conflict, match="no longer monitoring"):
        advance(old, to=State.DIAGNOSING, by="loop", at=NOON)
    advance(new, to=State.DIAGNOSING, by="loop", at=NOON)
    assert [t.by for t in cycle.transitions.all()] == ["loop"]


def test_a_step_forward_is_written_and_counts_attempts_anew(cycle):
    held = take(cycle)
    step = advance(held, to=State.DIAGNOSING, by="loop", at=NOON, reason="measured")
    assert (step.from_state, step.to_state, step.reason, step.at) == (
        "monitoring",
        "diagnosing",
        "measured",
        NOON,
    )
    cycle.refresh_from_db()
    assert (cycle.state, cycle.attempts) == (State.DIAGNOSING, 0)


def test_a_step_that_the_table_does_not_know_is_refused(cycle):
    with pytest.raises(Conflict, match="cannot go from monitoring to live"):
        advance(cycle, to=State.LIVE, by="loop", at=NOON)
    assert not cycle.transitions.exists()


def test_a_state_that_another_row_excludes_is_a_conflict_and_no_database_error(db):
    model = MaintainedModelFactory()
    incumbent = ModelVersionFactory(model=model)
    ended = CycleFactory(model=model, incumbent=incumbent, state=State.HEALTHY)
    CycleFactory(
        model=model,
        incumbent=incumbent,
        state=State.RETRAINING,
        window_start=APRIL,
        window_end=APRIL + timedelta(days=30),
    )
    with pytest.raises(Conflict, match="cannot be collecting now"):
        advance(ended, to=State.COLLECTING, by="lee", at=NOON)
    ended.refresh_from_db()
    assert ended.state == State.HEALTHY
    assert not ended.transitions.exists()
