"""The bad rows of an upload: named to who sent them, kept for staff where the good ones are stored."""

from typing import Any

from clients.ingest.errors import BrokenRows, ConflictingRows, RejectedRows
from clients.models import QuarantinedRow, UploadBatch
from clients.readers import Problem

MOST = 10_000  # bad rows that are named or kept; an upload with more is refused, partial or not
MOST_CHARACTERS = 50_000_000  # of bad rows that are kept
LONGEST_QUARANTINED = 20_000


class Rejections:
    """Collects bad rows in the order of the upload, in bounded memory."""

    def __init__(self, *, keep: bool) -> None:
        self.keep = keep
        self.found: list[dict[str, Any]] = []
        self._kept: list[str] = []
        self._characters = 0
        self._broken = self._conflicts = 0

    def __len__(self) -> int:
        return len(self.found)

    def add(
        self, *, name: str, row: int, line: int, problem: Problem, content: str, prefix: str = ""
    ) -> None:
        """``prefix`` is the pointer to the row. Raises ``RejectedRows`` once there are too many."""
        self.found.append(
            {
                "file": name,
                "row": row,
                "line": line,
                "pointer": (prefix + problem.pointer)[:200],
                "code": problem.code,
                "detail": problem.detail,
            }
        )
        self._broken += problem.broken
        self._conflicts += problem.code == "conflict"
        if self.keep:
            self._kept.append(content[:LONGEST_QUARANTINED])
            self._characters += len(self._kept[-1])
        if len(self.found) >= MOST or self._characters > MOST_CHARACTERS:
            raise self.error()

    def error(self) -> RejectedRows:
        """The refusal of the whole upload, of the kind that says most."""
        self.found.sort(key=lambda bad: bad["row"])
        if self._broken:
            return BrokenRows(self.found)
        if self._conflicts == len(self.found):
            return ConflictingRows(self.found)
        return RejectedRows(self.found)

    def quarantine(self, batch: UploadBatch, *, many: bool = False) -> None:
        """Keep them with their batch; with ``many`` files the detail says which."""
        QuarantinedRow.objects.bulk_create(
            [
                QuarantinedRow(
                    batch=batch,
                    line=bad["line"],
                    pointer=bad["pointer"],
                    code=bad["code"],
                    detail=f"{bad['file']}: {bad['detail']}" if many else bad["detail"],
                    content=content,
                )
                for bad, content in zip(self.found, self._kept, strict=True)
            ],
            batch_size=1000,
        )
