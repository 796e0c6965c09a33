"""What an embedded instance keeps under ``WHETSTONE_HOME``; read by the settings, so no Django here."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from kombu.transport import TRANSPORT_ALIASES

# kombu takes no module path in a broker URL, only names that it knows.
TRANSPORT_ALIASES["spool"] = "agency.base.spool:Transport"


def secret_key(home: Path) -> str:
    """The instance's own secret key, made on first use and readable by its owner only."""
    path = home / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    # Written whole under another name and then linked: of two processes that start together, one
    # wins and both read the winner's key.
    draft = home / f"secret_key.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()


def storage_settings(url: str) -> dict[str, Any]:
    """Django's STORAGES entry for ``file:///folder`` or ``s3://bucket/prefix?endpoint_url=...``."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": unquote(parts.path)},
        }
    if parts.scheme == "s3":
        options: dict[str, Any] = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        options |= {"bucket_name": parts.netloc, "location": parts.path.strip("/")}
        options |= {"signature_version": "s3v4", "file_overwrite": True}
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    raise ValueError(f"STORAGE_URL must begin with file:// or s3://, not {parts.scheme!r}")


def broker_settings(url: str, home: Path) -> tuple[str, dict[str, Any]]:
    """Celery's broker URL and transport options; without a URL, a spool folder under ``home``."""
    if url.startswith(("redis://", "rediss://")):
        # Both 1: a message whose worker died is redelivered after seconds, not minutes.
        options: dict[str, Any] = {
            "visibility_timeout": 3600,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        }
        return url, options
    if url:
        return url, {}
    spool = home / "spool"
    folders = {name: spool / name for name in ("messages", "control", "processed")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return "spool://localhost/", {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "control_folder": str(folders["control"]),
        "processed_folder": str(folders["processed"]),
        "store_processed": True,
        "polling_interval": 0.1,
    }
