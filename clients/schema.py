"""What a model's inputs look like: fixed by the training columns, asked of every row after them.

Pure: no Django, nothing read or written.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from agency.base.errors import BadInput

Kind = Literal["number", "category"]
Value = float | str | None

LONGEST_TEXT = 100_000
LONGEST_VALUE = 500
LONGEST_LABEL = 200

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_PADDED = re.compile(r"[+-]?0\d+", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
# Words that other programs write for a missing or impossible number.
_NO_NUMBER = frozenset(
    ["nan", "na", "n/a", "null", "none", "inf", "-inf", "+inf", "infinity", "-infinity"]
)


class SchemaError(BadInput):
    """An input does not fit: ``pointer`` says where (JSON pointer), ``code`` what, in one word.

    ``index``: of the row from 0, where it is one of many.
    """

    def __init__(self, pointer: str, code: str, detail: str, *, index: int | None = None) -> None:
        super().__init__(f"{pointer}: {detail}")
        self.pointer = pointer
        self.code = code
        self.detail = detail
        self.index = index


@dataclass(frozen=True)
class Field:
    """A feature. ``whole``: every training value was a whole number; ``values``: the known ones."""

    name: str
    kind: Kind
    whole: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """The features of a tabular model in order (none for text), and the categories at launch."""

    task: str
    fields: tuple[Field, ...]
    categories: tuple[str, ...]

    @property
    def numeric(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if field.kind == "number")

    @property
    def categorical(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if field.kind == "category")

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys that an input has: ``text``, or the features."""
        return ("text",) if self.task == "text" else tuple(field.name for field in self.fields)

    def as_dict(self) -> dict[str, Any]:
        """The schema as JSON values; ``from_dict`` reads it back."""
        fields = [asdict(field) | {"values": list(field.values)} for field in self.fields]
        return {"task": self.task, "fields": fields, "categories": list(self.categories)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Schema":
        fields = tuple(
            Field(item["name"], item["kind"], item["whole"], tuple(item["values"]))
            for item in values["fields"]
        )
        return cls(values["task"], fields, tuple(values["categories"]))

    @classmethod
    def from_training(
        cls,
        *,
        task: str,
        columns: Sequence[str],
        rows: Sequence[Mapping[str, Any]],
        labels: Sequence[str],
    ) -> "Schema":
        """Infer it from a training set. A column is numeric where every value is a finite number.

        Codes are no numbers: with a 007 or a whole number that a double can't hold in it, a column
        is a category. ``SchemaError`` for a column without any value, or numbers with a NaN, an
        infinity or a decimal comma between.
        """
        categories = tuple(sorted(set(labels)))
        if task == "text":
            return cls(task, (), categories)
        fields = tuple(_infer(name, [row.get(name) for row in rows]) for name in columns)
        return cls(task, fields, categories)

    def check_input(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The input with what the model knows, as clean values; other keys are left out.

        A text is a string that says something. A number is a finite float, however it was written;
        a category a string, known or not. A missing feature is ``None``, but not all of them can
        be. Raises ``SchemaError``.
        """
        if self.task == "text":
            return {"text": _check_text(values.get("text"))}
        if not any(field.name in values for field in self.fields):
            names = ", ".join(self.columns[:5])
            raise SchemaError("/input", "missing", f"none of the model's features ({names} ...)")
        return {field.name: _check_value(field, values.get(field.name)) for field in self.fields}


def parse_number(written: str) -> float | None:
    """The finite number that a string writes in plain decimal digits; ``None`` where it does not.

    >>> parse_number(" 1e3 "), parse_number("nan"), parse_number("1_000"), parse_number("1e999")
    (1000.0, None, None, None)
    """
    text = written.strip()
    if len(text) > 64 or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value + 0.0 if math.isfinite(value) else None  # + 0.0: there is one zero


def _check_text(text: Any) -> str:
    if text is None:
        raise SchemaError("/input/text", "missing", "the input has no text")
    if not isinstance(text, str):
        raise SchemaError("/input/text", "not_a_string", "the text must be a string")
    if not text.strip():
        raise SchemaError("/input/text", "empty", "the text is empty")
    if len(text) > LONGEST_TEXT:
        raise SchemaError("/input/text", "too_long", f"over {LONGEST_TEXT:,} characters")
    return text


def _check_value(field: Field, value: Any) -> Value:
    pointer = f"/input/{field.name.replace('~', '~0').replace('/', '~1')}"
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, list | dict):
        raise SchemaError(pointer, "not_a_value", "must be one value, not a list or an object")
    if field.kind == "category":
        written = _written(value)
        if len(written) > LONGEST_VALUE:
            raise SchemaError(pointer, "too_long", f"over {LONGEST_VALUE} characters")
        return written
    number = parse_number(value) if isinstance(value, str) else _finite(value)
    if number is None:
        raise SchemaError(pointer, "not_a_number", f"{_short(value)} is not a finite number")
    return number


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number + 0.0 if math.isfinite(number) else None  # + 0.0: there is one zero


def _written(value: Any) -> str:
    """A category as the string that a CSV would hold: true, 3, A."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _infer(name: str, values: Sequence[Any]) -> Field:
    pointer = f"/{name}"
    present = {
        index: value
        for index, value in enumerate(values)
        if value is not None and not (isinstance(value, str) and not value.strip())
    }
    if not present:
        raise SchemaError(pointer, "empty", f"the column {name!r} has no value in any row", index=0)
    numbers: list[float] = []
    others: dict[int, Any] = {}
    for index, value in present.items():
        number = parse_number(value) if isinstance(value, str) else _finite(value)
        if number is None or _is_code(value):
            others[index] = value
        else:
            numbers.append(number)
    if not others:
        return Field(name, "number", whole=all(number.is_integer() for number in numbers))
    strange = [
        index for index, value in others.items() if _is_broken_number(value) and not _is_code(value)
    ]
    if strange and len(strange) == len(others):
        what = _short(others[strange[0]])
        hint = "leave a missing value empty, write decimals with a point"
        detail = f"the column {name!r} holds {what}; {hint}"
        raise SchemaError(pointer, "not_a_number", detail, index=strange[0])
    found = {_written(value) for value in present.values()}
    return Field(name, "category", values=tuple(sorted(found)))


def is_inexact(value: Any) -> bool:
    """Is it a whole number, as text or as JSON, that a double can't hold?

    >>> is_inexact("9007199254740993"), is_inexact(2**53), is_inexact("1e3")
    (True, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    written = str(value).strip() if isinstance(value, str) else value
    if isinstance(written, str) and not (len(written) <= 64 and _WHOLE.fullmatch(written)):
        return False
    number = int(written)
    try:
        return int(float(number)) != number
    except OverflowError:
        return True


def _is_code(value: Any) -> bool:
    """Would it be another one as a number? 007 is not 7, and an id of 17 digits is not rounded."""
    return is_inexact(value) or (isinstance(value, str) and bool(_PADDED.fullmatch(value.strip())))


def _is_broken_number(value: Any) -> bool:
    written = str(value).strip()
    is_word = written.lower() in _NO_NUMBER
    return is_word or _is_infinite(value) or bool(_DECIMAL_COMMA.fullmatch(written))


def _is_infinite(value: Any) -> bool:
    # "1e999" is written like a number and is none.
    return isinstance(value, str) and bool(_NUMBER.fullmatch(value.strip()))
