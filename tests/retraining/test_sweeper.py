"""The sweep finds what is due in rows, starts it once, and sends ids to workers."""

from datetime import UTC, datetime, timedelta

import pytest

from agency.base import dispatch
from agency.base.errors import Conflict
from clients.models import Alert, PredictionLog
from retraining import services, tasks
from retraining.models import Cycle, State
from tests.factories import (
    ClientFactory,
    CycleFactory,
    MaintainedModelFactory,
    ModelVersionFactory,
    PredictionLogFactory,
    RolloutFactory,
)

APRIL = datetime(2025, 3, 31, 22, tzinfo=UTC)
"""Its first instant in Berlin."""
MARCH = datetime(2025, 2, 28, 23, tzinfo=UTC)


@pytest.fixture
def sent(monkeypatch, db):
    messages = []
    monkeypatch.setattr(dispatch.transaction, "on_commit", lambda send: send())
    monkeypatch.setattr(
        dispatch.current_app,
        "send_task",
        lambda task, args, **options: messages.append((task, *args)),
    )
    return messages


def live_model(tier, *, launched=MARCH, zone="Europe/Berlin", rows=3, **kwargs):
    client = ClientFactory(timezone=zone)
    model = MaintainedModelFactory(client=client, tier=tier, created_at=launched, **kwargs)
    RolloutFactory(version=ModelVersionFactory(model=model), started_at=launched)
    for number in range(rows):
        PredictionLogFactory(model=model, timestamp=launched + timedelta(hours=number + 1))
    return model


def test_a_check_that_is_due_is_started_over_the_clients_month_and_sent(tiers, sent):
    model = live_model(tiers["standard"])
    services.sweep(at=APRIL - timedelta(seconds=1))
    assert sent == []
    swept = services.sweep(at=APRIL + timedelta(seconds=7))
    cycle = model.cycles.get()
    assert (cycle.window_start, cycle.window_end, cycle.created_at) == (MARCH, APRIL, APRIL)
    assert (cycle.state, cycle.approve_as, cycle.auto_curate) == ("monitoring", "", False)
    assert sent == [("retraining.run_cycle", cycle.pk)]
    assert swept.cycles == (cycle.pk,)


def test_a_second_sweep_starts_nothing_twice_and_sends_again_what_nobody_took(tiers, sent):
    live_model(tiers["standard"])
    services.sweep(at=APRIL)
    services.sweep(at=APRIL + timedelta(seconds=10))
    cycle = Cycle.objects.get()
    assert sent == [("retraining.run_cycle", cycle.pk)] * 2


@pytest.mark.parametrize(
    ("tier", "due"),
    [
        ("basic", MARCH + timedelta(days=7)),
        ("premium", MARCH + timedelta(days=14)),
        ("standard", APRIL),
    ],
)
def test_the_tier_buys_how_often_we_check(tiers, sent, tier, due):
    model = live_model(tiers[tier])
    services.sweep(at=due - timedelta(seconds=1))
    assert not model.cycles.exists()
    services.sweep(at=due)
    assert model.cycles.get().window_end == due


def test_the_next_window_begins_where_the_last_check_ended(tiers, sent):
    model = live_model(tiers["basic"])
    ended = MARCH + timedelta(days=7)
    CycleFactory(model=model, window_start=MARCH, window_end=ended, incumbent=model.versions.get())
    PredictionLogFactory(model=model, timestamp=ended + timedelta(days=1))
    services.sweep(at=ended + timedelta(days=7))
    cycle = model.cycles.order_by("-pk").first()
    assert (cycle.window_start, cycle.window_end) == (ended, ended + timedelta(days=7))


@pytest.mark.parametrize("state", ["curating", "pending_approval", "monitoring", "retraining"])
def test_no_check_begins_while_one_works_or_waits_for_a_person(tiers, sent, state):
    model = live_model(tiers["standard"])
    open_one = CycleFactory(
        model=model,
        state=state,
        window_start=MARCH - timedelta(days=28),
        window_end=MARCH,
        incumbent=model.versions.get(),
        lease_until=APRIL + timedelta(hours=1),
    )
    services.sweep(at=APRIL)
    assert list(model.cycles.all()) == [open_one]
    assert sent == []


@pytest.mark.parametrize("state", ["undecided", "failed", "refused", "healthy"])
def test_what_has_ended_or_wants_more_labels_holds_nothing_up(tiers, sent, state):
    model = live_model(tiers["standard"])
    CycleFactory(
        model=model,
        state=state,
        window_start=MARCH - timedelta(days=28),
        window_end=MARCH,
        incumbent=model.versions.get(),
    )
    services.sweep(at=APRIL)
    assert model.cycles.count() == 2


def test_a_model_without_a_live_version_is_not_checked(tiers, sent):
    MaintainedModelFactory(tier=tiers["standard"], created_at=MARCH)
    assert services.sweep(at=APRIL) == services.Swept((), ())


def test_a_cycle_goes_to_a_worker_once_its_lease_has_run_out(sent):
    held = CycleFactory(state=State.RETRAINING, lease_until=APRIL + timedelta(seconds=1))
    free = CycleFactory(state=State.ROLLING_OUT, lease_until=None)
    CycleFactory(state=State.PENDING_APPROVAL)
    services.sweep(at=APRIL)
    assert sent == [("retraining.run_cycle", free.pk)]
    services.sweep(at=APRIL + timedelta(seconds=1))
    assert sent[1:] == [("retraining.run_cycle", held.pk), ("retraining.run_cycle", free.pk)]


def test_rows_are_answered_before_they_are_checked(tiers, sent):
    model = live_model(tiers["standard"])
    model.logs.update(answered="none", prediction="", confidence=None, model_version="")
    assert services.sweep(at=APRIL) == services.Swept((), (model.pk,))
    assert sent == [("retraining.answer_pending", model.pk)]
    model.logs.update(answered="client", prediction="delivery")
    assert services.sweep(at=APRIL).models == ()
    assert model.cycles.count() == 1


def test_a_check_waits_for_rows_and_says_so_after_a_week(tiers, sent):
    model = live_model(tiers["standard"], rows=0)
    services.sweep(at=APRIL + timedelta(days=6))
    assert not model.cycles.exists()
    assert not model.alerts.exists()
    for _ in range(2):
        services.sweep(at=APRIL + timedelta(days=8))
    alert = Alert.objects.get(model=model, closed_at=None)
    assert "due on 2025-04-01" in alert.message
    PredictionLogFactory(model=model, timestamp=APRIL - timedelta(days=3))
    services.sweep(at=APRIL + timedelta(days=9))
    assert model.cycles.get().window_end == APRIL
    assert not model.alerts.filter(closed_at=None).exists()


def test_rows_that_cannot_be_answered_are_an_alert_until_they_can(tiers, sent, monkeypatch):
    from retraining.services import due

    model = live_model(tiers["standard"])

    def broken(*, model):
        raise OSError("the artifact is missing")

    monkeypatch.setattr(due, "score_pending", broken)
    for _ in range(2):
        with pytest.raises(OSError, match="artifact"):
            services.answer_pending(model_id=model.pk, at=APRIL)
    assert model.alerts.get().severity == "fault"
    monkeypatch.setattr(due, "score_pending", lambda *, model: 3)
    assert services.answer_pending(model_id=model.pk, at=APRIL) == 3
    assert model.alerts.get().closed_at == APRIL


def test_one_clients_trouble_is_not_the_others(tiers, sent, caplog, monkeypatch):
    from retraining import loop

    start = loop.start_cycle
    faster, fine = live_model(tiers["standard"]), live_model(tiers["standard"])

    def start_cycle(*, model, **kwargs):
        if model == faster:
            raise Conflict("another sweep was faster")
        return start(model=model, **kwargs)

    monkeypatch.setattr(loop, "start_cycle", start_cycle)
    services.sweep(at=APRIL)
    assert (faster.cycles.count(), fine.cycles.count()) == (0, 1)
    assert "another sweep was faster" in caplog.text


def test_the_sweep_is_cheap_where_nothing_is_due(tiers, sent, django_assert_max_num_queries):
    for _ in range(12):
        live_model(tiers["standard"])
    with django_assert_max_num_queries(3):
        services.sweep(at=MARCH + timedelta(days=3))


def test_a_task_goes_on_by_the_clock_of_the_rows(db, monkeypatch):
    from retraining.services import due

    seen = []
    monkeypatch.setattr(due, "continue_cycle", lambda *, cycle_id, at: seen.append(at))
    cycle = CycleFactory(state=State.MONITORING, created_at=APRIL)
    tasks.run_cycle(cycle.pk)
    moved = APRIL + timedelta(days=3)
    cycle.transitions.create(
        from_state="curating", to_state="retraining", by="anna", reason="decided", at=moved
    )
    tasks.run_cycle(cycle.pk)
    assert seen == [APRIL, moved]


def test_the_tick_is_one_call(tiers, sent, time_machine):
    model = live_model(tiers["standard"])
    time_machine.move_to(APRIL, tick=False)
    tasks.sweep()
    assert model.cycles.count() == 1
    assert PredictionLog.objects.filter(model=model).count() == 3
