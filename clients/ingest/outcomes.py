"""Outcomes by log id."""

from collections.abc import Iterable
from datetime import datetime

from agency.base.errors import BadInput
from clients.ingest.forms import Form
from clients.ingest.result import IngestResult
from clients.models import MaintainedModel


def take_outcomes(
    *,
    model: MaintainedModel,
    chunks: Iterable[bytes],
    form: Form,
    name: str,
    partial: bool = False,
    at: datetime,
    most_rows: int | None = None,
) -> IngestResult:
    """Rows ``{"id", "name", "value", "observed_at"}`` or ``{"id", "outcomes": {name: value}}``.

    A KPI of a row that is not known yet is stored all the same.
    """
    raise BadInput("outcomes cannot be taken yet")
