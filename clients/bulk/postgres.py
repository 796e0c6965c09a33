"""Bulk writing on PostgreSQL: COPY into a temporary table. COPY into a table under row-level
security is refused; an INSERT from there obeys it like any other."""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from weakref import WeakSet

from django.db import connection, transaction

from clients.bulk.writer import LOGS, STAGE, FeedbackChange, Writer
from clients.log_rows import LogRow
from clients.models import MaintainedModel

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
_EMPTY = f"DELETE FROM {STAGE}"  # noqa: S608 -- names of ours
_CHANGE = f"""
UPDATE {LOGS} log SET label = new.label, label_source = new.label_source,
  labelled_at = new.labelled_at, thumbs = new.thumbs, signals = new.signals,
  signals_at = new.signals_at
FROM jsonb_to_recordset(%s::jsonb) AS new(pk bigint, label text, label_source text,
  labelled_at timestamptz, thumbs text, signals jsonb, signals_at jsonb)
WHERE log.id = new.pk
"""  # noqa: S608 -- names of ours
_FEEDBACK_LOCKS = 0x46424B << 32  # our corner of the database's advisory locks, one a model

# Connections that have their stage.
_PREPARED: WeakSet[Any] = WeakSet()
# White space, so that no checked string is only that; none of JSON either.
_NULL = "\x1f"
_COPY = f"COPY {STAGE} FROM STDIN WITH (NULL E'\\x1f')"
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class PostgresWriter(Writer):
    @contextmanager
    def session(self) -> Iterator[None]:
        inside = connection.in_atomic_block
        with transaction.atomic():
            own = connection.connection
            if inside or own not in _PREPARED:
                with connection.cursor() as cursor:
                    cursor.execute(_CREATE)
                    if inside:  # another upload of the same transaction may have left its rows
                        cursor.execute(_EMPTY)
            yield
        if not inside:  # committed, so that the table stays as long as the connection
            _PREPARED.add(own)

    def writing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def stage(self, rows: Sequence[LogRow]) -> None:
        text = _copied(rows)
        # Nearly always nothing has to be escaped, which is quicker to see in all rows at once.
        special = "\\" in text or "\r" in text or text.count("\n") != len(rows)
        if special or text.count("\t") != 15 * len(rows):
            text = _copied([_escaped(row) for row in rows])
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(text.encode())

    def lock(self, model: MaintainedModel, *, alone: bool) -> None:
        how = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {how}(%s)", [_FEEDBACK_LOCKS + model.pk])

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
