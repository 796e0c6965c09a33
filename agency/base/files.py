"""Content-addressed storage: bytes in, their SHA-256 out; what comes back is checked against it."""

import hashlib
import os
import secrets
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from agency.base.errors import Corrupt


def sha256_of(content: bytes) -> str:
    """The SHA-256 of ``content``, as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()


def address(digest: str, suffix: str = "") -> str:
    """Where the bytes with that digest stand in the storage."""
    return f"sha256/{digest[:2]}/{digest}{suffix}"


def store(content: bytes, *, suffix: str = "") -> str:
    """Store ``content`` under its SHA-256 and return the digest. The same bytes are stored once.

    Local files are written under another name, synced and renamed, so that a crash leaves either
    the whole file or none. The database row that names the digest is written after this returns.
    """
    digest = sha256_of(content)
    name = address(digest, suffix)
    if default_storage.exists(name):
        return digest
    path = _local_path(name)
    if path is not None:
        _write_atomically(path, content)
    else:
        default_storage.save(name, ContentFile(content))
    return digest


def fetch(digest: str, *, suffix: str = "") -> bytes:
    """The bytes stored under ``digest``; ``Corrupt`` where they are missing or differ from it."""
    try:
        with default_storage.open(address(digest, suffix), "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Corrupt(f"the file {digest[:12]} is missing from the storage") from error
    if sha256_of(content) != digest:
        raise Corrupt(f"the file {digest[:12]} no longer matches its SHA-256")
    return content


def _local_path(name: str) -> Path | None:
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None


def _write_atomically(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(draft, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
