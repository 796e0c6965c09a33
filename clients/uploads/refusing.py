"""The engine's refusals as HTTP errors, every bad row by its place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from agency.base.api import Refusal
from clients.ingest import RejectedRows, TooManyRows, Unreadable
from clients.uploads import sentences

MOST_LISTED = 10_000
"""Bad rows that an answer names; ``rejected`` says how many there are. The rest repeat them."""
FREE = ("/context/", "/outcomes/")


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
        raise Refusal(error.status, error.code, sentences.of_body(error.code)) from error


def faults(rejected: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each bad row: ``index`` from 0 over the upload, ``line``, ``pointer``, ``code``, ``detail``.

    The pointer leads through the index whatever the form, as if the rows were one array.
    """
    listed = []
    for bad in rejected[:MOST_LISTED]:
        row = bad["row"]
        inside = bad["pointer"].removeprefix(f"/{row}")
        if inside.startswith(FREE):  # its keys are the client's own words
            inside = f"/{inside.split('/')[1]}"
        listed.append(
            {
                "pointer": f"/{row}{inside}",
                "code": bad["code"],
                "detail": sentences.of_row(bad["code"]),
                "index": row,
                "line": bad["line"],
            }
        )
    return listed
