"""``{"rows": [...]}`` as the array inside, in pieces: an upload is never in memory as a whole."""

import re
from collections.abc import Iterable, Iterator

from agency.base.api import Refusal

_OPENING = re.compile(rb'\s*\{\s*"rows"\s*:\s*(?=\[)')
_LONGEST_OPENING = 4096


def unwrap(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A JSON body without its envelope, if it has one; an array goes through as it is.

    Raises ``Refusal`` 400 for a body that is neither, a field beside ``rows``, and an envelope that
    is not closed. What follows the array is left to the reader of the array, which refuses it.
    """
    pieces = iter(chunks)
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= _LONGEST_OPENING:
            break
    first = head.lstrip(b" \t\r\n")[:1]
    if first == b"[":
        yield head
        yield from pieces
        return
    if first != b"{":
        raise Refusal(400, "not_an_array", "The body must be an array of rows.")
    opening = _OPENING.match(head)
    if opening is None:
        raise Refusal(400, "unknown_field", 'The envelope must be {"rows": [...]}, nothing else.')
    yield from _without_end(head[opening.end() :], pieces)


def _without_end(held: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """All but the last ``}``, and the white space around it."""
    for piece in pieces:
        # Held back: the last byte that is no white space, and what follows it.
        kept = held.rstrip(b" \t\r\n")[:-1]
        if kept:
            yield kept
        held = held[len(kept) :] + piece
    end = held.rstrip(b" \t\r\n")
    if not end.endswith(b"}"):
        raise Refusal(400, "not_json", "The envelope is not closed.")
    yield end[:-1]
