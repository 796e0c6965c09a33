"""A raw row of production to a checked one: what the log contract asks of it. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from agency.base.clock import parse_instant, rfc3339
from agency.base.errors import BadInput
from clients.canonical import parts_digest, sorted_json
from clients.readers import Problem, RawRow
from clients.schema import LONGEST_LABEL, Schema, SchemaError, parse_number

LABEL_SOURCES = ("review", "override", "targeted")
LONGEST_ID = 200
LONGEST_VERSION = 40
MOST_KEYS = 200
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

KEYS = frozenset(
    ["id", "timestamp", "input", "context", "model_version", "prediction", "confidence", "feedback"]
)
REACTIONS = ("label", "label_source", "thumbs")


@dataclass(frozen=True)
class Feedback:
    """What people said of a row. ``signals`` are proxies: watched, never trained on."""

    label: str = ""
    source: str = ""
    thumbs: str = ""
    signals: Mapping[str, Any] = field(default_factory=dict)
    # When each signal was seen (RFC 3339, UTC), where that was told.
    signals_at: Mapping[str, str] = field(default_factory=dict)

    def labels_only(self) -> "Feedback":
        """Without the reactions, which belong to the answer that people saw."""
        return replace(self, thumbs="", signals={}, signals_at={})


Redactor = Callable[[dict[str, Any], dict[str, Any]], tuple[dict[str, Any], dict[str, Any]]]


class LogRow(NamedTuple):
    """A row that may be stored, as the database takes it: times and objects are written out.

    ``content_sha256`` is of everything that is kept of what was sent but feedback. ``raw`` is the
    row as it came where it may have to go to quarantine yet. ``signals_at`` is JSON or ``None``.
    """

    seq: int
    line: int
    row_id: str
    timestamp: str
    input: str
    context: str
    content_sha256: str
    model_version: str
    prediction: str
    confidence: float | None
    label: str
    label_source: str
    thumbs: str
    signals: str
    signals_at: str | None
    raw: str | None


class RowError(ValueError):
    """The row breaks the contract; ``problem`` says where and how."""

    def __init__(self, pointer: str, code: str, detail: str, *, broken: bool = False) -> None:
        super().__init__(detail)
        self.problem = Problem(pointer, code, detail, broken)


@dataclass(frozen=True)
class Rules:
    """What the rows of one upload are checked and stored by.

    ``latest``: the last instant that a timestamp may name. ``redactor`` masks input and context.
    ``labels_only``: the answer that was sent and the reactions to it are not stored.
    ``keep_raw``: bad rows may go to quarantine.
    """

    schema: Schema
    latest: datetime
    redactor: Redactor | None = None
    labels_only: bool = False
    keep_raw: bool = False


def check_log_row(row: RawRow, *, seq: int, rules: Rules, ignored: Counter[str]) -> LogRow:
    """The row, checked against contract and schema; unknown keys are counted in ``ignored``.

    Raises ``RowError``.
    """
    schema = rules.schema
    values = nest(row.values, schema) if row.is_csv else row.values
    unknown = [key for key in values if key not in KEYS]
    row_id = string(values, "id", LONGEST_ID)
    timestamp = instant(values.get("timestamp"), "timestamp", rules.latest)
    given = values.get("input")
    if given is None:
        raise RowError("/input", "missing", "no input object")
    if not isinstance(given, dict):
        raise RowError("/input", "not_an_object", "no input object", broken=True)
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
    raw = row.content if rules.keep_raw else None
    stamp = rfc3339(timestamp)
    answer = (version, prediction, confidence)
    return stored_row((seq, row.line, row_id, stamp), clean, context, answer, feedback, raw, rules)


def stored_row(
    head: tuple[int, int, str, str],
    given: Any,
    context: dict[str, Any],
    answer: tuple[str, str, float | None],
    feedback: Feedback,
    raw: str | None,
    rules: Rules,
) -> LogRow:
    """A checked row as it is stored: (seq, line, id, timestamp), input, (version, answer, ...)."""
    if rules.redactor is not None:
        given, context = rules.redactor(given, context)
    written = sorted_json(given)
    free = sorted_json(context) if context else "{}"
    version, prediction, confidence = answer
    digest = parts_digest(
        head[3], written, free, version, prediction, "" if confidence is None else repr(confidence)
    )
    if rules.labels_only:
        version, prediction, confidence = "", "", None
        feedback = feedback.labels_only()
    elif not prediction:
        version = ""
    return LogRow(
        *head,
        written,
        free,
        digest,
        version,
        prediction,
        confidence,
        feedback.label,
        feedback.source,
        feedback.thumbs,
        sorted_json(feedback.signals) if feedback.signals else "{}",
        sorted_json(feedback.signals_at) if feedback.signals_at else None,
        raw,
    )


def check_feedback(value: Any, *, from_csv: bool = False) -> tuple[Feedback, list[str]]:
    """A feedback object, checked, and the keys that are no scalars. Raises ``RowError``."""
    if value is None:
        return Feedback(), []
    if not isinstance(value, dict):
        raise RowError("/feedback", "not_an_object", "feedback must be an object", broken=True)
    if not value:
        return Feedback(), []
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
        if key in REACTIONS or item is None:
            continue
        if isinstance(item, list | dict):
            others.append(key)
        else:
            signals[key] = from_cell(item) if from_csv else item
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
        elif name in REACTIONS:
            feedback[name] = present
        elif name == "confidence" and present is not None:
            values[name] = present if (number := parse_number(present)) is None else number
        elif name not in ("input", "context", "feedback"):
            values[name] = present
    return values | {"input": given, "context": context, "feedback": feedback}


def from_cell(cell: Any) -> Any:
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


def string(values: Mapping[str, Any], key: str, longest: int) -> str:
    """The string under ``key``, which has to be there. Raises ``RowError``."""
    value = _optional(values, key, longest)
    if not value:
        raise RowError(f"/{key}", "missing", f"the row has no {key}")
    return value


def instant(value: Any, key: str, latest: datetime) -> datetime:
    """The instant under ``key``, in UTC. Raises ``RowError``; a naive time is no time at all."""
    pointer = f"/{key}"
    if value is None:
        raise RowError(pointer, "missing", f"the row has no {key}")
    if not isinstance(value, str):
        raise RowError(pointer, "not_a_time", f"the {key} must be a string (RFC 3339)")
    try:
        found = parse_instant(value)
    except BadInput as error:
        broken = "no offset" in str(error)
        raise RowError(pointer, "not_a_time", str(error)[:200], broken=broken) from error
    if found < EARLIEST:
        raise RowError(pointer, "too_early", "before 1970")
    if found > latest:
        raise RowError(pointer, "in_the_future", f"the {key} lies in the future")
    return found


def _context(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RowError("/context", "not_an_object", "context must be an object", broken=True)
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
