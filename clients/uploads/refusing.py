"""The engine's refusals as HTTP errors, every bad row by its place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from agency.base.api import Refusal
from clients.ingest import RejectedRows, TooManyRows, Unreadable

MOST_LISTED = 10_000
"""Bad rows that an answer names; ``rejected`` says how many there are. The rest repeat them."""


@contextmanager
def refusing() -> Iterator[None]:
    """What the engine raises in this block becomes a ``Refusal`` with the engine's own status."""
    try:
        yield
    except RejectedRows as error:
        detail = "Some rows cannot be stored; nothing was stored."
        extra = {"rejected": len(error.rejected)}
        raise Refusal(
            error.status, error.code, detail, faults=faults(error.rejected), extra=extra
        ) from error
    except (Unreadable, TooManyRows) as error:
        raise Refusal(error.status, error.code, str(error)) from error


def faults(rejected: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each bad row: ``index`` from 0 over the upload, ``line``, ``pointer``, ``code``, ``detail``.

    The pointer leads through the index whatever the form, as if the rows were one array.
    """
    listed = []
    for bad in rejected[:MOST_LISTED]:
        row = bad["row"]
        inside = bad["pointer"].removeprefix(f"/{row}")
        listed.append(
            {
                "pointer": f"/{row}{inside}",
                "code": bad["code"],
                "detail": bad["detail"],
                "index": row,
                "line": bad["line"],
            }
        )
    return listed
