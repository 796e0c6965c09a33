"""Bulk writing on SQLite. The temporary table is a database of its own: staging takes no lock."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from django.db import connection, transaction

from clients.bulk.writer import LOGS, STAGE, FeedbackChange, Writer
from clients.log_rows import LogRow
from clients.models import MaintainedModel

_CREATE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS {STAGE} (
  seq, line, row_id, timestamp, input, context, content_sha256, model_version, prediction,
  confidence, label, label_source, thumbs, signals, signals_at, raw)
"""
_STAGE = f"INSERT INTO {STAGE} VALUES ({', '.join(['%s'] * 16)})"  # noqa: S608 -- names of ours
_EMPTY = f"DELETE FROM {STAGE}"  # noqa: S608
_CHANGE = f"""
UPDATE {LOGS} SET label = %s, label_source = %s, labelled_at = %s, thumbs = %s, signals = %s,
  signals_at = %s WHERE id = %s
"""  # noqa: S608


class SqliteWriter(Writer):
    @contextmanager
    def session(self) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(_CREATE)
            cursor.execute(_EMPTY)
        try:
            yield
        finally:
            if not connection.needs_rollback:
                with connection.cursor() as cursor:
                    cursor.execute(_EMPTY)

    def writing(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def stage(self, rows: Sequence[LogRow]) -> None:
        own = not connection.in_atomic_block
        with connection.cursor() as cursor:
            if own:  # one transaction, deferred: it never reaches for the lock of the real tables
                cursor.execute("BEGIN")
            try:
                cursor.executemany(_STAGE, [(*row[:3], _time(row[3]), *row[4:]) for row in rows])
            finally:
                if own:
                    cursor.execute("COMMIT")

    def lock(self, model: MaintainedModel, *, alone: bool) -> None:
        """A transaction that writes is alone anyway."""

    def change_feedback(self, changes: Sequence[FeedbackChange]) -> None:
        time = connection.ops.adapt_datetimefield_value
        rows = []
        for change in changes:
            pk, label, source, labelled_at, *others = change
            rows.append((label, source, time(labelled_at), *others, pk))
        with connection.cursor() as cursor:
            cursor.executemany(_CHANGE, rows)


def _time(written: str) -> str:
    """``2025-03-01T05:24:34Z`` as Django writes it there."""
    return written[:-1].replace("T", " ")
