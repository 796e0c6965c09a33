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
CALLS = (Alert.Severity.ACT, Alert.Severity.FAULT)


def care(month: ModelMonth) -> f.Care | None:
    """Alerts and decisions of the month with the hours until we acted, and our people's time.

    None where nothing called for us and nobody wrote time down.
    """
    alerts, open_alerts = _alerts(month)
    decisions, open_decisions = _decisions(month)
    minutes = _minutes(month)
    if not (alerts or open_alerts or decisions or open_decisions or minutes):
        return None
    return f.Care(
        minutes=minutes,
        alerts=_answered(alerts, open_alerts),
        decisions=_answered(decisions, open_decisions),
        source=f.Source("care", month.label),
    )


def _answered(hours: Sequence[float], still_open: int) -> f.Answered:
    return f.Answered(
        n=len(hours) + still_open,
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


def _alerts(month: ModelMonth) -> tuple[list[float], int]:
    """Alerts that call for an act: hours until somebody took them up or they were over. As things
    stood when the month ended, so that a later look at it says the same."""
    start, end = month.window
    until = min(end, month.at)
    raised = Alert.objects.filter(
        model=month.model, severity__in=CALLS, opened_at__gte=start, opened_at__lt=end
    )
    hours, still_open = [], 0
    for alert in raised.filter(opened_at__lte=until):
        ends = [at for at in (alert.acknowledged_at, alert.closed_at) if at and at <= until]
        if ends:
            hours.append(_hours(alert.opened_at, min(ends)))
        else:
            still_open += 1
    return hours, still_open


def _decisions(month: ModelMonth) -> tuple[list[float], int]:
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
    return hours, len(waits)


def _hours(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() / 3600)
