"""A dataset file (CSV or NDJSON: id, label, text or features) to rows and their schema. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agency.base.errors import BadInput
from clients.readers import RawRow, read_rows
from clients.schema import LONGEST_LABEL, Schema, SchemaError

TASKS = ("text", "tabular")


@dataclass(frozen=True)
class LabelledRow:
    """A row for a dataset. ``generated``: its file had no ids, so another free id will do."""

    row_id: str
    input: Mapping[str, Any]
    label: str
    source: str
    log_row_id: str = ""
    generated: bool = False


def read_labelled(
    content: bytes, name: str, schema: Schema | None, task: str
) -> tuple[list[LabelledRow], Schema]:
    """The rows of a dataset file, and the schema: the one given, or the one that they fix.

    Without ``schema`` the file is a first training set: its columns become the features, and it
    must hold two classes at least. Rows without an ``id`` column are called r-000001 and so on.
    Raises ``BadInput`` that names the file, the line and what is wrong.
    """
    if task not in TASKS:
        raise BadInput(f"unknown task {task!r}: {' or '.join(TASKS)}")
    raws = []
    for raw in read_rows(content, name):
        if raw.problem is not None:
            raise BadInput(f"{name} line {raw.line}: {raw.problem.detail}")
        raws.append(raw)
    if not raws:
        raise BadInput(f"{name}: the file has no rows")
    columns = _columns(raws, name, schema, task)
    ids = _ids(raws, name)
    labels = [_label(raw, name) for raw in raws]
    if schema is None:
        if len(set(labels)) < 2:
            raise BadInput(f"{name}: every row has the label {labels[0]!r}; two classes are needed")
        try:
            schema = Schema.from_training(
                task=task, columns=columns, rows=[raw.values for raw in raws], labels=labels
            )
        except SchemaError as error:
            raise BadInput(f"{name}: {error.detail}") from error
    rows = []
    for index, (raw, label) in enumerate(zip(raws, labels, strict=True)):
        values = _input(raw, name, schema)
        row_id = ids[index] if ids else f"r-{index + 1:06d}"
        rows.append(LabelledRow(row_id, values, label, "import", generated=not ids))
    return rows, schema


def _columns(raws: Sequence[RawRow], name: str, schema: Schema | None, task: str) -> list[str]:
    """The feature columns in order, checked in every row."""
    found = list(raws[0].values)
    features = [column for column in found if column not in ("id", "label")]
    if schema is not None:
        wanted = list(schema.columns)
    else:
        wanted = ["text"] if task == "text" else features
    missing = [column for column in ("label", *wanted) if column not in found]
    if missing:
        raise BadInput(f"{name}: the column {missing[0]!r} is missing")
    if not wanted:
        raise BadInput(f"{name}: no feature beside id and label")
    unexpected = [column for column in features if column not in wanted]
    if unexpected:
        wants = ", ".join(["id", *wanted[:8], *(["..."] if len(wanted) > 8 else []), "label"])
        raise BadInput(f"{name}: unexpected column {unexpected[0]!r} (expected: {wants})")
    allowed = set(found)
    for raw in raws:
        if raw.values.keys() != allowed:
            odd = min(raw.values.keys() ^ allowed)
            what = "is missing" if odd in allowed else "is unexpected"
            raise BadInput(f"{name} line {raw.line}: {odd!r} {what}")
    return wanted


def _label(raw: RawRow, name: str) -> str:
    label = raw.values["label"]
    if label is None or (isinstance(label, str) and label.strip().lower() in ("", "nan")):
        raise BadInput(f"{name} line {raw.line}: the label is missing")
    if not isinstance(label, str):
        raise BadInput(f"{name} line {raw.line}: the label must be a string")
    if len(label) > LONGEST_LABEL:
        raise BadInput(f"{name} line {raw.line}: the label is over {LONGEST_LABEL} characters")
    return label.strip()


def _ids(raws: Sequence[RawRow], name: str) -> list[str]:
    if "id" not in raws[0].values:
        return []
    lines: dict[str, int] = {}
    for raw in raws:
        row_id = raw.values["id"]
        if not isinstance(row_id, str) or not row_id.strip() or len(row_id) > 200:
            raise BadInput(f"{name} line {raw.line}: an id must be a string of 1 to 200 characters")
        known = lines.get(row_id.strip())
        if known is not None:
            raise BadInput(f"{name} line {raw.line}: the id {row_id!r} stands in line {known} too")
        lines[row_id.strip()] = raw.line
    return list(lines)


def _input(raw: RawRow, name: str, schema: Schema) -> Mapping[str, Any]:
    try:
        values = schema.check_input(raw.values)
    except SchemaError as error:
        column = error.pointer.removeprefix("/input/")
        raise BadInput(f"{name} line {raw.line}, {column}: {error.detail}") from error
    if all(value is None for value in values.values()):
        raise BadInput(f"{name} line {raw.line}: the row has no value at all")
    return values
