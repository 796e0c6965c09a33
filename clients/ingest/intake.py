"""One upload of production rows on its way in."""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from agency.base import clock
from clients.bulk import writer
from clients.feedback import Attached
from clients.ingest.arrival import (
    attach_pending,
    attach_repeats,
    days_of_batch,
    days_of_minutes,
    same_once_masked,
)
from clients.ingest.errors import TooManyRows
from clients.ingest.mendable import mendable
from clients.ingest.pieces import Piece, pieces
from clients.ingest.quick import QuickCheck
from clients.ingest.rejections import Rejections
from clients.ingest.result import IngestResult
from clients.log_days import touch
from clients.log_rows import LogRow, RowError, Rules, check_log_row
from clients.models import MaintainedModel, UploadBatch
from clients.readers import Form, Problem, RawRow, Unreadable, json_row
from clients.redaction_rules import redactor_of
from clients.schema import Schema

MOST_IGNORED = 200  # different unknown keys that are named
CLOCK_SKEW = timedelta(days=1)  # a client's clock may run ahead; it can't be next week
_CONFLICT = Problem("/id", "conflict", "another row has this id already")


class Intake:
    """Reads files into the stage (``read``), then writes them all (``finish``)."""

    def __init__(
        self,
        *,
        model: MaintainedModel,
        partial: bool,
        ignore_predictions: bool,
        at: datetime,
        most_rows: int | None = None,
        many: bool = False,
    ) -> None:
        self.model, self.partial, self.at = model, partial, at
        self.replayed, self.most_rows, self.many = ignore_predictions, most_rows, many
        self.rules = Rules(
            schema=Schema.from_dict(model.schema),
            latest=clock.now() + CLOCK_SKEW,
            redactor=redactor_of(model.client),
            labels_only=ignore_predictions,
            keep_raw=partial,
        )
        self.quick = QuickCheck(self.rules)
        self.writer = writer()
        self.rejections = Rejections(keep=partial)
        self.ignored: Counter[str] = Counter()
        self.rows = self.staged = 0
        self.feedback = self.unanswered = False
        # Minutes of the clock in which rows came, and those with labels: their days are few.
        self.minutes: set[str] = set()
        self.labelled: set[str] = set()
        # Of each file: its first row, its name, and whether its rows are told by their index.
        self.files: list[tuple[int, str, bool]] = []

    def session(self) -> AbstractContextManager[None]:
        """Around everything that is done with an upload."""
        return self.writer.session()

    def read(self, *, name: str, form: Form, chunks: Iterable[bytes], mark: bool = False) -> None:
        """Check a file's rows and stage the good ones. Raises ``Unreadable``, ``TooManyRows``."""
        first = self.rows
        self.files.append((first, name, form == "json"))
        for piece in pieces(chunks, form=form, name=name, mark=mark):
            rows = self._checked(piece)
            self.rows += len(piece)
            if self.most_rows is not None and self.rows > self.most_rows:
                raise TooManyRows(f"{name}: more than {self.most_rows:,} rows")
            if rows:
                self._stage(rows)
        if self.rows == first:
            raise Unreadable("empty", f"{name}: the file has no row")

    def _checked(self, piece: Piece) -> list[LogRow]:
        if piece.rows:
            found = [self._thorough(raw, self.rows + i) for i, raw in enumerate(piece.rows)]
            return [row for row in found if row is not None]
        rows = self.quick.rows(piece.lines, self.rows, piece.numbers)
        if None not in rows:
            return rows  # type: ignore[return-value]
        for index, row in enumerate(rows):
            if row is None:
                text = piece.lines[index].decode().strip()
                raw = json_row(text, line=piece.numbers[index])
                rows[index] = self._thorough(raw, self.rows + index)
        return [row for row in rows if row is not None]

    def _thorough(self, raw: RawRow, seq: int) -> LogRow | None:
        try:
            if raw.problem is None:
                row = check_log_row(raw, seq=seq, rules=self.rules, ignored=self.ignored)
                if self.partial and raw.is_csv:
                    return row._replace(raw=mendable(raw, self.rules.schema))
                return row
            problem = raw.problem
        except RowError as error:
            problem = error.problem
        content = mendable(raw, self.rules.schema) if self.partial else ""
        self._reject(seq, raw.line, problem, content)
        return None

    def _stage(self, rows: list[LogRow]) -> None:
        self.writer.stage(rows)
        self.staged += len(rows)
        columns = LogRow._make(zip(*rows, strict=True))
        minutes = [written[:16] for written in columns.timestamp]
        self.minutes.update(minutes)
        if any(columns.label):
            labels = zip(minutes, columns.label, strict=True)
            self.labelled.update(minute for minute, label in labels if label)
            self.feedback = True
        self.unanswered = self.unanswered or "" in columns.prediction
        said = any(columns.thumbs) or columns.signals.count("{}") < len(rows)
        self.feedback = self.feedback or said

    def _reject(self, seq: int, line: int, problem: Problem, content: str) -> None:
        first, name, is_array = next(f for f in reversed(self.files) if f[0] <= seq)
        prefix = f"/{seq - first}" if is_array else ""
        self.rejections.add(
            name=name, row=seq, line=line, problem=problem, content=content, prefix=prefix
        )

    def finish(
        self,
        *,
        name: str,
        sha256: Callable[[], str],
        then: Callable[[IngestResult], None] = lambda result: None,
    ) -> IngestResult:
        """Write what was staged, and call ``then`` in the same transaction.

        Raises ``RejectedRows`` for a bad row, unless partial.
        """
        with self.writer.writing():
            if self.rejections and not self.partial:
                self._contradictions()
                raise self.rejections.error()
            batch = UploadBatch(
                model=self.model,
                name=name[:255],
                sha256=sha256(),
                accepted=self.staged,
                rejected=len(self.rejections),
                ignored_keys=dict(self.ignored.most_common(MOST_IGNORED)),
                received_at=self.at,
            )
            self.writer.open(batch)
            self._write(batch)
            result = IngestResult(
                batch,
                batch.accepted,
                batch.duplicates,
                batch.labels,
                self.rejections.found,
                batch.ignored_keys,
                unanswered=self.unanswered,
            )
            then(result)
        return result

    def _write(self, batch: UploadBatch) -> None:
        """Insert, and look closer only where fewer rows went in than were sent."""
        inserted = self.writer.insert(
            model=self.model, batch=batch.pk, replayed=self.replayed, at=self.at
        )
        before = len(self.rejections)
        changed = Attached()
        if inserted < self.staged:
            wrong = self._contradictions()
            if self.feedback:
                changed = attach_repeats(self.writer, self.model, wrong, self.at)
                for late, problem in changed.contradictions:
                    self._reject(late.seq, late.line, problem, late.raw)
            if self.rejections and not self.partial:
                raise self.rejections.error()
        if inserted == self.staged:
            days = days_of_minutes(model=self.model, minutes=self.minutes, labelled=self.labelled)
        else:
            days = days_of_batch(batch)
        pending = attach_pending(self.writer, self.model, batch, self.at)
        for day, labels in (*changed.days.items(), *pending.days.items()):
            days[day] = days.get(day, False) or labels
        if self.rejections:
            self.rejections.quarantine(batch, many=self.many)
        if inserted < self.staged or changed.changed or pending.changed:
            wrong_now = len(self.rejections) - before
            batch.accepted = inserted
            batch.duplicates = self.staged - inserted - wrong_now
            batch.labels = changed.changed + pending.changed
            batch.rejected = len(self.rejections)
            batch.save(update_fields=["accepted", "duplicates", "labels", "rejected"])
        if days:
            touch(model=self.model, changed=days, at=self.at)

    def _contradictions(self) -> set[int]:
        """Reject the staged rows whose ids stand for other rows; their numbers."""
        wrong = set()
        for found in self.writer.contradictions(self.model):
            if same_once_masked(self.model, found, self.rules):
                continue
            wrong.add(found.seq)
            self._reject(found.seq, found.line, _CONFLICT, found.raw or "")
        return wrong
