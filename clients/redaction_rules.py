"""What is masked in a client's rows before they are stored."""

from collections.abc import Callable
from typing import Any

from clients.models import Client

Fields = dict[str, Any]
Redactor = Callable[[Fields, Fields], tuple[Fields, Fields]]


def redactor_of(client: Client) -> Redactor | None:
    """(input, context) to the masked ones by the client's rules; ``None`` where it has none."""
    return None
