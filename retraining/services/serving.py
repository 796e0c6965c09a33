"""Answer rows, and change which version answers them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from agency.base import clock
from agency.base.errors import BadInput, Conflict, NotFound
from clients import queries as client_queries
from clients.answers import store_answers
from clients.ingest import IngestResult, ingest
from clients.models import MaintainedModel, PredictionLog
from clients.readers import read_rows
from clients.schema import Schema, SchemaError
from retraining import artifacts, loop
from retraining.models import ModelVersion, Rollout
from retraining.queries import find_version, live_rollout, rollout_before
from retraining.stages.rollout import switch


@dataclass(frozen=True)
class RolledBack:
    """Which version went, and which is live again."""

    from_version: ModelVersion
    to_version: ModelVersion


def rollback(*, model: MaintainedModel, by: str, reason: str, at: datetime) -> RolledBack:
    """The version that was live before the live one is live again."""
    if not by.strip() or not reason.strip():
        raise BadInput("a rollback needs a name and a reason")
    with transaction.atomic():
        current = live_rollout(model)
        previous = rollout_before(current)
        if previous is None:
            raise Conflict(f"{model} has no version before {current.version}")
        switch(version=previous.version, by=by, reason=reason, at=at, strategy="rollback")
    return RolledBack(current.version, previous.version)


def score_pending(*, model: MaintainedModel, progress: loop.Progress | None = None) -> int:
    """Answer the rows that came without an answer, each by the version live at its timestamp."""
    schema = Schema.from_dict(model.schema)
    rollouts = list(
        Rollout.objects.filter(model=model).select_related("version").order_by("started_at", "pk")
    )
    if not rollouts:
        raise NotFound(f"{model} has never had a live version")
    scored = 0
    for number, rollout in enumerate(rollouts):
        pending = PredictionLog.objects.filter(model=model, answered=PredictionLog.Answered.NONE)
        if number:
            pending = pending.filter(timestamp__gte=rollout.started_at)
        if rollout.ended_at:
            pending = pending.filter(timestamp__lt=rollout.ended_at)
        rows = list(pending.order_by("pk").only("pk", "input", "replayed", "timestamp"))
        if not rows:
            continue
        inputs = client_queries.inputs_frame(schema=schema, inputs=[row.input for row in rows])
        answers, confidences = artifacts.load(rollout.version).predict(inputs)
        for row, answer, confidence in zip(rows, answers, confidences, strict=True):
            row.prediction, row.confidence = str(answer), float(confidence)
            row.model_version = rollout.version.name
            row.answered = (
                PredictionLog.Answered.REPLAY if row.replayed else PredictionLog.Answered.SERVICE
            )
        scored += store_answers(model=model, rows=rows, at=clock.now())
        if progress:
            progress(f"{len(rows)} rows answered by {rollout.version}")
    return scored


@dataclass(frozen=True)
class Answer:
    """A version's answer to one row."""

    id: str
    prediction: str
    confidence: float
    version: str


def predict(
    *, model: MaintainedModel, rows: Sequence[tuple[str, Mapping[str, Any]]], version: str = "live"
) -> list[Answer]:
    """Answer every (id, input) row by the named version; nothing is logged."""
    chosen = find_version(model, version)
    schema = Schema.from_dict(model.schema)
    cleaned = [schema.check_input(given) for _, given in rows]
    if not cleaned:
        raise BadInput("there are no rows to answer")
    inputs = client_queries.inputs_frame(schema=schema, inputs=cleaned)
    answers, confidences = artifacts.load(chosen).predict(inputs)
    return [
        Answer(row_id, str(answer), float(confidence), chosen.name)
        for (row_id, _), answer, confidence in zip(rows, answers, confidences, strict=True)
    ]


def predict_file(
    *, model: MaintainedModel, name: str, content: bytes, version: str
) -> list[Answer]:
    """Answer every row of a CSV or NDJSON file: ``text`` or the features, ``id`` if there is one.

    Other columns are ignored. ``BadInput`` names the line of the first row that can't be answered.
    """
    rows: list[tuple[str, Mapping[str, Any]]] = []
    schema = Schema.from_dict(model.schema)
    for number, raw in enumerate(read_rows(content, name), start=1):
        if raw.problem is not None:
            raise BadInput(f"{name} line {raw.line}: {raw.problem.detail}")
        given = raw.values.get("input")
        values = given if isinstance(given, Mapping) else raw.values
        if missing := [column for column in schema.columns if column not in values]:
            raise BadInput(f"{name} line {raw.line}: the column {missing[0]!r} is missing")
        try:
            cleaned = schema.check_input(values)
        except SchemaError as error:
            raise BadInput(f"{name} line {raw.line}: {error}") from error
        row_id = raw.values.get("id")
        rows.append((f"r-{number:06d}" if row_id in (None, "") else str(row_id), cleaned))
    return predict(model=model, rows=rows, version=version)


def import_logs(
    *,
    model: MaintainedModel,
    files: Sequence[tuple[str, bytes]],
    partial: bool,
    ignore_predictions: bool,
    at: datetime,
    progress: loop.Progress | None = None,
) -> tuple[IngestResult, int]:
    """Store production rows and answer those that came unanswered; the result and how many."""
    done = ingest(
        model=model, files=files, partial=partial, ignore_predictions=ignore_predictions, at=at
    )
    return done, score_pending(model=model, progress=progress)
