"""``run_cycle`` in this process: a stage that keeps failing ends as a failed cycle, not a traceback."""

import json

import pytest
from django.core.management import call_command

from agency.base import clock
from clients.models import Alert
from retraining import loop
from retraining.models import Cycle, State
from tests.factories import RolloutFactory

pytestmark = pytest.mark.django_db


def test_a_stage_that_always_fails_is_reported_as_failed_with_its_error(monkeypatch, capsys):
    rollout = RolloutFactory()
    calls = []

    def broken(cycle, *, at):
        calls.append(cycle.attempts)
        raise RuntimeError("the disk is on fire")

    monkeypatch.setitem(loop.STAGES, State.MONITORING, broken)

    with pytest.raises(SystemExit) as stopped:
        call_command(
            "run_cycle",
            rollout.model.path,
            "--as-of",
            clock.rfc3339(clock.now()),
            "--json",
        )

    assert stopped.value.code == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["state"] == "failed"
    assert "the disk is on fire" in printed["error"]
    assert len(calls) == Cycle.objects.get().policy["max_attempts"]
    assert Alert.objects.get(model=rollout.model).severity == Alert.Severity.FAULT
