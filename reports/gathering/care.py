"""How quickly we answered and how long we worked on a model in a month."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from statistics import median

from django.db.models import Sum

from clients.models import Alert, StaffTime
from reports import facts as f
from reports.gathering.month import ModelMonth
from retraining.models import CycleTransition, State

OURS = (State.CURATING, State.PENDING_APPROVAL, State.UNDECIDED)
"""A check in one of these waits for a person of ours."""
LOOP = "loop"
"""Who signs the steps that nobody took: ``retraining.loop.LOOP``, which would load the learners."""
CALLS = (Alert.Severity.ACT, Alert.Severity.FAULT)


def care(month: ModelMonth) -> f.Care | None:
    """Alerts and decisions of the month with the hours until we acted, and our people's time.

    None where nothing called for us and nobody wrote time down.
    """
    alerts, decisions, minutes = _alerts(month), _decisions(month), _minutes(month)
    if not (alerts.n or decisions.n or minutes):
        return None
    return f.Care(
        minutes=minutes,
        alerts=alerts,
        decisions=decisions,
        source=f.Source("care", month.label),
    )


def _answered(hours: Sequence[float], *, n: int, still_open: int) -> f.Answered:
    return f.Answered(
        n=n,
        answered=len(hours),
        still_open=still_open,
        median_hours=median(hours) if hours else None,
        longest_hours=max(hours, default=None),
    )


def _minutes(month: ModelMonth) -> float:
    start, end = month.window
    spent = StaffTime.objects.filter(
        model=month.model, at__gte=start, at__lt=min(end, month.at)
    ).aggregate(total=Sum("minutes"))["total"]
    return float(spent or Decimal(0))


def _alerts(month: ModelMonth) -> f.Answered:
    """Alerts that call for an act: hours until a person took them up or decided on a check. As things
    stood when the month ended, so that a later look at it says the same."""
    start, end = month.window
    until = min(end, month.at)
    raised = Alert.objects.filter(
        model=month.model, severity__in=CALLS, opened_at__gte=start, opened_at__lt=until
    )
    alerts = list(raised.order_by("opened_at", "pk"))
    decided = _decided(month, start, until) if alerts else []
    hours, still_open = [], 0
    for alert in alerts:
        acts = [
            at for at in [alert.acknowledged_at, *decided] if at and alert.opened_at <= at < until
        ]
        closed = alert.closed_at is not None and alert.closed_at < until
        if acts and not (closed and alert.closed_at and alert.closed_at < min(acts)):
            hours.append(_hours(alert.opened_at, min(acts)))
        elif not closed:
            still_open += 1
    return _answered(hours, n=len(alerts), still_open=still_open)


def _decided(month: ModelMonth, start: datetime, until: datetime) -> list[datetime]:
    """When a named person moved one of the model's checks."""
    steps = CycleTransition.objects.filter(job__model=month.model, at__gte=start, at__lt=until)
    return list(steps.exclude(by=LOOP).values_list("at", flat=True))


def _decisions(month: ModelMonth) -> f.Answered:
    """Hours that the month's checks waited for a person of ours, one for each wait."""
    steps = CycleTransition.objects.filter(job__in=month.cycles, at__lte=month.at)
    waits: dict[int, datetime] = {}
    hours = []
    for step in steps.order_by("pk").only("job_id", "from_state", "to_state", "at"):
        since = waits.pop(step.job_id, None)
        if since is not None:
            hours.append(_hours(since, step.at))
        if step.to_state in OURS:
            waits[step.job_id] = step.at
    return _answered(hours, n=len(hours) + len(waits), still_open=len(waits))


def _hours(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() / 3600)
