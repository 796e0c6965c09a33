"""Whose month is over and not reported yet, found in rows; a tick of beat asks."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Max, Min, QuerySet
from django.db.models.functions import TruncMonth

from agency.base import clock
from agency.base.dispatch import enqueue
from agency.base.jobs import advance, claim
from clients import services as client_services
from clients.models import Alert, Client, LogDay, MaintainedModel
from reports import sending, services
from reports.models import MonthlyReport
from retraining.models import Cycle
from retraining.models.cycle import OPEN
from retraining.services import due_checks
from retraining.services.due import WAIT_FOR_ROWS

LEASE = timedelta(minutes=5)
"""Rendering takes seconds."""
MAX_ATTEMPTS = 3
RETRY = timedelta(days=1)
"""What failed is tried again a day after its alert."""

REVISE_EVERY = timedelta(days=1)
NOTICED_FOR = timedelta(days=31)
"""So long the sweep may stand still before a late change could be overlooked."""
REVISED_FOR = timedelta(days=400)
"""A report is part of the record after that: later labels train, and change no report."""

PREFIX = "report:"
State = MonthlyReport.State


def sweep(*, at: datetime) -> list[tuple[int, date]]:
    """Ask workers for every report that is due at ``at``; clients and months."""
    _close_settled(at)
    due = [*due_reports(at=at), *due_revisions(at=at)]
    for client_id, month in due:
        enqueue("reports.publish", client_id, f"{month:%Y-%m}")
    return due


def due_reports(*, at: datetime) -> Iterator[tuple[int, date]]:
    """Clients whose last local month is over, with all its checks ended and no report.

    A check that waits for rows holds the report back for a week, one that waits for a person for as
    long as the person takes. A report that was begun and never rendered is due again, after a fault
    not before the next day; one that failed as often as it may waits for a person.
    """
    waiting = {
        model.client_id for model, due in due_checks(at=at) if at - due.since < WAIT_FOR_ROWS
    }
    open_cycles = dict(
        Cycle.objects.filter(state__in=OPEN)
        .order_by()
        .values_list("model__client")
        .annotate(Min("window_start"))
    )
    fresh = _alerts().filter(opened_at__gt=at - RETRY)
    alerted = set(fresh.values_list("model__client", "key"))
    reported = dict(_last_reports(at))
    clients = Client.objects.annotate(begun=Min("maintained_models__created_at"))
    for client in clients.filter(begun__isnull=False).order_by("pk"):
        zone = clock.zone_of(client.timezone)
        month = clock.add_months(clock.local_day(at, zone).replace(day=1), -1)
        _, end = clock.month_window(month, zone)
        checking = client.pk in open_cycles and open_cycles[client.pk] < end
        if client.begun >= end or checking or client.pk in waiting:
            continue
        if (client.pk, _key(month)) in alerted:
            continue
        if reported.get((client.pk, month), State.FROZEN) == State.FROZEN:
            yield client.pk, month


def due_revisions(*, at: datetime) -> Iterator[tuple[int, date]]:
    """Reported months whose rows or labels have changed since their report looked at them.

    At most one a day and month, so that labels that trickle in make one revision and not hundreds;
    a report that says the same afterwards stays as it is. A month that is failing waits for its alert.
    """
    alerted = set(_alerts().values_list("model__client", "key"))
    # Of months that are over nearly everywhere: a day of this month changes all the time.
    over = (at + timedelta(days=1)).date().replace(day=1)
    changed = list(
        LogDay.objects.filter(changed_at__gt=at - NOTICED_FOR, changed_at__lte=at, day__lt=over)
        .annotate(month=TruncMonth("day"))
        .order_by()
        .values_list("client", "month")
        .annotate(Max("changed_at"))
    )
    reports = MonthlyReport.objects.filter(
        client__in={client for client, _, _ in changed}, month__gte=(at - REVISED_FOR).date()
    )
    newest = {
        (each.client_id, each.month): each for each in reports.order_by("revision").defer("facts")
    }
    for client, month, last in changed:
        report = newest.get((client, month))
        if report is None or report.state != State.RENDERED or (client, _key(month)) in alerted:
            continue
        looked = report.compared_at or report.created_at
        if last > looked and at - looked >= REVISE_EVERY:
            yield client, month


def publish_month(*, client_id: int, month: date, at: datetime) -> MonthlyReport:
    """Publish the month's report. A fault is told as an alert of the client's first model."""
    client = Client.objects.get(pk=client_id)
    try:
        report = _publish(client, month, at)
        if report.state == State.RENDERED:
            sending.read_by_setting(report=report, at=at)
        return report
    except Exception as error:
        model = MaintainedModel.objects.filter(client=client).order_by("pk").first()
        if model is not None:
            client_services.close_alerts(model=model, keys_still_true=(), prefix=_key(month), at=at)
            client_services.raise_alert(
                model=model,
                key=_key(month),
                severity=Alert.Severity.FAULT,
                message=f"The report of {month:%Y-%m} failed: {type(error).__name__}: {error}",
                at=at,
            )
        raise


def _publish(client: Client, month: date, at: datetime) -> MonthlyReport:
    report = client.reports.filter(month=month).order_by("-revision").first()
    if report is None or report.state != State.FROZEN:  # what was frozen is what is rendered
        report = services.freeze(client=client, month=month, at=at)
    if report.state != State.FROZEN:
        return services.render(report)
    held = claim(MonthlyReport, report.pk, at=clock.now(), lease=LEASE, states=[State.FROZEN])
    if held is None:
        return report  # another worker is rendering it
    if held.attempts > MAX_ATTEMPTS:
        # Whoever rendered it before died without a word.
        reason = f"given up after {MAX_ATTEMPTS} attempts"
        advance(held, to=State.FAILED, by=services.BY, at=at, reason=reason)
        raise services.NotRendered(f"{report}: {reason}")
    return services.render(held)


def _close_settled(at: datetime) -> None:
    """The alert of a report that has been rendered since, by whomever, is over."""
    for alert in _alerts().select_related("model"):
        month = clock.parse_month(alert.key.removeprefix(PREFIX))
        last = MonthlyReport.objects.filter(client=alert.model.client_id, month=month)
        if last.filter(state=State.RENDERED).exists():
            client_services.close_alerts(
                model=alert.model, keys_still_true=(), prefix=alert.key, at=at
            )


def _alerts() -> QuerySet[Alert]:
    return Alert.objects.filter(closed_at__isnull=True, key__startswith=PREFIX)


def _last_reports(at: datetime) -> Iterator[tuple[tuple[int, date], str]]:
    """State of the newest revision, for the months that any time zone may call the last one."""
    since = clock.add_months((at - timedelta(days=1)).date().replace(day=1), -1)
    rows = MonthlyReport.objects.filter(month__gte=since).order_by("revision")
    for client, month, state in rows.values_list("client", "month", "state"):
        yield (client, month), state


def _key(month: date) -> str:
    return f"{PREFIX}{month:%Y-%m}"
