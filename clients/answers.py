"""The answers of a version to rows that came without one, written into the log."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from agency.base.clock import local_day, zone_of
from clients.bulk import writer
from clients.log_days import touch_days
from clients.models import MaintainedModel, PredictionLog

ANSWER = ("prediction", "confidence", "model_version", "answered")


@transaction.atomic
def store_answers(*, model: MaintainedModel, rows: Sequence[PredictionLog], at: datetime) -> int:
    """Write what ``ANSWER`` names of ``rows``, which had no answer when they were read; how many.

    A row that was answered or deleted meanwhile is left alone. Rows are locked by their ids, as
    repeated uploads lock them, and never beside feedback: so nobody waits in a circle.
    """
    if not rows:
        return 0
    writer().lock(model, alone=False)
    waiting = PredictionLog.objects.select_for_update().filter(
        client_id=model.client_id, model=model, answered=PredictionLog.Answered.NONE
    )
    between = waiting.filter(
        timestamp__gte=min(row.timestamp for row in rows),
        timestamp__lte=max(row.timestamp for row in rows),
    )
    still = set(between.order_by("row_id").values_list("pk", flat=True))
    answered = [row for row in rows if row.pk in still]
    PredictionLog.objects.bulk_update(answered, ANSWER, batch_size=500)
    zone = zone_of(model.client.timezone)
    touch_days(model=model, days={local_day(row.timestamp, zone) for row in answered}, at=at)
    return len(answered)
