"""The forms that rows come in."""

from typing import Literal

Form = Literal["ndjson", "json", "csv"]
