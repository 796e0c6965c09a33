"""Counts for whoever watches the service, in Prometheus' text form: how much waits, and since when.

No client is named. Read from this machine, or with ``METRICS_TOKEN`` as a bearer token.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, F, Min, Model
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from agency.base import clock
from clients.models import Alert, Client, LogDay, MaintainedModel, Notice, UploadBatch
from reports.models import Delivery, MonthlyReport
from reports.sending import to_read
from retraining.models import Cycle
from retraining.models.cycle import WORKING

TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Name, what it says, and its values by label.
Gauge = tuple[str, str, Iterable[tuple[str, float]]]


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """403 unless asked from this machine or with the token."""
    if not _may(request):
        return HttpResponse(
            "metrics are read from this machine or with METRICS_TOKEN\n", status=403
        )
    lines: list[str] = []
    for name, says, values in gauges(clock.now()):
        lines += [f"# HELP whetstone_{name} {says}", f"# TYPE whetstone_{name} gauge"]
        lines += [f"whetstone_{name}{label} {value:g}" for label, value in values]
    return HttpResponse("\n".join([*lines, ""]), content_type=TYPE)


def gauges(at: datetime) -> Iterator[Gauge]:
    """All that is counted, as known at ``at``. About a dozen queries."""
    # Not at the top: it brings the loop, and with it the libraries that learn.
    from retraining.services import due_checks

    yield "clients", "Clients.", _one(Client.objects.count())
    yield "models", "Maintained models.", _one(MaintainedModel.objects.count())
    yield "cycles", "Cycles by state.", _by_state(Cycle)
    yield "reports", "Report revisions by state.", _by_state(MonthlyReport)
    yield "deliveries", "Mails with reports by state.", _by_state(Delivery)
    yield "notices", "Notices of alerts by state.", _by_state(Notice)
    yield "reports_to_read", "Reports that wait for a reader of ours.", _one(to_read().count())
    yield "alerts_open", "Open alerts by severity.", _open_alerts()
    yield (
        "checks_due",
        "Checks that are due and have not begun.",
        _one(len(list(due_checks(at=at)))),
    )
    oldest = Cycle.objects.filter(state__in=WORKING).aggregate(oldest=Min("created_at"))["oldest"]
    yield "oldest_work_seconds", "Age of the oldest cycle at work.", _one(_age(oldest, at))
    yield "days_to_count", "Days whose profiles are behind.", _one(_behind())
    newest = UploadBatch.objects.order_by("-received_at").values_list("received_at", flat=True)
    yield "last_upload_seconds", "Age of the newest upload.", _one(_age(newest.first(), at))


def _may(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    presented = request.headers.get("Authorization", "")
    if token and constant_time_compare(presented, f"Bearer {token}"):
        return True
    # Behind a proxy every request comes from this machine.
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _one(value: float) -> list[tuple[str, float]]:
    return [("", value)]


def _by_state(model: type[Model]) -> Iterator[tuple[str, float]]:
    counted = model._default_manager.order_by("state").values_list("state").annotate(Count("pk"))
    for state, n in counted:
        yield f'{{state="{state}"}}', n


def _open_alerts() -> Iterator[tuple[str, float]]:
    open_ones = Alert.objects.filter(closed_at__isnull=True).order_by("severity")
    for severity, n in open_ones.values_list("severity").annotate(Count("pk")):
        yield f'{{severity="{severity}"}}', n


def _age(since: datetime | None, at: datetime) -> float:
    return (at - since).total_seconds() if since else 0.0


def _behind() -> int:
    return LogDay.objects.filter(changes__gt=F("profiled")).count()
