"""A bad row as it goes to quarantine: one JSON object, which a person can mend and try again. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from clients.log_rows import KEYS, REACTIONS, from_cell, nest
from clients.readers import RawRow
from clients.schema import Schema


def mendable(raw: RawRow, schema: Schema | None = None) -> str:
    """JSON as it came. A row of CSV in the shape of a JSON row that means the same.

    ``schema`` is that of production rows; feedback and outcomes have none. A row of CSV with too
    few or too many cells stays as it came: which cell belongs where is for a person to say.
    """
    if not raw.is_csv or not raw.values:
        return raw.content
    values = nest(raw.values, schema) if schema else _flat(raw.values)
    if "feedback" in values:
        values["feedback"] = _signals(values["feedback"])
    return json.dumps(_said(values), ensure_ascii=False)


def _flat(cells: Mapping[str, str]) -> dict[str, Any]:
    values = {key.removeprefix("feedback."): cell for key, cell in _said(cells).items()}
    return {
        k: cell if k in KEYS or k == "name" else _signals({k: cell})[k]
        for k, cell in values.items()
    }


def _signals(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: cell if key in REACTIONS or cell is None else from_cell(cell)
        for key, cell in said.items()
    }


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was blank."""
    said: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            value = _said(value)
        if value not in (None, {}) and not (isinstance(value, str) and not value.strip()):
            said[key] = value
    return said
