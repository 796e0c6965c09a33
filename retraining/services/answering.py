"""Rows that are answered at once: by the live version, and logged as production rows."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from agency.base.clock import local_day, rfc3339, zone_of
from agency.base.errors import Conflict, NotFound
from clients import queries as client_queries
from clients.canonical import content_digest
from clients.ingest import BrokenRows, ConflictingRows, RejectedRows, TooManyRows, Unreadable
from clients.log_days import touch_days
from clients.log_rows import RowError, check_log_row
from clients.models import MaintainedModel, PredictionLog
from clients.readers import RawRow
from clients.redaction_rules import redactor_of
from clients.schema import Schema
from retraining import artifacts
from retraining.models import ModelVersion
from retraining.queries import live_rollout
from retraining.services.serving import Answer

ATTEMPTS = 3
ASKED = ("id", "input", "context")
BROKEN = frozenset({"not_json", "not_an_object", "too_deep", "not_finite", "nul", "half_character"})


@dataclass(frozen=True)
class Question:
    """A row that wants an answer, checked and without what the client's rules mask."""

    row_id: str
    input: dict[str, Any]
    context: dict[str, Any]
    content_sha256: str


@dataclass(frozen=True)
class Questions:
    """The rows of one request in their order; ``ignored_keys``: unknown keys, and how often."""

    rows: tuple[Question, ...]
    ignored_keys: dict[str, int]


def check_questions(
    *, model: MaintainedModel, rows: Iterable[RawRow], most_rows: int, at: datetime
) -> Questions:
    """The rows, each ``{id?, input, context?}``; one without an id gets one of ours.

    Raises ``Unreadable`` where there is none, ``TooManyRows``, and ``RejectedRows`` or one of its
    kinds with every bad row.
    """
    schema = Schema.from_dict(model.schema)
    redact = redactor_of(model.client)
    found: list[Question] = []
    rejected: list[dict[str, Any]] = []
    ignored: Counter[str] = Counter()
    for number, raw in enumerate(rows):
        if number == most_rows:
            raise TooManyRows(f"More than {most_rows:,} rows in one request.")
        try:
            found.append(_question(raw, schema, redact, at, ignored))
        except RowError as error:
            problem = error.problem
            rejected.append(
                {
                    "file": "",
                    "row": number,
                    "line": raw.line,
                    "pointer": problem.pointer,
                    "code": problem.code,
                    "detail": problem.detail,
                }
            )
    if rejected:
        broken = any(bad["code"] in BROKEN for bad in rejected)
        raise (BrokenRows if broken else RejectedRows)(rejected)
    if not found:
        raise Unreadable("empty", "There are no rows to answer.")
    return Questions(tuple(found), dict(ignored))


def load_live(*, model: MaintainedModel) -> ModelVersion:
    """The live version, its artifact verified and in memory. ``Conflict`` where none is live."""
    try:
        version = live_rollout(model).version
    except NotFound as error:
        raise Conflict(f"{model} has no live version") from error
    artifacts.load(version)
    return version


def routing(*, model: MaintainedModel) -> dict[str, Any]:
    """The split of traffic now in force: versions and their percent, one with all of it today.

    A caller that routes by itself keeps a key (a user, a conversation) on one version.
    ``Conflict`` where none is live.
    """
    try:
        rollout = live_rollout(model)
    except NotFound as error:
        raise Conflict(f"{model} has no live version") from error
    return {
        "model": model.slug,
        "split": [{"version": rollout.version.name, "percent": 100.0}],
        "sticky_by": "key",
        "since": rfc3339(rollout.started_at),
    }


def answer_and_log(
    *, model: MaintainedModel, version: ModelVersion, rows: Sequence[Question], at: datetime
) -> list[Answer]:
    """Answer every row by ``version`` and log it; a row that was answered before keeps its answer.

    Raises ``ConflictingRows`` where an id is known with other content, ``Conflict`` where others
    keep logging the same ids at the same moment.
    """
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _answer_and_log(model, version, rows, at)
        except IntegrityError:
            continue  # the same ids were logged just now: look again
    raise Conflict("another request logs the same ids just now; send it again")


def _answer_and_log(
    model: MaintainedModel, version: ModelVersion, rows: Sequence[Question], at: datetime
) -> list[Answer]:
    known = _known(model, rows)
    new: dict[str, Question] = {}
    rejected = []
    for number, row in enumerate(rows):
        logged = known.get(row.row_id)
        other = logged.content_sha256 if logged else new.setdefault(row.row_id, row).content_sha256
        if other != row.content_sha256:
            rejected.append(_conflict(number))
    if rejected:
        raise ConflictingRows(rejected)
    known |= {log.row_id: log for log in _log(model, version, list(new.values()), at)}
    return [_answer(known[row.row_id]) for row in rows]


def _known(model: MaintainedModel, rows: Sequence[Question]) -> dict[str, PredictionLog]:
    found: dict[str, PredictionLog] = {}
    ids = [row.row_id for row in rows]
    for start in range(0, len(ids), 500):
        logs = PredictionLog.objects.filter(
            client_id=model.client_id, model=model, row_id__in=ids[start : start + 500]
        ).only("row_id", "content_sha256", "prediction", "confidence", "model_version")
        found |= {log.row_id: log for log in logs}
    return found


def _log(
    model: MaintainedModel, version: ModelVersion, rows: Sequence[Question], at: datetime
) -> list[PredictionLog]:
    if not rows:
        return []
    schema = Schema.from_dict(model.schema)
    inputs = client_queries.inputs_frame(schema=schema, inputs=[row.input for row in rows])
    answers, confidences = artifacts.load(version).predict(inputs)
    logs = [
        PredictionLog(
            client_id=model.client_id,
            model=model,
            row_id=row.row_id,
            timestamp=at,
            input=row.input,
            context=row.context,
            content_sha256=row.content_sha256,
            answered=PredictionLog.Answered.SERVICE,
            model_version=version.name,
            prediction=str(answer),
            confidence=float(confidence),
            received_at=at,
        )
        for row, answer, confidence in zip(rows, answers, confidences, strict=True)
    ]
    PredictionLog.objects.bulk_create(logs, batch_size=500)
    touch_days(model=model, days=[local_day(at, zone_of(model.client.timezone))], at=at)
    return logs


def _answer(log: PredictionLog) -> Answer:
    return Answer(log.row_id, log.prediction, float(log.confidence or 0.0), log.model_version)


def _question(
    raw: RawRow, schema: Schema, redact: Any, at: datetime, ignored: Counter[str]
) -> Question:
    if raw.problem is not None:
        raise RowError(raw.problem.pointer, raw.problem.code, raw.problem.detail)
    given = {key: raw.values[key] for key in ASKED if key in raw.values}
    if given.get("id") is None:
        given["id"] = uuid.uuid4().hex
    row = check_log_row(
        RawRow(raw.line, given | {"timestamp": rfc3339(at)}, ""),
        schema=schema,
        latest=at,
        ignored=ignored,
    )
    ignored.update(key[:100] for key in raw.values if key not in ASKED)
    asked, context = dict(row.input), dict(row.context)
    if redact is not None:
        asked, context = redact(asked, context)
    digest = content_digest({"asked": asked, "context": context})
    return Question(row.row_id, asked, context, digest)


def _conflict(number: int) -> dict[str, Any]:
    return {
        "file": "",
        "row": number,
        "line": number + 1,
        "pointer": "/id",
        "code": "conflict",
        "detail": "another row has this id already",
    }
