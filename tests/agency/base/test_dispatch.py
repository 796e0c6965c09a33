"""A message is a hint: sent after the commit, missed without harm, and always one that is known."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from celery.beat import Scheduler
from django.db import transaction
from kombu.exceptions import OperationalError

from agency.base import dispatch
from agency.celery import app
from agency.schedule import BEAT_SCHEDULE


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(
        dispatch.current_app,
        "send_task",
        lambda task, args, **options: messages.append((task, args, options["expires"])),
    )
    return messages


def test_it_is_sent_once_the_row_is_there_to_be_found(sent, db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            dispatch.enqueue("retraining.run_cycle", 7)
        assert sent == []
    assert sent == [("retraining.run_cycle", [7], dispatch.EXPIRES_SECONDS)]


def test_without_a_broker_there_is_a_warning_and_nothing_else(
    db, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def down(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(dispatch.current_app, "send_task", down)
    with (
        caplog.at_level(logging.WARNING, dispatch.__name__),
        django_capture_on_commit_callbacks(execute=True),
    ):
        dispatch.enqueue("retraining.run_cycle", 7)
    assert "retraining.run_cycle 7 was not sent" in caplog.text


def test_every_tick_is_a_task_that_workers_know_and_expires_before_the_next():
    app.loader.import_default_modules()
    for tick in BEAT_SCHEDULE.values():
        assert tick["task"] in app.tasks
        assert tick["options"]["expires"] <= tick["schedule"]


def test_every_task_of_ours_has_a_short_name():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == {
        "retraining.sweep",
        "retraining.run_cycle",
        "retraining.answer_pending",
        "reports.sweep",
        "reports.publish",
        "reports.deliver",
        "reports.sweep_deliveries",
        "clients.tell",
        "clients.sweep_notices",
        "retraining.profile_dirty",
        "retraining.profile_model",
        "retraining.purge_old_rows",
        "clients.forget_old_requests",
        "clients.purge_usage",
    }


def test_beat_sends_every_tick_when_it_is_time(time_machine):
    scheduler = Scheduler(app)
    assert {entry.task for entry in scheduler.schedule.values()} >= {
        tick["task"] for tick in BEAT_SCHEDULE.values()
    }
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=2))
    often = {tick["task"] for tick in BEAT_SCHEDULE.values() if tick["schedule"] <= 60}
    for _ in often:
        assert scheduler.tick() == 0
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        names = set()
        for _ in often:
            message = queue.get(timeout=5)
            names.add(message.headers["task"])
            message.ack()
    assert names == often >= {"retraining.sweep", "reports.sweep"}
    daily = [entry for entry in scheduler.schedule.values() if entry.task not in often]
    assert daily and not any(entry.is_due().is_due for entry in daily)
    time_machine.move_to(datetime.now(UTC) + timedelta(days=2))
    assert all(entry.is_due().is_due for entry in daily)
