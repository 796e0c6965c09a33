"""One way to write a value as bytes, and the digests that are taken over it. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, no escapes beyond the needed ones, in UTF-8.

    >>> canonical_json({"b": 1.0, "a": "ü"}).decode()
    '{"a":"ü","b":1.0}'
    """
    written = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return written.encode()


def sorted_json(value: Any) -> str:
    """JSON with sorted keys, written fast; for checked values only (a NaN would become null).

    >>> sorted_json({"b": 1.0, "a": "ü"})
    '{"a":"ü","b":1.0}'
    """
    return _encode(value).decode()


def content_digest(value: Any) -> str:
    """The SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def parts_digest(*parts: str) -> str:
    """The SHA-256 of checked strings, in hex; what stands between them is in none of them."""
    return sha256("\0".join(parts).encode()).hexdigest()


def row_digest(*, salt: str, row_id: str, values: Mapping[str, Any] | None, label: str) -> str:
    """The digest of a labelled row: salted, so that an erased row can't be guessed from it.

    Numbers count as floats: PostgreSQL gives 1e16 back as an integer.
    """
    floats = {key: _as_float(value) for key, value in values.items()} if values else values
    body = canonical_json({"id": row_id, "input": floats, "label": label})
    return hashlib.sha256(salt.encode() + body).hexdigest()


def version_digest(digests: Iterable[str]) -> str:
    """The digest of a dataset version: over its rows' digests, in order."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(digest.encode())
    return whole.hexdigest()


def _as_float(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) + 0.0 if is_number else value
