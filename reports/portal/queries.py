"""What the portal reads of a client: every query starts from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from agency.base import clock
from agency.base.errors import NotFound
from clients.models import Alert, Client, KnownEvent, MaintainedModel
from reports import canonical, facts
from reports.models import MonthlyReport

ALERTS_SHOWN = 30


def own_models(client: Client) -> list[MaintainedModel]:
    """The client's models by name, each knowing its client without another query."""
    found = client.maintained_models.select_related("tier").order_by("name", "slug")
    models = list(found.defer("schema"))
    for model in models:
        model.client = client
    return models


def own_model(client: Client, slug: str) -> MaintainedModel:
    """The client's model of that name; ``NotFound`` where it has none."""
    model = client.maintained_models.select_related("tier").filter(slug=slug).first()
    if model is None:
        raise NotFound("no such model")
    model.client = client
    return model


def sent_reports(client: Client) -> QuerySet[MonthlyReport]:
    """Reports that a person of ours let go out, newest month and revision first; without facts."""
    return (
        MonthlyReport.objects.filter(client=client, state=MonthlyReport.State.RENDERED)
        .exclude(read_by="")
        .order_by("-month", "-revision")
        .defer("facts")
    )


def sent_report(client: Client, pk: int) -> MonthlyReport:
    """The client's report of that number, if it went out; ``NotFound`` otherwise."""
    report = sent_reports(client).filter(pk=pk).first()
    if report is None:
        raise NotFound("no such report")
    report.client = client
    return report


@dataclass(frozen=True)
class Month:
    """A month's newest report that went out, and the revisions that it replaced."""

    report: MonthlyReport
    earlier: tuple[MonthlyReport, ...]


def months(client: Client) -> list[Month]:
    """The client's months that were reported, newest first."""
    by_month: dict[Any, list[MonthlyReport]] = {}
    for report in sent_reports(client):
        by_month.setdefault(report.month, []).append(report)
    return [Month(found[0], tuple(found[1:])) for found in by_month.values()]


def newest_facts(client: Client) -> facts.Report | None:
    """The frozen facts of the newest report that went out; None before the first one.

    None as well for facts that no longer match their hash: nothing is quoted that cannot be proven.
    """
    report = sent_reports(client).defer(None).first()
    if report is None:
        return None
    try:
        found = canonical.from_json(report.facts)
    except canonical.FactsError:
        return None
    return found if canonical.sha256_of(found) == report.facts_sha256 else None


def open_alerts(client: Client) -> list[Alert]:
    """What holds at the moment, the newest first."""
    found = Alert.objects.filter(model__client=client, closed_at__isnull=True)
    return _with_models(client, found.order_by("-opened_at", "-pk"))


def past_alerts(client: Client) -> list[Alert]:
    """What held and is over, the latest end first."""
    found = Alert.objects.filter(model__client=client, closed_at__isnull=False)
    return _with_models(client, found.order_by("-closed_at", "-pk")[:ALERTS_SHOWN])


def _with_models(client: Client, alerts: QuerySet[Alert]) -> list[Alert]:
    found = list(alerts.select_related("model").defer("model__schema"))
    for alert in found:
        alert.model.client = client
    return found


def events(client: Client) -> QuerySet[KnownEvent]:
    """What was announced, the latest start first."""
    return KnownEvent.objects.filter(client=client).select_related("model").order_by("-starts_at")


def own_future_event(client: Client, pk: int, *, by: str, at: datetime | None = None) -> KnownEvent:
    """An event that ``by`` announced and that has not begun: only such can be changed."""
    begun = Q(starts_at__lte=at or clock.now())
    event = events(client).exclude(begun).filter(pk=pk, declared_by=by).first()
    if event is None:
        raise NotFound("no such event to change")
    return event
