"""A person's rows, found and removed from what a client gave us."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import models, transaction

from agency.base.clock import local_day, start_of_day, zone_of
from agency.base.errors import BadInput
from clients.bulk import writer
from clients.datasets import erase_dataset_rows
from clients.log_days import touch_days
from clients.models import (
    Client,
    DatasetRow,
    IdempotentRequest,
    MaintainedModel,
    Outcome,
    PendingFeedback,
    PredictionLog,
    QuarantinedRow,
)

SHORTEST_SUBJECT = 3
_AT_ONCE = 500  # ids a statement, under every database's limit of variables


@dataclass(frozen=True)
class Subject:
    """The person to forget: a mail address, a customer's number, a name; letter case is ignored."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text.strip()) < SHORTEST_SUBJECT:
            raise BadInput(f"a subject needs {SHORTEST_SUBJECT} characters at least")

    @property
    def sha256(self) -> str:
        """What is kept of the person: enough to see that a second request is the same."""
        return hashlib.sha256(self.text.strip().casefold().encode()).hexdigest()

    def is_in(self, value: Any) -> bool:
        """Does any text of a JSON value hold the subject as a whole word? Keys count, numbers if equal."""
        if isinstance(value, str):
            return self._pattern.search(value) is not None
        if isinstance(value, Mapping):
            return any(self.is_in(part) for pair in value.items() for part in pair)
        if isinstance(value, list | tuple):
            return any(self.is_in(part) for part in value)
        return False

    def equals(self, value: Any) -> bool:
        """Is a single value (a row id, a number in ``context``) the subject itself?"""
        if isinstance(value, bool) or value is None:
            return False
        return str(value).strip().casefold() == self.text.strip().casefold()

    def cut(self, value: Any) -> Any:
        """The JSON value with the subject taken out of its texts."""
        if isinstance(value, str):
            return self._pattern.sub("[erased]", value)
        if isinstance(value, Mapping):
            return {self.cut(key): self.cut(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.cut(part) for part in value]
        return value

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = r"\s+".join(re.escape(word) for word in self.text.split())
        return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


@dataclass
class Touched:
    """What an erasure came to: the ids of each kind of row.

    ``gone``: by model, the ids that the person's rows had; ``emptied``: by model, the keys of the
    dataset rows that became tombstones, whose ids may be others now; ``days``: those that lost log
    rows.
    """

    rows: dict[str, list[str]] = field(default_factory=dict)
    gone: dict[int, set[str]] = field(default_factory=dict)
    emptied: dict[int, set[int]] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)

    def add(self, kind: str, names: Iterable[str]) -> None:
        """Note rows of a kind; a kind without any is left out."""
        listed = [*self.rows.get(kind, ()), *names]
        if listed:
            self.rows[kind] = listed

    def as_json(self) -> dict[str, Any]:
        """``{kind: {n, ids}}``, as it is kept and printed."""
        return {kind: {"n": len(ids), "ids": ids} for kind, ids in self.rows.items()}


@transaction.atomic
def erase_rows(*, client: Client, subject: Subject, at: datetime) -> Touched:
    """Remove the person's rows from what the client sent.

    Log rows go with their outcomes and pending feedback, dataset rows become tombstones whose
    digests keep every version verifiable, quarantined rows and stored answers go. The days that
    lost rows are counted again.
    """
    touched = Touched()
    models_of = MaintainedModel.objects.filter(client=client).select_related("client")
    for model in models_of.order_by("pk"):
        writer().lock(model, alone=True)
        ids, days = _logs(model, subject)
        of_others = _pending(model, subject) | _tombstones_wanted(model, subject, ids)
        gone = touched.gone[model.pk] = ids | of_others
        touched.days |= days
        for kind, rows in (
            ("log rows", PredictionLog.objects.filter(client=client, model=model)),
            ("outcomes", Outcome.objects.filter(client=client, model=model)),
            ("pending feedback", PendingFeedback.objects.filter(client=client, model=model)),
        ):
            touched.add(kind, _delete(rows, gone, model))
        tombstones = DatasetRow.objects.filter(dataset__model=model, input__isnull=False)
        for part in _parts(gone):
            chosen = models.Q(row_id__in=part) | models.Q(log_row_id__in=part)
            found = tombstones.filter(chosen).select_related("dataset").order_by("pk")
            rows_found = list(found)
            touched.emptied.setdefault(model.pk, set()).update(row.pk for row in rows_found)
            touched.add("dataset rows", [f"{row.dataset} {row.row_id}" for row in rows_found])
            erase_dataset_rows(model=model, row_ids=part)
            _rename([row for row in rows_found if subject.is_in([row.row_id, row.log_row_id])])
        touch_days(model=model, days=days, at=at, labels=True)
    quarantined = QuarantinedRow.objects.filter(batch__model__client=client)
    held = [row.pk for row in quarantined.iterator() if subject.is_in(row.content)]
    touched.add("quarantined rows", [str(pk) for pk in held])
    QuarantinedRow.objects.filter(pk__in=held).delete()
    answers = IdempotentRequest.objects.filter(client=client)
    kept = [row.pk for row in answers.iterator() if subject.is_in(row.answer)]
    touched.add("stored answers", [str(pk) for pk in kept])
    IdempotentRequest.objects.filter(pk__in=kept).delete()
    return touched


@transaction.atomic
def delete_day(*, model: MaintainedModel, day: date) -> int:
    """Delete a local day's production rows with what hangs on them by id; how many rows went.

    Nobody else changes rows of the model until the transaction ends.
    """
    writer().lock(model, alone=True)
    zone = zone_of(model.client.timezone)
    rows = PredictionLog.objects.filter(
        client_id=model.client_id,
        model=model,
        timestamp__gte=start_of_day(day, zone),
        timestamp__lt=start_of_day(day + timedelta(days=1), zone),
    )
    removed = 0
    for part in _parts(rows.values_list("row_id", flat=True)):
        own = {"client_id": model.client_id, "model": model, "row_id__in": part}
        Outcome.objects.filter(**own).delete()
        PendingFeedback.objects.filter(**own).delete()
        removed += PredictionLog.objects.filter(**own).delete()[1][PredictionLog._meta.label]
    return removed


def _logs(model: MaintainedModel, subject: Subject) -> tuple[set[str], set[date]]:
    zone = zone_of(model.client.timezone)
    ids: set[str] = set()
    days: set[date] = set()
    rows = PredictionLog.objects.filter(client_id=model.client_id, model=model)
    columns = rows.values_list("row_id", "timestamp", "input", "context", "signals")
    for row_id, timestamp, given, context, signals in columns.iterator(chunk_size=2000):
        if (
            subject.equals(row_id)
            or any(subject.equals(value) for value in context.values())
            or any(subject.is_in(part) for part in (row_id, given, context, signals))
        ):
            ids.add(row_id)
            days.add(local_day(timestamp, zone))
    return ids, days


def _pending(model: MaintainedModel, subject: Subject) -> set[str]:
    rows = PendingFeedback.objects.filter(client_id=model.client_id, model=model)
    return {
        row_id
        for row_id, content in rows.values_list("row_id", "content").iterator()
        if subject.equals(row_id) or subject.is_in(row_id) or subject.is_in(content)
    }


def _tombstones_wanted(model: MaintainedModel, subject: Subject, logs: set[str]) -> set[str]:
    """Dataset rows that name the person and were made from no log row that does."""
    rows = DatasetRow.objects.filter(dataset__model=model, input__isnull=False)
    return {
        row_id
        for row_id, given in rows.values_list("row_id", "input").iterator()
        if row_id not in logs and (subject.is_in(row_id) or subject.is_in(given))
    }


def _delete(rows: models.QuerySet[Any], ids: set[str], model: MaintainedModel) -> Iterator[str]:
    for part in _parts(ids):
        found = rows.filter(row_id__in=part)
        yield from [f"{model.slug} {row_id}" for row_id in found.values_list("row_id", flat=True)]
        found.delete()


def _rename(rows: list[DatasetRow]) -> None:
    """Tombstones whose very id names the person are known by their digest from now on."""
    for row in rows:
        row.row_id, row.log_row_id = f"erased-{row.digest[:16]}", ""
    DatasetRow.objects.bulk_update(rows, ["row_id", "log_row_id"], batch_size=200)


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
