"""The bulk writer: rows into a table of the session first, then all at once into the log.

What is staged is nobody else's business and locks nothing, however slowly an upload comes in. The
one INSERT takes the rows in the order of their ids' bytes, so that two uploads of the same rows wait for
each other in one direction and never in a circle; what is known already is left out by it. The two
databases differ in how rows are staged and changed in bulk, and in nothing else.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from clients.log_rows import LogRow
from clients.models import MaintainedModel, PredictionLog, UploadBatch

LOGS = PredictionLog._meta.db_table
STAGE = "ingest_rows"
_AT_ONCE = 1000  # staged rows read at once

INTO = f"""
INSERT INTO {LOGS}
  (client_id, model_id, batch_id, received_at, replayed, answered, labelled_at, row_id, timestamp,
   input, context, content_sha256, model_version, prediction, confidence,
   label, label_source, thumbs, signals, signals_at)
"""
_INSERT = f"""
{INTO}
SELECT %(client)s, %(model)s, %(batch)s, %(at)s, %(replayed)s,
   CASE WHEN prediction = '' THEN 'none' ELSE 'client' END,
   CASE WHEN label = '' THEN NULL ELSE %(at)s END,
   row_id, timestamp, input, context, content_sha256, model_version, prediction, confidence,
   label, label_source, thumbs, signals, signals_at
FROM {STAGE} WHERE true ORDER BY row_id {{collation}}, seq
"""  # noqa: S608 -- names of ours; values are parameters
KNOWN_STAY = "ON CONFLICT (client_id, model_id, row_id) DO NOTHING"
# Of several staged rows of one id the first counts, unless the log has one already.
_CONTRADICTIONS = f"""
SELECT seq, line, raw, row_id, content_sha256 FROM (
  SELECT seq, line, raw, row_id, content_sha256, COALESCE(
    (SELECT known.content_sha256 FROM {LOGS} known WHERE known.client_id = %(client)s
       AND known.model_id = %(model)s AND known.row_id = came.row_id),
    first_value(content_sha256) OVER (PARTITION BY row_id ORDER BY seq)) AS own
  FROM {STAGE} came) staged
WHERE content_sha256 <> own ORDER BY seq
"""  # noqa: S608
# Whatever says nothing that its row does not say already is left out by the database.
_WITH_FEEDBACK = f"""
SELECT row_id, seq, line, raw, label, label_source, thumbs, signals, signals_at FROM {STAGE} came
WHERE (label <> '' OR thumbs <> '' OR signals <> '{{}}') AND (row_id, seq) > (%s, %s)
  AND NOT EXISTS (SELECT 1 FROM {LOGS} known WHERE known.client_id = %s AND known.model_id = %s
    AND known.row_id = came.row_id AND known.label = came.label
    AND known.label_source = came.label_source AND known.thumbs = came.thumbs
    AND known.signals = came.signals AND known.signals_at IS NOT DISTINCT FROM came.signals_at
    LIMIT 1)
ORDER BY row_id, seq LIMIT {_AT_ONCE}
"""  # noqa: S608
# Both look known rows up one by one, by their ids: the stage has no statistics, and a database that
# guesses would rather read the whole log.


class Contradiction(NamedTuple):
    """A staged row whose id stands for other content."""

    seq: int
    line: int
    raw: str | None
    row_id: str
    content_sha256: str


class FeedbackChange(NamedTuple):
    """What people said of a stored row, as it is from now on."""

    pk: int
    label: str
    label_source: str
    labelled_at: datetime | None
    thumbs: str
    signals: str
    signals_at: str | None


class Writer(ABC):
    """Stages the rows of one upload and writes them; ``session`` is around all of it."""

    by_bytes = ""
    """What makes the database sort ids by their bytes."""

    @abstractmethod
    def session(self) -> AbstractContextManager[None]:
        """An empty stage at the beginning, none at the end."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """The part of a session that writes to tables that are everybody's, as one transaction."""

    @abstractmethod
    def stage(self, rows: Sequence[LogRow]) -> None:
        """Put checked rows aside."""

    def flush(self) -> None:  # noqa: B027 -- where they are put there at once, nothing is left
        """From here on all rows that were put aside are in the table of the session."""

    @abstractmethod
    def lock(self, model: MaintainedModel, *, alone: bool) -> None:
        """Hold the model's feedback until the transaction ends: together with others, or alone.

        Rows come in together; feedback whose row is unknown is kept alone. So either the feedback
        finds the row or the row finds the feedback.
        """

    def open(self, batch: UploadBatch) -> None:
        """Write the batch that rows are about to come in with, its model's feedback held together."""
        self.lock(batch.model, alone=False)
        batch.save(force_insert=True)

    @abstractmethod
    def change_feedback(self, changes: Sequence[FeedbackChange]) -> None:
        """Write what people said of rows that are locked by the caller."""

    def insert(self, *, model: MaintainedModel, batch: int, replayed: bool, at: datetime) -> int:
        """The staged rows into the log, except for known ids; how many that were."""
        values = {
            "client": model.client_id,
            "model": model.pk,
            "batch": batch,
            "replayed": replayed,
            "at": connection.ops.adapt_datetimefield_value(at),
        }
        self.flush()
        with connection.cursor() as cursor:
            cursor.execute(_INSERT.format(collation=self.by_bytes) + KNOWN_STAY, values)
            return cursor.rowcount

    def contradictions(self, model: MaintainedModel) -> list[Contradiction]:
        """Staged rows that say something else than the row that has their id, by ``seq``."""
        self.flush()
        with connection.cursor() as cursor:
            cursor.execute(_CONTRADICTIONS, {"client": model.client_id, "model": model.pk})
            return [Contradiction(*row) for row in cursor.fetchall()]

    def with_feedback(self, model: MaintainedModel) -> Iterator[list[Any]]:
        """Staged rows with feedback that their row of the log has not, by id, a thousand at a time."""
        self.flush()
        last: tuple[Any, ...] = ("", -1)
        while True:
            with connection.cursor() as cursor:
                cursor.execute(_WITH_FEEDBACK, (*last, model.client_id, model.pk))
                rows = cursor.fetchall()
            if rows:
                yield rows
                last = rows[-1][:2]
            if len(rows) < _AT_ONCE:
                return


def writer() -> Writer:
    """The one for the database that is in use."""
    if connection.vendor == "postgresql":
        from clients.bulk.postgres import PostgresWriter

        return PostgresWriter()
    from clients.bulk.sqlite import SqliteWriter

    return SqliteWriter()
