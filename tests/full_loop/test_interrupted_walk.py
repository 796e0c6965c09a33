"""A walk through the whole loop on which every stage dies once, beside an undisturbed one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from clients.dataset_import import import_rows
from clients.models import DatasetVersion
from retraining import loop, services
from retraining.models import (
    Comparison,
    Cycle,
    Diagnosis,
    EvalRun,
    ModelVersion,
    Proposal,
    State,
)
from retraining.models.cycle import WORKING
from retraining.step import Step
from tests.full_loop.small_desk import SmallDesk

LAUNCH = datetime(2025, 3, 1, tzinfo=UTC)
END = LAUNCH + timedelta(days=14)


class Killed(BaseException):
    """What the stage meets when its worker dies."""


def without_clock(figures):
    """A comparison's figures but for measured milliseconds and compressed bytes."""
    kept = [guard for guard in figures["guards"] if guard["metric"] == "calibration"]
    assert len(kept) == len(figures["guards"]) - 2
    return figures | {"guards": kept}


def rows_of(model):
    """All that a walk through the loop leaves behind, by content: numbers of rows and keys aside."""
    cycle = model.cycles.get()
    runs = EvalRun.objects.filter(version__model=model).order_by("pk")
    versions = ModelVersion.objects.filter(model=model).order_by("number")
    datasets = DatasetVersion.objects.filter(dataset__model=model)
    return {
        "cycle": (cycle.state, cycle.monitor, cycle.collected, cycle.error, cycle.lease_until),
        "steps": list(cycle.transitions.values_list("from_state", "to_state", "reason", "at")),
        "runs": list(runs.values_list("kind", "correct", "n", "created_at")),
        "answers": [list(run.rows.values_list("row_id", "prediction")) for run in runs],
        "diagnosis": Diagnosis.objects.get(cycle=cycle).findings,
        "proposals": list(
            Proposal.objects.filter(cycle=cycle).order_by("pk").values_list("row_id", "state")
        ),
        "datasets": list(
            datasets.order_by("dataset__kind", "number").values_list("number", "rows")
        ),
        "versions": list(versions.values_list("number", "arm", "created_at")),
        "comparisons": [
            (one.attempt, one.verdict, without_clock(one.figures))
            for one in Comparison.objects.filter(cycle=cycle)
        ],
        "rollouts": list(
            model.rollouts.order_by("pk").values_list("strategy", "started_at", "ended_at")
        ),
        "alerts": sorted(model.alerts.values_list("severity", "message", "opened_at", "closed_at")),
    }


def onboarded(desk, logs):
    model = services.onboard(
        client="desk",
        model="tickets",
        name="",
        tier="premium",
        domain="customer_support",
        timezone="UTC",
        language="en",
        task="text",
        train=("train.csv", desk.train),
        golden=("golden.csv", desk.golden),
        as_of=LAUNCH,
        by="anna",
    ).model
    services.import_logs(
        model=model, files=[("logs", logs)], partial=False, ignore_predictions=False, at=END
    )
    import_rows(
        model=model,
        kind="golden",
        content=desk.golden_added,
        name="added.csv",
        reason="a new category",
        by="anna",
        at=END,
    )
    return model


@pytest.mark.usefixtures("tiers")
def test_a_walk_on_which_every_stage_died_once_ends_in_the_rows_of_an_undisturbed_one(
    db, monkeypatch
):
    User.objects.create_user("anna")
    desk = SmallDesk()
    logs = desk.logs(LAUNCH, END)
    found = {}
    with transaction.atomic():
        model = onboarded(desk, logs)
        services.run_cycle(model=model, as_of=END, auto_curate=True, approve_as="anna")
        found["undisturbed"] = rows_of(model)
        transaction.set_rollback(True)

    died = []

    def dies_once(state, run):
        def stage(cycle, *, at):
            step = run(cycle, at=at)
            if state not in died:
                died.append(state)

                def write():
                    step.write()
                    raise Killed

                return Step(step.to, step.reason, write, step.fields)
            return step

        return stage

    for state, run in list(loop.STAGES.items()):
        monkeypatch.setitem(loop.STAGES, state, dies_once(state, run))
    monkeypatch.setattr(loop, "release", lambda cycle: None)  # the dead release nothing
    model = onboarded(desk, logs)
    cycle = loop.start_cycle(model=model, as_of=END, auto_curate=True, approve_as="anna")
    while cycle.state in WORKING:
        try:
            cycle = services.resume_cycle(cycle_id=cycle.pk)
        except Killed:
            assert cycle.pk not in services.sweep(at=timezone.now()).cycles, "it is still held"
            Cycle.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            assert services.sweep(at=timezone.now()).cycles == (cycle.pk,)
            cycle.refresh_from_db()
    assert [str(state) for state in died] == [
        "monitoring",
        "diagnosing",
        "collecting",
        "retraining",
        "comparing",
        "rolling_out",
    ]
    found["disturbed"] = rows_of(model)
    assert found["disturbed"]["cycle"][0] == State.LIVE
    for name, rows in found["undisturbed"].items():
        assert found["disturbed"][name] == rows, name
