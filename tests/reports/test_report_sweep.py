"""A month that is over and checked is reported once, by itself."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agency.base import dispatch
from clients.log_days import touch_days
from clients.models import Alert
from reports import services, sweep, tasks
from reports.models import MonthlyReport
from retraining.models import State
from tests.factories import PredictionLogFactory
from tests.reports.report_world import AFTER, MARCH, checked

OVER = datetime(2025, 3, 31, 22, 0, tzinfo=UTC)
"""The first instant of April in Berlin."""


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(dispatch.transaction, "on_commit", lambda send: send())
    monkeypatch.setattr(
        dispatch.current_app,
        "send_task",
        lambda task, args, **options: messages.append((task, *args)),
    )
    return messages


def test_a_month_is_due_once_it_is_over_on_the_clients_calendar_and_checked(world, sent):
    model, version, _ = world
    checked(model, version)
    assert sweep.sweep(at=OVER - timedelta(seconds=1)) == []
    assert sweep.sweep(at=OVER) == [(model.client.pk, MARCH)]
    assert sent == [("reports.publish", model.client.pk, "2025-03")]


def test_what_is_reported_is_not_due_again(world, no_pages):
    model, version, _ = world
    checked(model, version)
    tasks.publish(model.client.pk, "2025-03")
    assert sweep.sweep(at=AFTER) == []
    assert MonthlyReport.objects.get().state == "rendered"


def test_a_check_that_is_due_comes_first_and_one_that_waits_for_rows_holds_up_for_a_week(world):
    model, _, _ = world
    assert not list(sweep.due_reports(at=OVER))
    assert list(sweep.due_reports(at=OVER + timedelta(days=7))) == [(model.client.pk, MARCH)]


@pytest.mark.parametrize("state", [State.RETRAINING, State.CURATING, State.PENDING_APPROVAL])
def test_a_check_that_works_or_waits_for_a_person_holds_its_month_up(world, state):
    model, version, _ = world
    cycle = checked(model, version, state=state)
    assert not list(sweep.due_reports(at=OVER + timedelta(days=9)))
    type(cycle).objects.update(state=State.REFUSED)
    assert list(sweep.due_reports(at=OVER + timedelta(days=9)))


def test_a_client_who_came_this_month_has_no_month_to_report(world):
    model, version, _ = world
    checked(model, version)
    type(model).objects.update(created_at=OVER)
    assert not list(sweep.due_reports(at=OVER + timedelta(days=1)))


def test_what_was_frozen_and_never_rendered_is_due_and_rendered_as_it_is(world, no_pages):
    model, version, _ = world
    checked(model, version)
    frozen = services.freeze(client=model.client, month=MARCH, at=AFTER)
    model.logs.filter(label="").update(label="login", label_source="review")
    assert list(sweep.due_reports(at=AFTER)) == [(model.client.pk, MARCH)]
    done = sweep.publish_month(client_id=model.client.pk, month=MARCH, at=AFTER)
    assert (done.pk, done.state) == (frozen.pk, "rendered")
    assert done.facts_sha256 == frozen.facts_sha256


def test_a_fault_is_an_alert_is_tried_again_the_next_day_and_is_over_once_rendered(
    world, no_pages, monkeypatch, sent
):
    model, version, _ = world
    checked(model, version)

    def broken(**kwargs):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(services, "freeze", broken)
        with pytest.raises(OSError, match="no space"):
            tasks.publish(model.client.pk, "2025-03")
    alert = Alert.objects.get(model=model)
    assert (alert.severity, alert.key) == ("fault", "report:2025-03")
    opened = alert.opened_at
    Alert.objects.update(opened_at=AFTER)
    assert not list(sweep.due_reports(at=AFTER + timedelta(hours=23)))
    assert list(sweep.due_reports(at=AFTER + timedelta(hours=24)))
    assert opened > AFTER
    services.publish(client=model.client, month=MARCH, at=AFTER)
    sweep.sweep(at=AFTER + timedelta(hours=25))
    alert.refresh_from_db()
    assert alert.closed_at is not None


def test_a_report_that_kills_its_workers_is_given_up(world, no_pages, monkeypatch):
    model, version, _ = world
    checked(model, version)
    services.freeze(client=model.client, month=MARCH, at=AFTER)
    MonthlyReport.objects.update(attempts=sweep.MAX_ATTEMPTS)
    with pytest.raises(services.NotRendered, match="given up"):
        sweep.publish_month(client_id=model.client.pk, month=MARCH, at=AFTER)
    assert MonthlyReport.objects.get().state == "failed"
    Alert.objects.all().delete()
    assert not list(sweep.due_reports(at=AFTER))


def test_only_one_worker_renders(world, no_pages):
    model, version, _ = world
    checked(model, version)
    report = services.freeze(client=model.client, month=MARCH, at=AFTER)
    later = datetime.now(UTC) + timedelta(minutes=1)
    MonthlyReport.objects.update(lease_until=later)
    sweep.publish_month(client_id=model.client.pk, month=MARCH, at=AFTER)
    report.refresh_from_db()
    assert report.state == "frozen"


def test_a_command_and_a_worker_that_render_at_once_both_have_a_report(world, monkeypatch):
    from reports import pdf

    model, version, _ = world
    checked(model, version)
    frozen = services.freeze(client=model.client, month=MARCH, at=AFTER)
    inner = []

    def slow(html):
        if not inner:
            inner.append(None)
            inner[0] = sweep.publish_month(client_id=model.client.pk, month=MARCH, at=AFTER)
        return pdf.Pdf(b"%PDF", 2)

    monkeypatch.setattr(services, "to_pdf", slow)
    outer = services.render(frozen)
    assert inner[0].state == outer.state == "rendered"
    assert outer.transitions.count() == 1


@pytest.fixture
def published(world, no_pages):
    """March is reported; the instant of it."""
    model, version, _ = world
    checked(model, version)
    tasks.publish(model.client.pk, "2025-03")
    MonthlyReport.objects.update(created_at=AFTER, compared_at=AFTER)
    return model


def label_late(model, at):
    """A reviewed row of March comes after its report."""
    zone = ZoneInfo(model.client.timezone)
    PredictionLogFactory(
        model=model,
        timestamp=datetime(2025, 3, 9, 12, tzinfo=zone),
        label="billing",
        label_source="review",
        labelled_at=at,
        received_at=at,
    )


def test_a_late_label_makes_a_revision_due_that_says_what_changed(published):
    late = AFTER + timedelta(days=3)
    assert list(sweep.due_revisions(at=late)) == []
    label_late(published, late)
    assert list(sweep.due_revisions(at=late)) == [(published.client.pk, MARCH)]
    sweep.publish_month(client_id=published.client.pk, month=MARCH, at=late)
    first, second = MonthlyReport.objects.order_by("revision")
    assert (first.revision, second.revision) == (1, 2)
    assert second.facts["edition"]["changes"]
    assert list(sweep.due_revisions(at=late + timedelta(days=2))) == []


def test_labels_that_trickle_in_make_one_revision_a_day(published):
    late = AFTER + timedelta(hours=3)
    label_late(published, late)
    assert list(sweep.due_revisions(at=late)) == []
    assert list(sweep.due_revisions(at=AFTER + timedelta(days=1))) == [(published.client.pk, MARCH)]


def test_a_change_that_changes_nothing_that_is_said_makes_no_revision_and_is_not_asked_again(
    published,
):
    late = AFTER + timedelta(days=3)
    touch_days(model=published, days=[date(2025, 3, 9)], at=late)
    assert list(sweep.due_revisions(at=late)) == [(published.client.pk, MARCH)]
    sweep.publish_month(client_id=published.client.pk, month=MARCH, at=late)
    assert MonthlyReport.objects.count() == 1
    assert list(sweep.due_revisions(at=late + timedelta(days=2))) == []


def test_a_month_that_nobody_has_reported_is_no_revision(world):
    model, _, _ = world
    label_late(model, AFTER)
    assert list(sweep.due_revisions(at=AFTER + timedelta(days=2))) == []
