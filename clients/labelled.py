"""A dataset file (CSV or NDJSON: id, label, text or features) to rows and their schema. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clients.bad_file import BadFile, unreadable
from clients.readers import LONGEST_CELL, MOST_COLUMNS, RawRow, Unreadable, read_rows, unzip
from clients.schema import LONGEST_LABEL, Schema, SchemaError, is_inexact

TASKS = ("text", "tabular")
MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class LabelledRow:
    """A row for a dataset. ``generated``: its file had no ids, so another free id will do.

    ``index`` (from 0) and ``line`` (from 1) say where it stood in its file, for who sent it.
    """

    row_id: str
    input: Mapping[str, Any]
    label: str
    source: str
    log_row_id: str = ""
    generated: bool = False
    index: int | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)


def read_labelled(
    content: bytes, name: str, schema: Schema | None, task: str, *, most_rows: int = MOST_ROWS
) -> tuple[list[LabelledRow], Schema]:
    """The rows of a dataset file, and the schema: the one given, or the one that they fix.

    Without ``schema`` the file is a first training set: its columns become the features, and it
    must hold two classes at least. Rows without an ``id`` column are called r-000001 and so on.
    Raises ``BadFile`` that names the file, the line and what is wrong.
    """
    if task not in TASKS:
        raise BadFile("unknown_task", f"unknown task {task!r}: {' or '.join(TASKS)}")
    raws = _raws(content, name, most_rows)
    columns = _columns(raws, name, schema, task)
    ids = _ids(raws, name)
    labels = [_label(raw, index, name) for index, raw in enumerate(raws)]
    if schema is None:
        if len(set(labels)) < 2:
            detail = f"{name}: every row has the label {labels[0]!r}; two classes are needed"
            raise BadFile("one_class", detail, line=raws[0].line, field="label")
        schema = _first_schema(raws, labels, columns, name, task)
    rows = []
    for index, (raw, label) in enumerate(zip(raws, labels, strict=True)):
        values = _input(raw, index, name, schema)
        row_id = ids[index] if ids else f"r-{index + 1:06d}"
        rows.append(
            LabelledRow(
                row_id, values, label, "import", generated=not ids, index=index, line=raw.line
            )
        )
    return rows, schema


def _raws(content: bytes, name: str, most_rows: int) -> list[RawRow]:
    """Every row of the file, without the text that it was read from."""
    raws: list[RawRow] = []
    try:
        content = unzip(content, name)
        for raw in read_rows(content, name):
            index = len(raws)
            if index >= most_rows:
                detail = f"{name} line {raw.line}: more than {most_rows:,} rows"
                raise BadFile("too_many_rows", detail, line=raw.line, status=413)
            if raw.problem is not None:
                raise BadFile(
                    raw.problem.code,
                    f"{name} line {raw.line}: {raw.problem.detail}",
                    line=raw.line,
                    index=index,
                    column=raw.problem.column,
                    status=400 if raw.problem.broken else 422,
                )
            if len(raw.content) > LONGEST_CELL and not raw.is_csv:
                detail = f"{name} line {raw.line}: longer than {LONGEST_CELL:,} characters"
                raise BadFile("cell_too_long", detail, line=raw.line, index=index, status=413)
            if len(raw.values) > MOST_COLUMNS:
                detail = f"{name} line {raw.line}: more than {MOST_COLUMNS:,} columns"
                raise BadFile("too_many_columns", detail, line=raw.line, index=index, status=413)
            raws.append(RawRow(raw.line, raw.values, "", is_csv=raw.is_csv))
    except Unreadable as error:
        raise unreadable(error, content, name) from error
    if not raws:
        line = content.rstrip().count(b"\n") + 2
        raise BadFile("no_rows", f"{name}: the file has no rows", line=line, column=1)
    return raws


def _first_schema(
    raws: Sequence[RawRow], labels: Sequence[str], columns: list[str], name: str, task: str
) -> Schema:
    try:
        return Schema.from_training(
            task=task, columns=columns, rows=[raw.values for raw in raws], labels=labels
        )
    except SchemaError as error:
        raw = raws[error.index or 0]
        column = error.pointer.removeprefix("/")
        where = f"{name} line {raw.line}, {column}"
        raise _bad_value(
            error.code, f"{where}: {error.detail}", raw, error.index, column
        ) from error


def _columns(raws: Sequence[RawRow], name: str, schema: Schema | None, task: str) -> list[str]:
    """The feature columns in order, checked in every row."""
    found = list(raws[0].values)
    features = [column for column in found if column not in ("id", "label")]
    if schema is not None:
        wanted = list(schema.columns)
    else:
        wanted = ["text"] if task == "text" else features
    first = 1 if raws[0].is_csv else raws[0].line
    missing = [column for column in ("label", *wanted) if column not in found]
    if missing:
        detail = f"{name}: the column {missing[0]!r} is missing"
        raise BadFile("missing_column", detail, line=first, field=missing[0])
    if not wanted:
        raise BadFile("no_feature", f"{name}: no feature beside id and label", line=first)
    unexpected = [column for column in features if column not in wanted]
    if unexpected:
        wants = ", ".join(["id", *wanted[:8], *(["..."] if len(wanted) > 8 else []), "label"])
        detail = f"{name}: unexpected column {unexpected[0][:60]!r} (expected: {wants})"
        column = found.index(unexpected[0]) + 1
        raise BadFile("unexpected_column", detail, line=first, column=column)
    allowed = set(found)
    for index, raw in enumerate(raws):
        if raw.values.keys() != allowed:
            odd = min(raw.values.keys() ^ allowed)
            what = "is missing" if odd in allowed else "is unexpected"
            code = "missing_column" if odd in allowed else "unexpected_column"
            detail = f"{name} line {raw.line}: {odd[:60]!r} {what}"
            raise _bad_value(code, detail, raw, index, odd if odd in allowed else "")
    return wanted


def _label(raw: RawRow, index: int, name: str) -> str:
    label = raw.values["label"]
    if label is None or (isinstance(label, str) and label.strip().lower() in ("", "nan")):
        code, fault = "missing", "the label is missing"
    elif not isinstance(label, str):
        code, fault = "not_a_string", "the label must be a string"
    elif len(label) > LONGEST_LABEL:
        code, fault = "too_long", f"the label is over {LONGEST_LABEL} characters"
    else:
        return label.strip()
    raise _bad_value(code, f"{name} line {raw.line}: {fault}", raw, index, "label")


def _ids(raws: Sequence[RawRow], name: str) -> list[str]:
    if "id" not in raws[0].values:
        return []
    lines: dict[str, int] = {}
    for index, raw in enumerate(raws):
        row_id = raw.values["id"]
        if not isinstance(row_id, str) or not row_id.strip() or len(row_id) > 200:
            detail = f"{name} line {raw.line}: an id must be a string of 1 to 200 characters"
            raise _bad_value("bad_id", detail, raw, index, "id")
        known = lines.get(row_id.strip())
        if known is not None:
            detail = f"{name} line {raw.line}: the id {row_id!r} stands in line {known} too"
            raise _bad_value("duplicate_id", detail, raw, index, "id")
        lines[row_id.strip()] = raw.line
    return list(lines)


def _input(raw: RawRow, index: int, name: str, schema: Schema) -> Mapping[str, Any]:
    try:
        values = schema.check_input(raw.values)
    except SchemaError as error:
        column = error.pointer.removeprefix("/input/").replace("~1", "/").replace("~0", "~")
        detail = f"{name} line {raw.line}, {column}: {error.detail}"
        raise _bad_value(error.code, detail, raw, index, column) from error
    if all(value is None for value in values.values()):
        detail = f"{name} line {raw.line}: the row has no value at all"
        raise _bad_value("missing", detail, raw, index, "")
    for column in schema.numeric:
        if is_inexact(raw.values[column]):
            detail = f"{name} line {raw.line}, {column}: a number that would be rounded"
            raise _bad_value("not_exact", detail, raw, index, column)
    return values


def _bad_value(code: str, detail: str, raw: RawRow, index: int | None, column: str) -> BadFile:
    number = list(raw.values).index(column) + 1 if column in raw.values else None
    return BadFile(code, detail, line=raw.line, index=index, column=number, field=column)
