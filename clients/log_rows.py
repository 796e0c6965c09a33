"""A raw row of production to a checked one: what the log contract asks of it. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from agency.base.clock import parse_instant, rfc3339
from agency.base.errors import BadInput
from clients.canonical import content_digest
from clients.readers import Problem, RawRow
from clients.schema import LONGEST_LABEL, Schema, SchemaError, parse_number

LABEL_SOURCES = ("review", "override", "targeted")
LONGEST_ID = 200
LONGEST_VERSION = 40
MOST_KEYS = 200
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_KEYS = frozenset(
    ["id", "timestamp", "input", "context", "model_version", "prediction", "confidence", "feedback"]
)
_REACTIONS = ("label", "label_source", "thumbs")


@dataclass(frozen=True)
class Feedback:
    """What people said of a row. ``signals`` are proxies: watched, never trained on."""

    label: str = ""
    source: str = ""
    thumbs: str = ""
    signals: Mapping[str, Any] = field(default_factory=dict)

    def labels_only(self) -> "Feedback":
        """Without the reactions, which belong to the answer that people saw."""
        return replace(self, thumbs="", signals={})


@dataclass(frozen=True)
class LogRow:
    """A row that may be stored. ``content_sha256`` is of everything that was sent but feedback."""

    line: int
    row_id: str
    timestamp: datetime
    input: Mapping[str, Any]
    context: Mapping[str, Any]
    model_version: str
    prediction: str
    confidence: float | None
    feedback: Feedback
    content_sha256: str


class RowError(ValueError):
    """The row breaks the contract; ``problem`` says where and how."""

    def __init__(self, pointer: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.problem = Problem(pointer, code, detail)


def check_log_row(
    row: RawRow, *, schema: Schema, latest: datetime, ignored: Counter[str]
) -> LogRow:
    """The row, checked against contract and schema; unknown keys are counted in ``ignored``.

    ``latest`` is the last instant that a timestamp may name. Raises ``RowError``.
    """
    values = nest(row.values, schema) if row.is_csv else row.values
    unknown = [key for key in values if key not in _KEYS]
    row_id = _string(values, "id", LONGEST_ID)
    timestamp = _timestamp(values.get("timestamp"), latest)
    given = values.get("input")
    if not isinstance(given, dict):
        raise RowError("/input", "missing" if given is None else "not_an_object", "no input object")
    try:
        clean = schema.check_input(given)
    except SchemaError as error:
        raise RowError(error.pointer, error.code, error.detail) from error
    unknown += [f"input.{key}" for key in given if key not in clean]
    context = _context(values.get("context"))
    version = _optional(values, "model_version", LONGEST_VERSION)
    prediction, confidence = _answer(values)
    feedback, others = check_feedback(values.get("feedback"), from_csv=row.is_csv)
    ignored.update(key[:100] for key in unknown)
    ignored.update(f"feedback.{key}"[:100] for key in others)
    digest = content_digest(
        {
            "timestamp": rfc3339(timestamp),
            "input": clean,
            "context": context,
            "model_version": version,
            "prediction": prediction,
            "confidence": confidence,
        }
    )
    return LogRow(
        line=row.line,
        row_id=row_id,
        timestamp=timestamp,
        input=clean,
        context=context,
        model_version=version,
        prediction=prediction,
        confidence=confidence,
        feedback=feedback,
        content_sha256=digest,
    )


def check_feedback(value: Any, *, from_csv: bool = False) -> tuple[Feedback, list[str]]:
    """A feedback object, checked, and the keys that are no scalars. Raises ``RowError``."""
    if value is None:
        return Feedback(), []
    if not isinstance(value, dict):
        raise RowError("/feedback", "not_an_object", "feedback must be an object")
    label = _optional(value, "label", LONGEST_LABEL, "/feedback")
    source = _optional(value, "label_source", LONGEST_LABEL, "/feedback")
    if label and not source:
        detail = f"a label needs a label_source: {', '.join(LABEL_SOURCES)}"
        raise RowError("/feedback/label_source", "missing", detail)
    if source and source not in LABEL_SOURCES:
        detail = f"must be one of {', '.join(LABEL_SOURCES)}"
        raise RowError("/feedback/label_source", "unknown_source", detail)
    thumbs = _optional(value, "thumbs", LONGEST_LABEL, "/feedback")
    if thumbs not in ("", "up", "down"):
        raise RowError("/feedback/thumbs", "unknown_value", "must be up, down or null")
    signals: dict[str, Any] = {}
    others = []
    for key, item in value.items():
        if key in _REACTIONS or item is None:
            continue
        if isinstance(item, list | dict):
            others.append(key)
        else:
            signals[key] = _from_cell(item) if from_csv else item
    if len(signals) > MOST_KEYS:
        raise RowError("/feedback", "too_many", f"more than {MOST_KEYS} signals")
    return Feedback(label, source if label else "", thumbs, signals), others


def nest(cells: Mapping[str, str], schema: Schema) -> dict[str, Any]:
    """A CSV row (id, timestamp, text or features, context.*, ...) in the shape of a JSON row."""
    values: dict[str, Any] = {}
    given: dict[str, Any] = {}
    context: dict[str, Any] = {}
    feedback: dict[str, Any] = {}
    columns = frozenset(schema.columns)
    for name, cell in cells.items():
        present = cell if cell.strip() else None
        if name.startswith("context."):
            context[name.removeprefix("context.")] = present
        elif name.startswith("feedback."):
            feedback[name.removeprefix("feedback.")] = present
        elif name in columns:
            given[name] = present
        elif name in _REACTIONS:
            feedback[name] = present
        elif name == "confidence" and present is not None:
            values[name] = present if (number := parse_number(present)) is None else number
        elif name not in ("input", "context", "feedback"):
            values[name] = present
    return values | {"input": given, "context": context, "feedback": feedback}


def _from_cell(cell: Any) -> Any:
    if cell.strip().lower() in ("true", "false"):
        return cell.strip().lower() == "true"
    number = parse_number(cell)
    return cell if number is None else number


def _optional(values: Mapping[str, Any], key: str, longest: int, prefix: str = "") -> str:
    value = values.get(key)
    pointer = f"{prefix}/{key}"
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowError(pointer, "not_a_string", f"{key} must be a string")
    if len(value) > longest:
        raise RowError(pointer, "too_long", f"{key} is longer than {longest} characters")
    return value.strip()


def _string(values: Mapping[str, Any], key: str, longest: int) -> str:
    value = _optional(values, key, longest)
    if not value:
        raise RowError(f"/{key}", "missing", f"the row has no {key}")
    return value


def _timestamp(value: Any, latest: datetime) -> datetime:
    if value is None:
        raise RowError("/timestamp", "missing", "the row has no timestamp")
    if not isinstance(value, str):
        raise RowError("/timestamp", "not_a_time", "the timestamp must be a string (RFC 3339)")
    try:
        instant = parse_instant(value)
    except BadInput as error:
        raise RowError("/timestamp", "not_a_time", str(error)[:200]) from error
    if instant < EARLIEST:
        raise RowError("/timestamp", "too_early", "before 1970")
    if instant > latest:
        raise RowError("/timestamp", "in_the_future", "the timestamp lies in the future")
    return instant


def _context(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RowError("/context", "not_an_object", "context must be an object")
    if len(value) > MOST_KEYS:
        raise RowError("/context", "too_many", f"more than {MOST_KEYS} keys")
    for key, item in value.items():
        if isinstance(item, list | dict):
            raise RowError(f"/context/{key}"[:200], "not_a_value", "must be one value")
    return value


def _answer(values: Mapping[str, Any]) -> tuple[str, float | None]:
    prediction = _optional(values, "prediction", LONGEST_LABEL)
    confidence = values.get("confidence")
    if not prediction and confidence is None:
        return "", None
    if confidence is None:
        raise RowError("/confidence", "missing", "a prediction needs its confidence")
    if not prediction:
        raise RowError("/prediction", "missing", "a confidence needs its prediction")
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise RowError("/confidence", "not_a_number", "confidence must be a number")
    if not 0 <= confidence <= 1:
        raise RowError("/confidence", "out_of_range", "confidence must be from 0 to 1")
    return prediction, float(confidence)
