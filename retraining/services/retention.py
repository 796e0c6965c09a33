"""Production rows older than a client lets us keep are deleted; their daily profiles stay."""

from datetime import date, datetime, timedelta

from django.db import transaction

from agency.base.clock import local_day, start_of_day, zone_of
from clients import privacy
from clients.bulk import writer
from clients.models import Client, MaintainedModel, PredictionLog
from retraining import profiles
from retraining.models import Rollout


def purge_old_rows(*, now: datetime) -> dict[str, int]:
    """Delete what is past its retention, for every client that has one: path -> rows that went.

    Whole local days, each with its last profile in one transaction: a day has its rows or it has
    counts that say what they were. Rows that come for such a day later go at the next purge, and
    are in no count.
    """
    removed = {}
    clients = Client.objects.filter(keep_rows_days__isnull=False)
    for client in clients:
        zone = zone_of(client.timezone)
        first_kept = local_day(now, zone) - timedelta(days=client.keep_rows_days or 0)
        for model in MaintainedModel.objects.filter(client=client).select_related("client"):
            gone = sum(_purge(model, day) for day in _days_before(model, first_kept))
            if gone:
                removed[model.path] = gone
    return removed


def _days_before(model: MaintainedModel, first_kept: date) -> list[date]:
    """The local days before ``first_kept`` that still have rows, oldest first."""
    zone = zone_of(model.client.timezone)
    rows = PredictionLog.objects.filter(client_id=model.client_id, model=model)
    days: list[date] = []
    day = date.min
    while day < first_kept:
        after = rows.filter(timestamp__gte=start_of_day(day, zone)) if days else rows
        oldest = after.order_by("timestamp").values_list("timestamp", flat=True).first()
        if oldest is None or (found := local_day(oldest, zone)) >= first_kept:
            break
        days.append(found)
        day = found + timedelta(days=1)
    return days


@transaction.atomic
def _purge(model: MaintainedModel, day: date) -> int:
    # Before the days are locked: uploads lock rows first, then days.
    writer().lock(model, alone=True)
    # A model that was never live has no bins to count on, and nobody ever looked at its rows.
    if Rollout.objects.filter(model=model).exists():
        profiles.keep_days(model=model, days=[day])
    return privacy.delete_day(model=model, day=day)
