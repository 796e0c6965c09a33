"""What became of an upload."""

from dataclasses import dataclass
from typing import Any

from clients.models import UploadBatch


@dataclass(frozen=True)
class IngestResult:
    """``labels``: known rows that got late feedback. ``pending``: feedback kept for its row.

    ``rejected``: ``{file, row, line, pointer, code, detail}`` of each bad row (``row`` counts from
    0 over the upload); empty unless partial. ``ignored_keys``: unknown keys, and how often.
    ``unanswered``: some rows came without an answer.
    """

    batch: UploadBatch
    accepted: int
    duplicates: int
    labels: int
    rejected: list[dict[str, Any]]
    ignored_keys: dict[str, int]
    pending: int = 0
    unanswered: bool = False
