"""Bulk writing on PostgreSQL. COPY into a table under row-level security is refused, while an INSERT
obeys it: an upload of one piece is one prepared INSERT of whole columns, a larger one is copied into
a temporary table and inserted from there. The table is also filled where the rows of a small upload
have to be looked at more closely, which is rare."""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any
from weakref import WeakSet

import psycopg
from django.db import connection, transaction

from clients.bulk.writer import INTO, KNOWN_STAY, LOGS, STAGE, Contradiction, FeedbackChange, Writer
from clients.log_rows import LogRow
from clients.models import MaintainedModel, UploadBatch

# Whoever works on this connection next may do so in another role. The ids have the collation of the
# log's own, or its index would not be used to look them up.
_CREATE = f"""
DO $$ BEGIN
IF to_regclass('pg_temp.{STAGE}') IS NULL THEN
  CREATE TEMPORARY TABLE {STAGE} (
    seq integer, line integer, row_id text, timestamp timestamptz, input jsonb,
    context jsonb, content_sha256 text, model_version text, prediction text,
    confidence double precision, label text, label_source text, thumbs text, signals jsonb,
    signals_at jsonb, raw text) ON COMMIT DELETE ROWS;
  GRANT ALL ON {STAGE} TO PUBLIC;
END IF; END $$
"""
# Whole columns, each as one string: values between separators; most uploads have no feedback.
_ANSWERS = (
    "row_id", "timestamp", "input", "context", "content_sha256", "model_version", "prediction",
    "confidence",
)  # fmt: skip
_FEEDBACK = ("label", "label_source", "thumbs", "signals", "signals_at")
_NULLABLE = ("confidence", "signals_at")
_DIRECT = f"""
{INTO}
SELECT %(client)s::bigint, %(model)s::bigint, %(batch)s::bigint, %(at)s::timestamptz,
  %(replayed)s::boolean, CASE WHEN prediction = '' THEN 'none' ELSE 'client' END, {{labelled_at}},
  row_id, timestamp::timestamptz, input::jsonb, context::jsonb, content_sha256, model_version,
  prediction, confidence::double precision, {{feedback}}
FROM unnest({{columns}}) AS came({{names}})
{KNOWN_STAY}
"""  # noqa: S608 -- names of ours; values are parameters
_EMPTY = f"DELETE FROM {STAGE}"  # noqa: S608 -- names of ours
_CHANGE = f"""
UPDATE {LOGS} log SET label = new.label, label_source = new.label_source,
  labelled_at = new.labelled_at, thumbs = new.thumbs, signals = new.signals,
  signals_at = new.signals_at
FROM jsonb_to_recordset(%s::jsonb) AS new(pk bigint, label text, label_source text,
  labelled_at timestamptz, thumbs text, signals jsonb, signals_at jsonb)
WHERE log.id = new.pk
"""  # noqa: S608 -- names of ours
_BATCH = [str(field.column) for field in UploadBatch._meta.concrete_fields if not field.primary_key]
_OPEN = f"""
INSERT INTO {UploadBatch._meta.db_table} ({", ".join(_BATCH)})
VALUES ({", ".join(["%s"] * len(_BATCH))}) RETURNING id, pg_advisory_xact_lock_shared(%s)
"""  # noqa: S608 -- names of ours; values are parameters
_FEEDBACK_LOCKS = 0x46424B << 32  # our corner of the database's advisory locks, one a model

# Connections that have their stage.
_PREPARED: WeakSet[Any] = WeakSet()
# White space, so that no checked string is only that; none of JSON either.
_NULL = "\x1f"
_COPY = f"COPY {STAGE} FROM STDIN WITH (NULL E'\\x1f')"
_BETWEEN = "\x1f"
_SAID = "{}".__ne__
_BY_ID = itemgetter(LogRow._fields.index("row_id"))
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class PostgresWriter(Writer):
    by_bytes = 'COLLATE "C"'

    def __init__(self) -> None:
        self._held: Sequence[LogRow] = ()  # the first piece, while it is the only one
        self._is_staged = self._is_inside = False

    @contextmanager
    def session(self) -> Iterator[None]:
        self._is_inside = connection.in_atomic_block
        with transaction.atomic():
            yield
        if self._is_staged and not self._is_inside:
            _PREPARED.add(connection.connection)  # committed: the table stays with the connection

    def writing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def stage(self, rows: Sequence[LogRow]) -> None:
        if not self._held and not self._is_staged:
            self._held = rows
            return
        self.flush()
        _copy(rows)

    def flush(self) -> None:
        if not self._is_staged:
            if self._is_inside or connection.connection not in _PREPARED:
                with connection.cursor() as cursor:
                    cursor.execute(_CREATE)
                    if self._is_inside:  # another upload of the same transaction may have left rows
                        cursor.execute(_EMPTY)
            self._is_staged = True
        if self._held:
            _copy(self._held)
            self._held = ()

    def insert(self, *, model: MaintainedModel, batch: int, replayed: bool, at: datetime) -> int:
        columns = _columns(self._held)
        if columns is None:
            return super().insert(model=model, batch=batch, replayed=replayed, at=at)
        head = {"client": model.client_id, "model": model.pk, "batch": batch}
        values = {name: str(key) for name, key in head.items()}
        values |= {"replayed": str(replayed), "at": at.isoformat()}
        # Prepared by the server, which Django's own cursors are not: planning takes a tenth of it.
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(_direct(tuple(columns)), values | columns, prepare=True)
            return cursor.rowcount

    def contradictions(self, model: MaintainedModel) -> list[Contradiction]:
        nothing_came = not self._held and not self._is_staged
        return [] if nothing_came else super().contradictions(model)

    def lock(self, model: MaintainedModel, *, alone: bool) -> None:
        how = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {how}(%s)", [_FEEDBACK_LOCKS + model.pk])

    def open(self, batch: UploadBatch) -> None:
        fields = [field for field in batch._meta.concrete_fields if not field.primary_key]
        values = [
            field.get_db_prep_save(getattr(batch, field.attname), connection) for field in fields
        ]
        with connection.cursor() as cursor:
            cursor.execute(_OPEN, [*values, _FEEDBACK_LOCKS + batch.model_id])
            batch.pk = cursor.fetchone()[0]
        batch._state.adding, batch._state.db = False, connection.alias

    def change_feedback(self, changes: Sequence[FeedbackChange]) -> None:
        rows = [
            change._asdict()
            | {
                "labelled_at": change.labelled_at and change.labelled_at.isoformat(),
                "signals": json.loads(change.signals),
                "signals_at": change.signals_at and json.loads(change.signals_at),
            }
            for change in changes
        ]
        with connection.cursor() as cursor:
            cursor.execute(_CHANGE, [json.dumps(rows)])


def _columns(rows: Sequence[LogRow]) -> dict[str, str] | None:
    """Each column as one string, by the bytes of the ids; ``None`` where that says something else.

    A separator may stand in a value. Of no row, and of a single row with an empty value, an array
    can't be told from no array.
    """
    if len(rows) < 2:
        return None
    columns = LogRow._make(zip(*sorted(rows, key=_BY_ID), strict=True))._asdict()
    for name in _NULLABLE:
        columns[name] = ["" if value is None else str(value) for value in columns[name]]
    said = any(columns["label"]) or any(columns["thumbs"]) or any(map(_SAID, columns["signals"]))
    names = (*_ANSWERS, *_FEEDBACK) if said else _ANSWERS
    joined = {name: _BETWEEN.join(columns[name]) for name in names}
    most = len(rows) - 1
    return joined if all(text.count(_BETWEEN) == most for text in joined.values()) else None


@cache
def _direct(names: tuple[str, ...]) -> str:
    """The INSERT of these columns."""
    arrays = [
        f"string_to_array(%({name})s, E'\\x1f', {chr(39) * 2 if name in _NULLABLE else 'NULL'})"
        for name in names
    ]
    said = "label" in names
    return _DIRECT.format(
        columns=", ".join(arrays),
        names=", ".join(names),
        labelled_at="CASE WHEN label = '' THEN NULL ELSE %(at)s::timestamptz END"
        if said
        else "NULL",
        feedback="label, label_source, thumbs, signals::jsonb, signals_at::jsonb"
        if said
        else "'', '', '', '{}'::jsonb, NULL::jsonb",
    )


def _copy(rows: Sequence[LogRow]) -> None:
    text = _copied(rows)
    # Nearly always nothing has to be escaped, which is quicker to see in all rows at once.
    special = "\\" in text or "\r" in text or text.count("\n") != len(rows)
    if special or text.count("\t") != 15 * len(rows):
        text = _copied([_escaped(row) for row in rows])
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(text.encode())


def _copied(rows: Sequence[LogRow]) -> str:
    """Lines of COPY's text format."""
    return "".join(
        [
            f"{seq}\t{line}\t{row_id}\t{timestamp}\t{given}\t{context}\t{digest}\t{version}"
            f"\t{prediction}\t{_NULL if confidence is None else confidence}\t{label}\t{source}"
            f"\t{thumbs}\t{signals}\t{signals_at or _NULL}\t{_NULL if raw is None else raw}\n"
            for (
                seq, line, row_id, timestamp, given, context, digest, version, prediction,
                confidence, label, source, thumbs, signals, signals_at, raw,
            ) in rows
        ]
    )  # fmt: skip


def _escaped(row: LogRow) -> LogRow:
    escaped = [part.translate(_SPECIAL) if isinstance(part, str) else part for part in row]
    return LogRow._make(escaped)
