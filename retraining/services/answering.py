"""Rows that are answered at once: by the live version, and logged as production rows."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from agency.base.clock import local_day, rfc3339, zone_of
from agency.base.errors import Conflict, NotFound
from clients import queries as client_queries
from clients.canonical import content_digest
from clients.feedback import Late, attach
from clients.ingest import BrokenRows, ConflictingRows, RejectedRows, TooManyRows, Unreadable
from clients.ingest.arrival import feedback_of
from clients.log_days import touch
from clients.log_rows import LONGEST_ID, MOST_KEYS
from clients.models import MaintainedModel, PendingFeedback, PredictionLog
from clients.readers import RawRow
from clients.redaction_rules import Redactor, redactor_of
from clients.schema import Schema, SchemaError
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


def check_questions(*, model: MaintainedModel, rows: Iterable[RawRow], most_rows: int) -> Questions:
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
            found.append(_question(raw, schema, redact, ignored))
        except _Bad as bad:
            rejected.append(_fault(number, raw.line, bad.pointer, bad.code))
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
            rejected.append(_fault(number, number + 1, "/id", "conflict"))
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
    today = local_day(at, zone_of(model.client.timezone))
    touch(model=model, changed={today: False} | _attach_waiting(model, rows, at), at=at)
    return logs


def _attach_waiting(
    model: MaintainedModel, rows: Sequence[Question], at: datetime
) -> dict[date, bool]:
    """Add the feedback that came before its row; the days that changed, true where a label did.

    What contradicts other feedback of its row stays where it is: nobody is there to be told.
    """
    waiting = PendingFeedback.objects.filter(client_id=model.client_id, model=model)
    if not waiting.order_by().exists():
        return {}
    days: dict[date, bool] = {}
    for start in range(0, len(rows), 500):
        ids = [row.row_id for row in rows[start : start + 500]]
        found = list(waiting.filter(row_id__in=ids).order_by("row_id", "pk"))
        items = [Late(p.pk, 0, "", p.row_id, feedback_of(p.content)) for p in found]
        done = attach(model=model, items=items, at=at)
        left = {late.seq for late, _ in done.contradictions}
        waiting.filter(pk__in=[p.pk for p in found if p.pk not in left]).delete()
        days |= done.days
    return days


def _answer(log: PredictionLog) -> Answer:
    return Answer(log.row_id, log.prediction, float(log.confidence or 0.0), log.model_version)


def _question(
    raw: RawRow, schema: Schema, redact: Redactor | None, ignored: Counter[str]
) -> Question:
    if raw.problem is not None:
        raise _Bad(raw.problem.pointer, raw.problem.code)
    values = raw.values
    row_id = values.get("id")
    if row_id is None:
        row_id = uuid.uuid4().hex
    elif not isinstance(row_id, str):
        raise _Bad("/id", "not_a_string")
    elif not row_id.strip():
        raise _Bad("/id", "missing")
    elif len(row_id) > LONGEST_ID:
        raise _Bad("/id", "too_long")
    if "input" not in values:
        raise _Bad("/input", "missing")
    if not isinstance(values["input"], dict):
        raise _Bad("/input", "not_an_object")
    try:
        asked = schema.check_input(values["input"])
    except SchemaError as error:
        raise _Bad(error.pointer, error.code) from error
    context = _context(values.get("context"))
    ignored.update(key[:100] for key in values if key not in ASKED)
    ignored.update(f"input.{key}"[:100] for key in values["input"] if key not in asked)
    if redact is not None:
        asked, context = redact(asked, context)
    digest = content_digest({"asked": asked, "context": context})
    return Question(row_id.strip(), asked, context, digest)


def _context(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Bad("/context", "not_an_object")
    if len(value) > MOST_KEYS:
        raise _Bad("/context", "too_many")
    if any(isinstance(item, list | dict) for item in value.values()):
        raise _Bad("/context", "not_a_value")
    return value


class _Bad(ValueError):
    def __init__(self, pointer: str, code: str) -> None:
        super().__init__(code)
        self.pointer = pointer
        self.code = code


def _fault(row: int, line: int, pointer: str, code: str) -> dict[str, Any]:
    return {"file": "", "row": row, "line": line, "pointer": pointer, "code": code, "detail": code}
