"""Where a figure comes from, beside the figure itself. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """``query``: a name of ``reports.gathering.sources``; ``of``: the snapshots that it was asked of,
    as kind and number (``eval_run 12``); ``n``: how many rows it counted, where it counts rows.

    A record's source speaks for all that the record holds and that names no source of its own.
    """

    query: str
    of: str
    n: int | None = None
