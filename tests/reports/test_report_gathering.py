"""From rows to facts: whose month, which figures, what is still awaited."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agency.base.errors import BadInput
from clients.models import KnownEvent
from reports import canonical, queries
from retraining.models import AuditSample, AuditSampleRow, Rollout, State
from tests import factories as make
from tests.reports.report_world import AFTER, checked, deployed, gathered


def test_a_quiet_month_is_gathered_in_the_clients_calendar(world):
    model, version, _ = world
    checked(model, version)
    report = gathered(model)
    (said,) = report.models
    assert report.provisional == ()
    assert said.audit.n == 92
    assert said.golden_version == 1
    assert [(c.day, c.outcome) for c in said.service.checks] == [("2025-03-31", "healthy")]
    service = said.service
    assert (service.rows, service.promised) == (12, 1)
    assert (service.reviewed, service.corrected, service.targeted) == (3, 1, 1)
    assert said.findings.excluded == (("2025-03-11", "2025-03-14"),)
    assert [item.what for item in said.next] == ["next_check"]
    assert said.next[0].day == "2025-05-01"
    assert (
        queries.gather(client=model.client, month=date(2025, 4, 7), at=AFTER).models[0].service.rows
        == 1
    )


def test_a_deployment_is_told_with_its_comparison_and_its_approver(world):
    model, version, golden = world
    deployed(model, version, golden)
    (said,) = gathered(model).models
    assert said.version == "v1.1"
    assert said.measured == "v1.0"
    assert (said.trials[0].before.estimate, said.trials[0].after.estimate) == (0.7, 0.86)
    assert [(d.version, d.kind, d.this_month) for d in said.deployments] == [
        ("v1.0", "launch", True),
        ("v1.1", "deployed", True),
    ]
    assert [(r.kind, r.by, r.subject) for r in said.rulings] == [("approve", "anna", "v1.1")]
    assert said.categories.basis == "comparison"
    assert [(row.name, row.verdict) for row in said.categories.rows] == [
        ("delivery", "worse"),
        ("login", "better"),
        ("billing", "same"),
        ("refund", "thin"),
    ]
    assert said.data.set_aside[0].what == "golden_copy"
    assert [item.what for item in said.next] == ["confirm", "next_check"]
    later = queries.gather(client=model.client, month=date(2025, 4, 1), at=AFTER)
    assert not any(d.this_month for d in later.models[0].deployments)


def test_a_rollback_belongs_to_the_month_it_happens_in(world):
    model, version, golden = world
    deployed(model, version, golden)
    at = datetime(2025, 4, 10, tzinfo=UTC)
    Rollout.objects.filter(ended_at=None).update(ended_at=at)
    make.RolloutFactory(
        version=version, started_at=at, strategy="rollback", by="ben", reason="It misroutes."
    )
    april = queries.gather(
        client=model.client, month=date(2025, 4, 1), at=datetime(2025, 4, 20, tzinfo=UTC)
    ).models[0]
    assert [d.kind for d in april.deployments if d.this_month] == ["rolled_back"]
    assert april.version == "v1.0"
    assert gathered(model).models[0].version == "v1.1"


def test_a_month_is_provisional_while_anything_is_awaited(world):
    model, version, _ = world
    assert gathered(model, at=make.APRIL - timedelta(days=9)).provisional == ("month_open",)
    cycle = checked(model, version, state=State.UNDECIDED, verdict="retrain")
    assert gathered(model).provisional == ("cycle_open",)
    sample = AuditSample.objects.create(
        model=model,
        window_start=make.MARCH,
        window_end=make.APRIL,
        n=1,
        seed=1,
        population=12,
        drawn_by="lee",
        drawn_at=AFTER,
    )
    log = model.logs.filter(label="").first()
    AuditSampleRow.objects.create(sample=sample, log=log)
    report = gathered(model)
    assert report.provisional == ("cycle_open", "labels_awaited")
    assert report.models[0].service.awaited == 1
    log.label, log.label_source = "login", "review"
    log.save()
    # A later check takes over what this one left open.
    checked(
        model,
        version,
        window_start=cycle.window_end,
        window_end=cycle.window_end + timedelta(days=30),
    )
    assert gathered(model).provisional == ()


def test_another_clients_rows_are_in_no_report(world):
    model, version, _ = world
    checked(model, version)
    before = canonical.to_json(gathered(model))
    other = make.MaintainedModelFactory()
    make.PredictionLogFactory(model=other)
    KnownEvent.objects.create(
        client=other.client,
        kind="campaign",
        title="Theirs",
        starts_at=make.MARCH,
        ends_at=make.APRIL,
        declared_by="x",
    )
    assert canonical.to_json(gathered(model)) == before


@pytest.mark.parametrize(
    ("month", "says"),
    [(date(2027, 1, 1), "has not begun"), (date(2024, 12, 1), "nothing of harbour was")],
)
def test_a_month_with_nothing_to_tell_is_refused(world, month, says):
    with pytest.raises(BadInput, match=says):
        queries.gather(client=world[0].client, month=month, at=AFTER)
