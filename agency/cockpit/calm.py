"""What the first page says when nobody waits: what comes next, and what the week has brought."""

from datetime import datetime, timedelta

from django.db.models import Sum

from agency.cockpit.risk import span
from agency.cockpit.world import ModelRow, World
from clients.models import StaffTime
from reports.models import Delivery, MonthlyReport
from retraining.models import Cycle, Rollout
from retraining.models.cycle import WORKING

WEEK = timedelta(days=7)
SOON = 6


def next_checks(world: World, *, at: datetime) -> list[tuple[ModelRow, datetime]]:
    """The checks that fall due next. No query."""
    found = [(model, day) for model in world.models.values() if (day := model.next_check())]
    return sorted(found, key=lambda pair: (pair[1], pair[0].pk))[:SOON]


def done_lately(*, at: datetime) -> list[str]:
    """What was done in the seven days before ``at``, as short lines. Five queries."""
    since = at - WEEK
    checks = Cycle.objects.filter(window_end__gt=since, window_end__lte=at)
    live = Rollout.objects.filter(started_at__gt=since, started_at__lte=at, cycle__isnull=False)
    made = MonthlyReport.objects.filter(created_at__gt=since, created_at__lte=at)
    sent = Delivery.objects.filter(sent_at__gt=since, sent_at__lte=at)
    spent = StaffTime.objects.filter(at__gt=since, at__lte=at).aggregate(Sum("minutes"))
    minutes = float(spent["minutes__sum"] or 0)
    lines = [
        _count(checks.exclude(state__in=WORKING).count(), "check made", "checks made"),
        _count(live.count(), "new version live", "new versions live"),
        _count(made.count(), "report made", "reports made"),
        _count(sent.count(), "mail with a report sent", "mails with reports sent"),
        f"{span(minutes)} of people's time" if minutes else "",
    ]
    return [line for line in lines if line]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""
