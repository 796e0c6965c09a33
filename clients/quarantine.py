"""Rows that a partial upload set aside: mended by a person, tried again, or set aside for good."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction

from agency.base.dispatch import enqueue
from agency.base.errors import BadInput, Conflict
from clients.ingest import (
    IngestResult,
    RejectedRows,
    Unreadable,
    ingest_stream,
    take_feedback,
    take_outcomes,
)
from clients.models import MaintainedModel, PredictionLog, QuarantinedRow, UploadBatch

LONGEST = 1_000_000

TAKE: Mapping[str, Callable[..., IngestResult]] = {
    UploadBatch.Kind.LOGS: ingest_stream,
    UploadBatch.Kind.FEEDBACK: take_feedback,
    UploadBatch.Kind.OUTCOMES: take_outcomes,
}


@dataclass(frozen=True)
class TriedAgain:
    """How many rows are stored now, and how many still wait, each with its newest fault."""

    stored: int
    waiting: int


def one_line(content: str) -> str:
    """A row as a person wrote it, on one line. Raises ``BadInput`` where it is no JSON object."""
    text = " ".join(content.split("\n")).replace("\r", " ").strip()
    if not text or len(text) > LONGEST:
        raise BadInput("the row is empty or too long")
    try:
        is_object = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        raise BadInput("a row must be one JSON object")
    return text


@transaction.atomic
def mend(*, row: QuarantinedRow, content: str) -> None:
    """Write the row anew, as one JSON object; it waits until it is tried again.

    Raises ``BadInput`` where it is none, ``Conflict`` where the row waits no longer.
    """
    text = one_line(content)
    (waiting,) = _waiting([row.pk])
    waiting.content = text
    waiting.save(update_fields=["content"])


@transaction.atomic
def try_again(*, rows: Iterable[QuarantinedRow], by: str, at: datetime) -> TriedAgain:
    """Store what can be stored now, one batch for each upload that the rows came with.

    A row that still can't be stored keeps waiting under its newest fault. ``Conflict`` where one of
    them waits no longer.
    """
    waiting = _waiting([row.pk for row in rows])
    stored = 0
    for batch, group in groupby(waiting, key=lambda row: row.batch):
        stored += _store(batch, list(group), by, at)
    return TriedAgain(stored, len(waiting) - stored)


@transaction.atomic
def drop(*, rows: Iterable[QuarantinedRow], by: str, at: datetime) -> int:
    """Set the rows aside for good; how many. ``Conflict`` where one of them waits no longer."""
    waiting = _waiting([row.pk for row in rows])
    _settle(waiting, QuarantinedRow.State.DROPPED, by, at)
    return len(waiting)


def ask_for_answers(*, model: MaintainedModel) -> None:
    """Ask a worker to answer the model's rows that came without an answer, if there are any."""
    rows = PredictionLog.objects.filter(model=model, answered=PredictionLog.Answered.NONE)
    if rows.order_by().exists():
        enqueue("retraining.answer_pending", model.pk)


def _store(batch: UploadBatch, rows: Sequence[QuarantinedRow], by: str, at: datetime) -> int:
    """The rows of one upload: all that are good, in one new batch. How many."""
    left = list(rows)
    while left:
        body = "\n".join(row.content for row in left).encode()
        try:
            with transaction.atomic():
                TAKE[batch.kind](
                    model=batch.model,
                    chunks=[body],
                    form="ndjson",
                    name=f"{batch.name}: mended"[:255],
                    at=at,
                )
        except RejectedRows as error:
            left = _without(left, error)
        except Unreadable as error:
            raise BadInput("some of the rows cannot be read; mend them first") from error
        else:
            _settle(left, QuarantinedRow.State.STORED, by, at)
            ask_for_answers(model=batch.model)
            return len(left)
    return 0


def _without(rows: Sequence[QuarantinedRow], error: RejectedRows) -> list[QuarantinedRow]:
    """The rows that were not refused; the others are saved with what is wrong with them now."""
    refused = {bad["row"]: bad for bad in error.rejected}
    for number, bad in refused.items():
        row = rows[number]
        row.pointer, row.code, row.detail = bad["pointer"], bad["code"], bad["detail"]
        row.save(update_fields=["pointer", "code", "detail"])
    return [row for number, row in enumerate(rows) if number not in refused]


def _waiting(keys: Sequence[int]) -> list[QuarantinedRow]:
    rows = list(
        QuarantinedRow.objects.select_for_update(of=("self",))
        .filter(pk__in=keys, state=QuarantinedRow.State.WAITING)
        .select_related("batch__model__client")
        .order_by("batch", "line", "pk")
    )
    if len(rows) != len(set(keys)) or not rows:
        raise Conflict("some of these rows wait no longer")
    return rows


def _settle(
    rows: Sequence[QuarantinedRow], state: QuarantinedRow.State, by: str, at: datetime
) -> None:
    QuarantinedRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, settled_by=by, settled_at=at
    )
