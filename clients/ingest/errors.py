"""What an upload is refused with. ``status`` is the HTTP status that says the same."""

from collections.abc import Sequence
from typing import Any

from agency.base.errors import BadInput
from clients.readers import Unreadable

__all__ = ["BrokenRows", "ConflictingRows", "RejectedRows", "TooManyRows", "Unreadable"]


class TooManyRows(BadInput):
    """More rows than one upload may hold."""

    status = 413
    code = "too_many_rows"


class RejectedRows(BadInput):
    """Some rows are bad, so nothing was stored; ``rejected`` names every one of them.

    Each is ``{file, row, line, pointer, code, detail}``: ``row`` counts from 0 over the upload,
    ``line`` from 1 in the file.
    """

    status = 422
    code = "rejected_rows"

    def __init__(self, rejected: Sequence[dict[str, Any]]) -> None:
        first = rejected[0]
        place = " ".join(part for part in (f"line {first['line']}", first["pointer"]) if part)
        more = f" (and {len(rejected) - 1:,} more bad rows)" if len(rejected) > 1 else ""
        detail = f"{first['detail']} [{first['code']}]{more}; nothing was stored"
        super().__init__(f"{first['file']} {place}: {detail}")
        self.rejected = list(rejected)


class BrokenRows(RejectedRows):
    """Some rows are no rows at all: broken JSON, NaN, a NUL, half a character, a naive time."""

    status = 400
    code = "broken_rows"


class ConflictingRows(RejectedRows):
    """Every bad row is well formed and contradicts what is stored (or the same upload)."""

    status = 409
    code = "conflicting_rows"
