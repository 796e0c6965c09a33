"""Which source speaks for which figure of a report, and do the two agree? Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from reports.facts import Edition, Model, Report, Source

NO_FIGURES = frozenset({"/format"})
"""Numbers that say nothing of the client's month."""
CLOSE = 0.5e-6 + 1e-9
"""Facts keep six digits of a fraction."""


def sourced(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every record that names its own source, with its place: ``/models/0/audit``."""
    if is_dataclass(value) and not isinstance(value, (type, Source)):
        if getattr(value, "source", None) is not None:
            yield path, value
        for field in fields(value):
            yield from sourced(getattr(value, field.name), f"{path}/{field.name}")
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from sourced(item, f"{path}/{i}")


def silent(facts: Report) -> list[str]:
    """The places of all numbers that no source speaks for; empty for a report that is provable."""
    spoken = {place for path, record in sourced(facts) for place, _ in said_by(record, path)}
    return [place for place, _ in _numbers(facts, "") if place not in spoken | NO_FIGURES]


def said_by(record: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The leaves that the record's source speaks for, with their places."""
    for field in fields(record):
        value, place = getattr(record, field.name), f"{path}/{field.name}"
        if field.name == "source":
            continue
        if isinstance(record, Model) and (is_dataclass(value) or isinstance(value, tuple)):
            continue
        yield from _leaves(value, place)


def differences(record: Any, again: Mapping[str, Any], path: str) -> list[str]:
    """A sentence for each leaf of ``record`` that ``again``, the same asked of its source, says
    otherwise. Every number has to be in ``again``; texts are compared where they are."""
    found = []
    for place, value in said_by(record, path):
        now = _at(again, place[len(path) + 1 :].split("/"))
        if now is MISSING:
            if _is_number(value):
                found.append(f"{place} is {value!r}, of which its source says nothing")
        elif not _same(value, now):
            found.append(f"{place} is {value!r}, its source says {now!r}")
    for place, value in _lists(record, path):
        now = _at(again, place[len(path) + 1 :].split("/"))
        if now is not MISSING and len(now) != len(value):
            found.append(f"{place} has {len(value)} items, its source says {len(now)}")
    return found


def said(facts: Report) -> Report:
    """The facts without revision, sources and format: equal for two gatherings that found the same."""
    found: Report = _bare(replace(facts, edition=Edition(revision=0, dated="", changes=())))
    return found


def _bare(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: _bare(getattr(value, field.name)) for field in fields(value)}
        forgotten = {"source": None, "format": 0}
        return replace(value, **{k: forgotten.get(k, part) for k, part in parts.items()})
    return tuple(map(_bare, value)) if isinstance(value, tuple) else value


MISSING = object()


def _at(value: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step, MISSING)
        elif isinstance(value, (list, tuple)):
            value = value[int(step)] if int(step) < len(value) else MISSING
        else:
            value = MISSING
    return value


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if is_dataclass(value):
        if getattr(value, "source", None) is None:
            yield from said_by(value, place)
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _leaves(item, f"{place}/{i}")
    else:
        yield place, value


def _lists(record: Any, path: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if isinstance(record, Model):
        return
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, tuple):
            yield f"{path}/{field.name}", value


def _numbers(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Source):
        return
    if is_dataclass(value):
        for field in fields(value):
            yield from _numbers(getattr(value, field.name), f"{path}/{field.name}")
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _numbers(item, f"{path}/{i}")
    elif _is_number(value):
        yield path, value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(value: Any, now: Any) -> bool:
    if _is_number(value) and _is_number(now):
        return value == now if isinstance(value, int) else abs(value - now) <= CLOSE
    return bool(value == now)
