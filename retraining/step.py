"""What a stage hands back: the state to go to, why, and what to write with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def nothing() -> None:
    """Some steps write no rows."""


@dataclass(frozen=True)
class Step:
    """``write`` runs in the transaction of the state change: both happen or neither does.

    All computing is done before, so that no database lock is held while a model trains.
    ``fields`` are set on the cycle itself.
    """

    to: str
    reason: str
    write: Callable[[], None] = nothing
    fields: dict[str, Any] = field(default_factory=dict)
