"""The fast way through the check of a log row: all that is plainly right, and nothing else.

msgspec checks types, lengths and ranges while it decodes, so a row that is as the contract asks
costs a few microseconds. Whatever is the least bit odd (an escape that may hide a NUL or half a
character, a key twice, an unknown key, a number as a string, any failed check) is left to the
thorough check of ``clients.log_rows``, which decides and words the error. Rows are first looked at
all at once; where one of them is odd, one by one. What the fast way lets through it stores exactly
as the thorough one's ``stored_row`` would. Pure.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agency.base.clock import rfc3339
from clients.canonical import parts_digest, sorted_json
from clients.log_rows import (
    EARLIEST,
    LONGEST_ID,
    LONGEST_VERSION,
    MOST_KEYS,
    Feedback,
    LogRow,
    Rules,
    check_feedback,
    stored_row,
)
from clients.schema import LONGEST_LABEL, LONGEST_TEXT, LONGEST_VALUE, Schema

# NUL, a quote (which would spoil the count of them) or half of a surrogate pair, as escapes.
_HIDDEN = re.compile(rb"\\u(?:00(?:00|22)|[dD][89a-fA-F])")
_LONGEST = 2**63
_Whole = Annotated[int, Meta(ge=-_LONGEST, le=_LONGEST - 1)]
_Scalar = str | _Whole | float | bool | None
_Free = Annotated[dict[str, _Scalar], Meta(max_length=MOST_KEYS)]


class _Row(Struct, forbid_unknown_fields=True, gc=False):
    id: Annotated[str, Meta(max_length=LONGEST_ID)]
    timestamp: Annotated[str, Meta(max_length=40)]
    # The input's own type is put in here, by schema.
    context: _Free | UnsetType | None = UNSET
    model_version: Annotated[str, Meta(max_length=LONGEST_VERSION)] | UnsetType | None = UNSET
    prediction: Annotated[str, Meta(max_length=LONGEST_LABEL)] | UnsetType | None = UNSET
    confidence: Annotated[float, Meta(ge=0, le=1)] | UnsetType | None = UNSET
    feedback: _Free | UnsetType | None = UNSET


class _Text(Struct, forbid_unknown_fields=True, gc=False):
    text: Annotated[str, Meta(max_length=LONGEST_TEXT)]


_encode = msgspec.json.Encoder().encode
_NOTHING: tuple[Feedback, list[str]] = (Feedback(), [])
_SILENT = ("", "", "", "{}", None, None)  # no feedback, and nothing for quarantine
_made = tuple.__new__  # three times as fast as calling the named tuple
_NOT_READ = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)


class QuickCheck:
    """Checks lines of JSON; ``rows`` gives ``None`` for each one that has to be looked at closely."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.text = rules.schema.task == "text"
        self._decode, self._categories = _decoder(rules.schema)
        self._earliest, self._latest = (
            at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (EARLIEST, rules.latest)
        )

    def rows(self, lines: Sequence[bytes], seq: int, numbers: Sequence[int]) -> list[LogRow | None]:
        """One row a line, in order; ``seq`` is the first one's, ``numbers`` are lines of the file."""
        try:
            found = self._at_once(lines, seq, numbers)
        except _NOT_READ:
            found = None
        return self._one_by_one(lines, seq, numbers) if found is None else found

    def _at_once(
        self, lines: Sequence[bytes], seq: int, numbers: Sequence[int]
    ) -> list[LogRow | None] | None:
        """All of them; ``None``, or one of ``_NOT_READ``, where any of them is odd."""
        whole = b"\n".join(lines)
        if b"\\u" in whole and _HIDDEN.search(whole):
            return None
        rows = list(map(self._decode, lines))
        stamps = self._stamps([row.timestamp for row in rows])
        written = _encode(rows)
        # Written again, a row has never more quotes than it came with, and less with a key twice.
        if stamps is None or written.count(b'"') != whole.count(b'"') or b"-0.0" in written:
            return None
        rules = self.rules
        short = rules.redactor is None and not rules.labels_only and not rules.keep_raw
        found: list[LogRow | None] = []
        for row, stamp, line, number in zip(rows, stamps, lines, numbers, strict=True):
            if not self._has_words(row.input):
                return None
            row_id, prediction, confidence = row.id.strip(), row.prediction, row.confidence
            if (
                short
                and row_id
                and prediction
                and confidence.__class__ is float
                and not row.feedback
                and (prediction := prediction.strip())
            ):
                # What stored_row makes of an answer without feedback, as most rows are.
                version = row.model_version.strip() if row.model_version else ""
                given = sorted_json(row.input)
                free = sorted_json(row.context) if row.context else "{}"
                digest = parts_digest(stamp, given, free, version, prediction, repr(confidence))
                head = (seq, number, row_id, stamp, given, free, digest)
                found.append(_made(LogRow, (*head, version, prediction, confidence, *_SILENT)))
            else:
                stored = self._stored(row, line, (seq, number), stamp)
                if stored is None:
                    return None
                found.append(stored)
            seq += 1
        return found

    def _stamps(self, written: list[str]) -> list[str] | None:
        """The times as they are stored; ``None`` where one is none or not in range."""
        if {(len(one), one[4::3]) for one in written} != {(20, "--T::Z")}:
            stamps = [_stamp(one, self.rules.latest) for one in written]
            return None if None in stamps else stamps  # type: ignore[return-value]
        for one in written:
            datetime.fromisoformat(one)
        is_in_range = self._earliest <= min(written) and max(written) <= self._latest
        return written if is_in_range else None

    def _one_by_one(
        self, lines: Sequence[bytes], seq: int, numbers: Sequence[int]
    ) -> list[LogRow | None]:
        hidden = any(b"\\u" in line for line in lines)
        found: list[LogRow | None] = []
        for index, line in enumerate(lines):
            if hidden and _HIDDEN.search(line):
                found.append(None)
                continue
            try:
                found.append(self._row(line, seq + index, numbers[index]))
            except _NOT_READ:
                found.append(None)
        return found

    def _row(self, line: bytes, seq: int, number: int) -> LogRow | None:
        row = self._decode(line)
        # Written again, a row with a key twice has lost the quotes of one of them.
        if _encode(row).count(b'"') != line.count(b'"') or b"-0.0" in _encode(row.input):
            return None
        stamp = _stamp(row.timestamp, self.rules.latest)
        if stamp is None or not self._has_words(row.input):
            return None
        return self._stored(row, line, (seq, number), stamp)

    def _stored(self, row: Any, line: bytes, at: tuple[int, int], stamp: str) -> LogRow | None:
        row_id = row.id.strip()
        version = (row.model_version or "").strip()
        prediction = (row.prediction or "").strip()
        confidence = row.confidence
        if confidence.__class__ is not float:
            confidence = None
        if not row_id or bool(prediction) is (confidence is None):
            return None
        feedback, others = check_feedback(row.feedback) if row.feedback else _NOTHING
        if others:
            return None
        rules = self.rules
        given = row.input if rules.redactor is None else msgspec.to_builtins(row.input)
        raw = line.decode().strip() if rules.keep_raw else None
        answer = (version, prediction, confidence)
        head = (*at, row_id, stamp)
        return stored_row(head, given, row.context or {}, answer, feedback, raw, rules)

    def _has_words(self, given: Any) -> bool:
        """Whether no word of the input is blank; a blank one is no value."""
        if self.text:
            return not given.text.isspace() and given.text != ""
        if self._categories is not None:
            for value in self._categories(given):
                if value is not None and not value.strip():
                    return False
        return True


def _stamp(written: str, latest: datetime) -> str | None:
    """The time as it is stored, in UTC; ``None`` where it is none or not in range."""
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        return None
    # YYYY-MM-DDTHH:MM:SSZ as nearly all write it is what we write too.
    plain = len(written) == 20 and written[4::3] == "--T::Z"
    if not plain:
        instant = instant.astimezone(UTC)
    if not EARLIEST <= instant <= latest:
        return None
    return written if plain else rfc3339(instant)


@lru_cache(maxsize=256)
def _decoder(
    schema: Schema,
) -> tuple[Callable[[bytes], Any], Callable[[Any], tuple[Any, ...]] | None]:
    """How rows of a model are decoded, and what gets the categories out of its inputs."""
    if schema.task == "text":
        given: type[Struct] = _Text
        categories = None
    else:
        # By name, as the thorough check's objects are written.
        fields = sorted(schema.fields, key=lambda field: field.name)
        word = Annotated[str, Meta(max_length=LONGEST_VALUE)]
        given = msgspec.defstruct(
            "Input",
            [
                (f"f{i}", (float if f.kind == "number" else word) | None)
                for i, f in enumerate(fields)
            ],
            rename={f"f{i}": field.name for i, field in enumerate(fields)},
            forbid_unknown_fields=True,
            gc=False,
        )
        names = [f"f{i}" for i, field in enumerate(fields) if field.kind == "category"]
        categories = _getter(names)
    row = msgspec.defstruct(
        "Row", [("input", given)], bases=(_Row,), kw_only=True, forbid_unknown_fields=True, gc=False
    )
    return msgspec.json.Decoder(row).decode, categories


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]] | None:
    if not names:
        return None
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda given: (get(given),)
