"""What feedback and outcomes have in common: rows by log id, all of them or nothing."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from agency.base import clock
from clients.bulk import writer
from clients.ingest.errors import TooManyRows
from clients.ingest.mendable import mendable
from clients.ingest.pieces import pieces
from clients.ingest.rejections import Rejections
from clients.ingest.result import IngestResult
from clients.models import MaintainedModel, UploadBatch
from clients.readers import Form, Problem, RawRow, Unreadable, json_row

CLOCK_SKEW = timedelta(days=1)


class ByIdUpload(ABC):
    """One upload of rows that are about rows of the log. Alone with the model while it writes."""

    kind: UploadBatch.Kind

    def __init__(
        self, *, model: MaintainedModel, partial: bool, at: datetime, most_rows: int | None
    ) -> None:
        self.model, self.partial, self.at, self.most_rows = model, partial, at, most_rows
        self.latest = clock.now() + CLOCK_SKEW
        self.rejections = Rejections(keep=partial)
        self.accepted = self.duplicates = self.changed = self.pending = 0
        self.ignored: dict[str, int] = {}
        self._prefixed = False
        self._name = ""

    @abstractmethod
    def store(self, rows: list[tuple[int, RawRow]]) -> None:
        """Check and write about a thousand rows with their numbers; reject the bad ones."""

    @abstractmethod
    def finish(self, batch: UploadBatch) -> None:
        """What is to be done once, at the end of the transaction."""

    def take(self, *, chunks: Iterable[bytes], form: Form, name: str) -> IngestResult:
        """Read and store them. Raises as ``ingest_stream`` does."""
        self._prefixed, self._name = form == "json", name
        whole = hashlib.sha256()
        with transaction.atomic():
            writer().lock(self.model, alone=True)
            batch = UploadBatch.objects.create(
                model=self.model, kind=self.kind, name=name[:255], received_at=self.at
            )
            for rows in self._rows(_counted(chunks, whole), form, name):
                self.store(rows)
            if self.rejections and not self.partial:
                raise self.rejections.error()
            self.finish(batch)
            if self.rejections:
                self.rejections.quarantine(batch)
            batch.sha256 = whole.hexdigest()
            batch.accepted, batch.duplicates = self.accepted, self.duplicates
            batch.labels, batch.pending = self.changed, self.pending
            batch.rejected, batch.ignored_keys = len(self.rejections), self.ignored
            batch.save()
        return IngestResult(
            batch,
            self.accepted,
            self.duplicates,
            self.changed,
            self.rejections.found,
            self.ignored,
            self.pending,
        )

    def reject(self, row: int, raw: RawRow, problem: Problem) -> None:
        """Name a bad row; its neighbours are checked all the same."""
        self.rejections.add(
            name=self._name,
            row=row,
            line=raw.line,
            problem=problem,
            content=mendable(raw) if self.partial else "",
            prefix=f"/{row}" if self._prefixed else "",
        )

    def _rows(
        self, chunks: Iterable[bytes], form: Form, name: str
    ) -> Iterator[list[tuple[int, RawRow]]]:
        count = 0
        for piece in pieces(chunks, form=form, name=name):
            raws = piece.rows or [
                json_row(line.decode().strip(), line=number)
                for line, number in zip(piece.lines, piece.numbers, strict=True)
            ]
            good = []
            for raw in raws:
                if raw.problem is not None:
                    self.reject(count, raw, raw.problem)
                else:
                    good.append((count, raw))
                count += 1
            if self.most_rows is not None and count > self.most_rows:
                raise TooManyRows(f"{name}: more than {self.most_rows:,} rows")
            yield good
        if not count:
            raise Unreadable("empty", f"{name}: the file has no row")


def filled(raw: RawRow) -> dict[str, Any]:
    """The row's values; a blank cell of a CSV is none."""
    if not raw.is_csv:
        return raw.values
    return {key: cell if cell.strip() else None for key, cell in raw.values.items()}


def at_row(found: Problem, *, inside: str) -> Problem:
    """The problem where it stands: what is checked as ``/inside/key`` may stand at the top."""
    pointer = found.pointer.removeprefix(inside) or found.pointer
    return Problem(pointer, found.code, found.detail, found.broken)


def _counted(chunks: Iterable[bytes], whole: Any) -> Iterator[bytes]:
    for chunk in chunks:
        whole.update(chunk)
        yield chunk
