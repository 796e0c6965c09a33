"""Bytes to stored rows: production logs, feedback and outcomes, each upload whole or not at all."""

from clients.ingest.errors import (
    BrokenRows,
    ConflictingRows,
    RejectedRows,
    TooManyRows,
    Unreadable,
)
from clients.ingest.feedback import take_feedback
from clients.ingest.logs import ingest, ingest_stream
from clients.ingest.outcomes import take_outcomes
from clients.ingest.result import IngestResult

__all__ = [
    "BrokenRows",
    "ConflictingRows",
    "IngestResult",
    "RejectedRows",
    "TooManyRows",
    "Unreadable",
    "ingest",
    "ingest_stream",
    "take_feedback",
    "take_outcomes",
]
