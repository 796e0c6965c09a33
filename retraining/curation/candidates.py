"""The rows that may become training rows, and the reasons for which one does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Source = Literal["review", "override", "targeted", "staff"]

GOLDEN_COPY = "golden_copy"
DUPLICATE = "duplicate"
LABEL_SUSPECT = "label_suspect"
TRANSIENT = "transient"
UPSTREAM = "upstream"
OVER_LIMIT = "over_limit"
REASONS = (GOLDEN_COPY, DUPLICATE, LABEL_SUSPECT, TRANSIENT, UPSTREAM, OVER_LIMIT)


class CurationError(ValueError):
    """What was asked can't be answered from these rows: shapes, categories or limits disagree."""


@dataclass(frozen=True)
class Candidate:
    """A labelled row on its way into the training set.

    `day` is the client-local day of the row, `prediction` what the version that answered said
    (None for rows that no model saw, such as the staff's examples).
    """

    id: str
    input: Mapping[str, Any]
    label: str
    source: Source
    day: date
    prediction: str | None = None

    @property
    def failed(self) -> bool:
        """Whether the model's answer differs from the label."""
        return self.prediction is not None and self.prediction != self.label
