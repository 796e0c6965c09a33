"""Facts to canonical JSON and back, and the hash that they are known by. Pure."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from reports.facts import Report

T = TypeVar("T")


class FactsError(ValueError):
    """The JSON at hand is not the facts of a report."""


def to_json(facts: Report) -> str:
    """The one spelling of these facts: sorted keys, no spaces, no NaN.

    Floats are rounded to six digits, a ten-thousandth of a point, so that the last bits of two
    machines do not make two reports of the same month.
    """
    return json.dumps(
        plain(facts),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def plain(facts: Report) -> dict[str, Any]:
    """The facts as a JSON column takes them: ``to_json`` before it is written out.

    A field with a default came after the first reports. It is left out while it has its default,
    so that their facts can still be read and keep their hash.
    """
    found: dict[str, Any] = _plain(facts)
    return found


def from_json(text: str | Mapping[str, Any]) -> Report:
    """The facts of ``to_json``, or of the same read from a JSON column. Raises ``FactsError``."""
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except ValueError as error:
        raise FactsError(f"not JSON: {error}") from error
    return _build(Report, value, "")


def sha256_of(facts: Report) -> str:
    """The SHA-256 of ``to_json(facts)`` in UTF-8, as hex."""
    return hashlib.sha256(to_json(facts).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FactsError(f"{value} is no figure to print")
        # Adding 0.0 turns -0.0 into 0.0: a JSON column may not tell them apart.
        return round(value, 6) + 0.0
    if is_dataclass(value):
        said = {field.name: getattr(value, field.name) for field in fields(value)}
        later = {field.name: field.default for field in fields(value)}
        return {k: _plain(v) for k, v in said.items() if later[k] is MISSING or v != later[k]}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _build(kind: Any, value: Any, where: str) -> Any:
    """``value`` as ``kind``: a dataclass, a tuple, a union with None, or a plain type."""
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _build_record(kind, value, where)
    if origin in (Union, UnionType):
        if value is None and NoneType in get_args(kind):
            return None
        return _build(next(k for k in get_args(kind) if k is not NoneType), value, where)
    if origin is tuple:
        return _build_tuple(get_args(kind), value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise FactsError(f"{where or '/'} should be {kind.__name__}, not {type(value).__name__}")
    return value


def _build_record(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise FactsError(f"{where or '/'} should be an object")
    later = {field.name for field in fields(kind) if field.default is not MISSING}
    names = {field.name for field in fields(kind)} - (later - set(value))
    if names != set(value):
        odd = sorted(names ^ set(value))
        raise FactsError(f"{where or '/'} has missing or unknown keys: {', '.join(odd)}")
    hints = get_type_hints(kind)
    return kind(**{name: _build(hints[name], value[name], f"{where}/{name}") for name in names})


def _build_tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise FactsError(f"{where} should be a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_build(kinds[0], item, f"{where}/{i}") for i, item in enumerate(value))
    if len(kinds) != len(value):
        raise FactsError(f"{where} should have {len(kinds)} items")
    return tuple(
        _build(kind, item, f"{where}/{i}")
        for i, (kind, item) in enumerate(zip(kinds, value, strict=True))
    )
