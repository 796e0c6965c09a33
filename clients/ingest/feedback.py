"""Feedback that comes by itself, by log id."""

from collections.abc import Iterable
from datetime import datetime

from agency.base.errors import BadInput
from clients.ingest.forms import Form
from clients.ingest.result import IngestResult
from clients.models import MaintainedModel


def take_feedback(
    *,
    model: MaintainedModel,
    chunks: Iterable[bytes],
    form: Form,
    name: str,
    partial: bool = False,
    at: datetime,
    most_rows: int | None = None,
) -> IngestResult:
    """Rows ``{"id", label, label_source, thumbs, any proxies, "timestamp"}`` onto known rows.

    What comes before its row is kept as pending, once, and attached when the row comes.
    """
    raise BadInput("feedback cannot be taken yet")
