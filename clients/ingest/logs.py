"""Bytes to stored production rows: read, checked, compared with what is known, written in bulk."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from agency.base import clock
from agency.base.errors import BadInput, Conflict
from clients.feedback import FEEDBACK_FIELDS, apply_feedback, find_logs
from clients.ingest.errors import RejectedRows
from clients.ingest.forms import Form
from clients.ingest.result import IngestResult
from clients.log_days import touch_days
from clients.log_rows import LogRow, RowError, check_log_row
from clients.models import MaintainedModel, PredictionLog, QuarantinedRow, UploadBatch
from clients.readers import Problem, RawRow, read_rows
from clients.schema import Schema

CHUNK = 500  # rows compared and written at once: under SQLite's limit of variables
LONGEST_QUARANTINED = 20_000
MOST_IGNORED = 200  # different unknown keys that are named
CLOCK_SKEW = timedelta(days=1)  # a client's clock may run ahead; it can't be next week

T = TypeVar("T")


def ingest(
    *,
    model: MaintainedModel,
    files: Sequence[tuple[str, bytes]],
    partial: bool = False,
    ignore_predictions: bool = False,
    at: datetime,
) -> IngestResult:
    """Store the rows of ``files`` (name, bytes) as one batch: all of them or nothing.

    With ``partial`` the good rows are stored and the bad ones kept in quarantine. With
    ``ignore_predictions`` only the labels of the feedback are used, and the answer is left to
    scoring. A row that is known already is a duplicate; feedback that it lacks is attached.

    Raises ``BadInput`` for a file that can't be read or holds no row, ``RejectedRows`` for bad rows
    without ``partial``, ``Conflict`` where another upload stored the same ids at the same moment.
    """
    if not files:
        raise BadInput("no file to import")
    try:
        with transaction.atomic():
            batch = UploadBatch.objects.create(
                model=model, name=_name(files), sha256=_sha256(files), received_at=at
            )
            intake = _Intake(model, batch, ignore_predictions, at, many=len(files) > 1)
            for name, content in files:
                intake.take(name, content)
            if intake.rejected and not partial:
                raise RejectedRows(intake.rejected)
            return intake.finish()
    except IntegrityError as error:
        raise Conflict("another upload stored the same ids just now; send it again") from error


@dataclass
class _Intake:
    model: MaintainedModel
    batch: UploadBatch
    ignore_predictions: bool
    at: datetime
    many: bool
    counts: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    days: dict[bool, set[date]] = field(default_factory=lambda: {False: set(), True: set()})

    def __post_init__(self) -> None:
        self.schema = Schema.from_dict(self.model.schema)
        self.latest = clock.now() + CLOCK_SKEW
        self.zone = clock.zone_of(self.model.client.timezone)

    def take(self, name: str, content: bytes) -> None:
        rows = 0
        for chunk in _chunks(read_rows(content, name), CHUNK):
            rows += len(chunk)
            self._store(name, chunk)
        if not rows:
            raise BadInput(f"{name}: the file has no row")

    def _store(self, name: str, chunk: Sequence[RawRow]) -> None:
        checked: list[tuple[RawRow, LogRow]] = []
        for raw in chunk:
            if raw.problem is not None:
                self._reject(name, raw, raw.problem)
                continue
            try:
                row = check_log_row(
                    raw, schema=self.schema, latest=self.latest, ignored=self.ignored
                )
            except RowError as error:
                self._reject(name, raw, error.problem)
            else:
                checked.append((raw, row))
        known = find_logs(model=self.model, row_ids=[row.row_id for _, row in checked])
        new: dict[str, PredictionLog] = {}
        changed: dict[str, PredictionLog] = {}
        for raw, row in checked:
            log = known.get(row.row_id) or new.get(row.row_id)
            if log is None:
                new[row.row_id] = self._log(row)
                continue
            try:
                late = self._repeat(log, row)
            except RowError as error:
                self._reject(name, raw, error.problem)
                continue
            self.counts["duplicates"] += 1
            if late:
                self.counts["labels"] += 1
                if log.pk:
                    changed[row.row_id] = log
        self.counts["accepted"] += len(new)
        for log in (*new.values(), *changed.values()):
            self.days[bool(log.label)].add(clock.local_day(log.timestamp, self.zone))
        PredictionLog.objects.bulk_create(new.values(), batch_size=CHUNK)
        PredictionLog.objects.bulk_update(changed.values(), FEEDBACK_FIELDS, batch_size=100)

    def _repeat(self, log: PredictionLog, row: LogRow) -> bool:
        if log.content_sha256 != row.content_sha256:
            raise RowError("/id", "conflict", "another row has this id already")
        feedback = row.feedback.labels_only() if self.ignore_predictions else row.feedback
        return apply_feedback(log, feedback, at=self.at)

    def _log(self, row: LogRow) -> PredictionLog:
        feedback = row.feedback
        log = PredictionLog(
            client_id=self.model.client_id,
            model=self.model,
            batch=self.batch,
            row_id=row.row_id,
            timestamp=row.timestamp,
            input=row.input,
            context=row.context,
            content_sha256=row.content_sha256,
            answered=PredictionLog.Answered.NONE,
            received_at=self.at,
        )
        if self.ignore_predictions:
            log.replayed = True
            feedback = feedback.labels_only()
        elif row.prediction:
            log.answered = PredictionLog.Answered.CLIENT
            log.model_version = row.model_version
            log.prediction, log.confidence = row.prediction, row.confidence
        log.thumbs, log.signals = feedback.thumbs, dict(feedback.signals)
        if feedback.label:
            log.label, log.label_source, log.labelled_at = feedback.label, feedback.source, self.at
        return log

    def _reject(self, name: str, raw: RawRow, problem: Problem) -> None:
        pointer = (raw.prefix + problem.pointer)[:200]
        found = {"line": raw.line, "pointer": pointer, "code": problem.code}
        self.rejected.append({"file": name} | found | {"detail": problem.detail})
        detail = f"{name}: {problem.detail}" if self.many else problem.detail
        content = raw.content[:LONGEST_QUARANTINED]
        self.quarantined.append(
            QuarantinedRow(batch=self.batch, detail=detail, content=content, **found)
        )

    def finish(self) -> IngestResult:
        QuarantinedRow.objects.bulk_create(self.quarantined, batch_size=CHUNK)
        batch = self.batch
        batch.accepted = self.counts["accepted"]
        batch.duplicates = self.counts["duplicates"]
        batch.labels = self.counts["labels"]
        batch.rejected = len(self.rejected)
        batch.ignored_keys = dict(self.ignored.most_common(MOST_IGNORED))
        batch.save()
        for labelled, days in self.days.items():
            touch_days(model=self.model, days=days, at=self.at, labels=labelled)
        return IngestResult(
            batch, batch.accepted, batch.duplicates, batch.labels, self.rejected, batch.ignored_keys
        )


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _name(files: Sequence[tuple[str, bytes]]) -> str:
    return ", ".join(name for name, _ in files)[:255]


def _sha256(files: Sequence[tuple[str, bytes]]) -> str:
    """Of the file; of the files' digests one after the other where there are several."""
    digests = [hashlib.sha256(content).hexdigest() for _, content in files]
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    )


def ingest_stream(
    *,
    model: MaintainedModel,
    chunks: Iterable[bytes],
    form: Form,
    name: str,
    partial: bool = False,
    ignore_predictions: bool = False,
    at: datetime,
    most_rows: int | None = None,
) -> IngestResult:
    """Store the rows of decompressed bytes that come in pieces of any size; see ``ingest``.

    Raises ``Unreadable`` (400), ``TooManyRows`` (413), ``RejectedRows`` (422) or one of its kinds:
    ``BrokenRows`` (400), ``ConflictingRows`` (409). Nothing in them comes from what was sent.
    """
    return ingest(
        model=model,
        files=[(f"upload.{form}", b"".join(chunks))],
        partial=partial,
        ignore_predictions=ignore_predictions,
        at=at,
    )
