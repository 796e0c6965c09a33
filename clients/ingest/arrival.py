"""What an upload of rows sets off: days that changed, feedback that waited or came with a repeat."""

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from agency.base.clock import local_day, rfc3339, zone_of
from clients.bulk import Writer
from clients.bulk.writer import STAGE, Contradiction
from clients.canonical import content_digest
from clients.feedback import AT_ONCE, Attached, Late, attach
from clients.log_rows import Feedback, Rules, stored_row
from clients.models import (
    MaintainedModel,
    PendingFeedback,
    PredictionLog,
    QuarantinedRow,
    UploadBatch,
)

# Asked in every upload, where composing a query takes longer than answering it.
_IS_PENDING = f"""
SELECT 1 FROM {PendingFeedback._meta.db_table} WHERE client_id = %s AND model_id = %s LIMIT 1
"""  # noqa: S608 -- names of ours; values are parameters
_PENDING = f"""
SELECT DISTINCT waiting.id, waiting.row_id FROM {STAGE} came
JOIN {PendingFeedback._meta.db_table} waiting
  ON waiting.client_id = %s AND waiting.model_id = %s AND waiting.row_id = came.row_id
ORDER BY waiting.id
"""  # noqa: S608 -- names of ours; values are parameters


def days_of_minutes(
    *, model: MaintainedModel, minutes: Iterable[str], labelled: Collection[str]
) -> dict[date, bool]:
    """The client-local days of ``YYYY-MM-DDTHH:MM`` (UTC); true where one is ``labelled``."""
    zone = zone_of(model.client.timezone)
    days: dict[date, bool] = {}
    hours: dict[str, date | None] = {}
    for minute in minutes:
        hour = minute[:13]
        if hour not in hours:  # nearly every hour is of one day, which then is that of its minutes
            start = datetime.fromisoformat(f"{hour}:00:00+00:00")
            first = local_day(start, zone)
            is_whole = local_day(start + timedelta(minutes=59, seconds=59), zone) == first
            hours[hour] = first if is_whole else None
        day = hours[hour]
        if day is not None:
            days[day] = days.get(day, False) or minute in labelled
            continue
        start = datetime.fromisoformat(f"{minute}:00+00:00")
        # An offset may have seconds: a day too many is counted again for nothing, no harm done.
        for instant in (start, start + timedelta(seconds=59)):
            day = local_day(instant, zone)
            days[day] = days.get(day, False) or minute in labelled
    return days


def days_of_batch(batch: UploadBatch) -> dict[date, bool]:
    """The client-local days of the rows that came with the batch; true where some have labels."""
    zone = zone_of(batch.model.client.timezone)
    found = (
        PredictionLog.objects.filter(batch=batch)
        .order_by()
        .values_list(TruncDate("timestamp", tzinfo=zone))
        .annotate(labels=Count("pk", filter=~Q(label="")))
    )
    return {day: labels > 0 for day, labels in found}


def attach_repeats(
    bulk: Writer, model: MaintainedModel, wrong: Collection[int], at: datetime
) -> Attached:
    """Add what repeated rows say of rows that are known; ``wrong`` ones say nothing."""
    done = Attached()
    for rows in bulk.with_feedback(model):
        items = []
        for row_id, seq, line, raw, label, source, thumbs, signals, times in rows:
            if seq not in wrong:
                feedback = Feedback(label, source, thumbs, _object(signals), _object(times))
                items.append(Late(seq, line, raw or "", row_id, feedback))
        merge(done, attach(model=model, items=items, at=at))
    return done


def merge(done: Attached, more: Attached) -> None:
    """Add one part of an upload to the others."""
    done.changed += more.changed
    done.said += more.said
    done.unknown += more.unknown
    done.contradictions += more.contradictions
    for day, labels in more.days.items():
        done.days[day] = done.days.get(day, False) or labels


def attach_pending(
    bulk: Writer, model: MaintainedModel, batch: UploadBatch, at: datetime
) -> Attached:
    """Add the feedback that waited for rows of this batch.

    What contradicts its row goes to quarantine: nobody is there to be told, and nothing is lost.
    """
    done = Attached()
    with connection.cursor() as cursor:
        cursor.execute(_IS_PENDING, [model.client_id, model.pk])
        if cursor.fetchone() is None:
            return done
        bulk.flush()
        cursor.execute(_PENDING, [model.client_id, model.pk])
        keys = [key for key, _ in cursor.fetchall()]
    waiting = PendingFeedback.objects.filter(client_id=model.client_id, model=model)
    for start in range(0, len(keys), AT_ONCE):
        part = list(waiting.filter(pk__in=keys[start : start + AT_ONCE]).order_by("row_id", "pk"))
        items = [
            Late(p.pk, 0, json.dumps(p.content), p.row_id, feedback_of(p.content)) for p in part
        ]
        merge(done, attach(model=model, items=items, at=at))
        waiting.filter(pk__in=[p.pk for p in part]).delete()
    QuarantinedRow.objects.bulk_create(
        QuarantinedRow(
            batch=batch,
            line=0,
            pointer=problem.pointer,
            code=problem.code,
            detail=f"feedback that waited for row {late.row_id}: {problem.detail}",
            content=late.raw,
        )
        for late, problem in done.contradictions
    )
    return done


def feedback_of(content: dict[str, Any]) -> Feedback:
    """Pending feedback as it was before it was written down."""
    return Feedback(**content)


def same_once_masked(model: MaintainedModel, found: Contradiction, rules: Rules) -> bool:
    """Whether the stored row, masked by the rules of today, is the one that came again.

    A rule may be younger than the row; the row that came was masked by it before it was compared.
    """
    if rules.redactor is None:
        return False
    log = PredictionLog.objects.filter(
        client_id=model.client_id, model=model, row_id=found.row_id
    ).first()
    if log is None:
        return False
    sent = log.answered == PredictionLog.Answered.CLIENT
    answer = (log.model_version, log.prediction, log.confidence) if sent else ("", "", None)
    head = (0, 0, log.row_id, rfc3339(log.timestamp))
    again = stored_row(head, log.input, log.context, answer, Feedback(), None, rules)
    return again.content_sha256 == found.content_sha256


def content_of(feedback: Feedback) -> tuple[dict[str, Any], str]:
    """Feedback as it is kept until its row comes, and the digest of that."""
    content = {
        "label": feedback.label,
        "source": feedback.source,
        "thumbs": feedback.thumbs,
        "signals": dict(feedback.signals),
        "signals_at": dict(feedback.signals_at),
    }
    return content, content_digest(content)


def _object(written: Any) -> dict[str, Any]:
    """JSON as the driver gives it: text on SQLite, text or an object on PostgreSQL."""
    if isinstance(written, str):
        found: dict[str, Any] = json.loads(written)
        return found
    return written or {}
