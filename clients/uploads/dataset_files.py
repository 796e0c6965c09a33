"""The dataset file in a request: a part of a form, or the body itself, with what is said of it."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rest_framework.request import Request

from agency.base.api import Refusal
from clients.uploads.body import TYPES, Body, receive
from clients.uploads.envelope import unwrap
from clients.uploads.multipart import read_form

MOST_BYTES = 32 * 1024 * 1024
"""Of one file, unzipped: its rows are in memory at once, at about four bytes for each of it."""
LONGEST_REASON = 500
DIGEST, REASON = "Content-Digest", "X-Reason"
SUFFIXES = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "json"}
_GZIP, _BOM = b"\x1f\x8b", b"\xef\xbb\xbf"
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII | re.IGNORECASE)
_SHA256 = re.compile(r"sha-256=:([A-Za-z0-9+/=]{1,100}):", re.ASCII)


@dataclass(frozen=True)
class Sent:
    """A dataset file. ``name`` has the suffix of its form; ``in_form``: it was a part of a form."""

    body: Body
    name: str
    reason: str
    in_form: bool

    def sha256(self) -> str:
        """Of what was meant, whichever boundary a client draws for its form."""
        parts = (self.body.sha256(), Path(self.name).suffix, self.reason)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def content(self) -> bytes:
        """The file, unzipped. ``Refusal`` for size, gzip, and an envelope that is none."""
        content = b"".join(self.body.content())
        if content.startswith(_GZIP):
            if self.body.gzipped:
                raise Refusal(400, "stacked_gzip", "The file may be zipped once.")
            raise Refusal(415, "binary", "The file is zipped, and nothing says so.")
        if self.in_form or not content.strip():
            return content
        if content.startswith(_BOM):
            raise Refusal(400, "byte_order_mark", "The body begins with a byte order mark.")
        return b"".join(unwrap([content])) if self.body.form == "json" else content


@contextmanager
def sent_file(request: Request) -> Iterator[Sent]:
    """The dataset file of a request, open for the ``with`` block.

    Raises ``Refusal`` as ``receive`` and ``read_form``, 422 for an empty file and for one with
    another SHA-256 than was declared, 400 for a declaration that is none, and 415 for a file whose
    name says that it is none of ours.
    """
    declared = _declared(request)
    said = _said(request)
    with _received(request) as body:
        if declared is not None:
            _same(declared, _digest(body))
        if body.form == "multipart":
            yield from _in_form(body, request, said)
        else:
            yield Sent(body, f"rows.{body.form}", said, in_form=False)


def _received(request: Request) -> Body:
    try:
        return receive(request, forms=tuple(TYPES.values()), most_bytes=MOST_BYTES)
    except Refusal as refusal:
        is_form = request.headers.get("Content-Type", "").lower().startswith("multipart/")
        if refusal.get_codes() != "empty" or is_form:
            raise
        # The body is the file, and an empty file is what it is in a form, too.
        detail = "There is nothing in it."
        fault = {"pointer": "", "code": "empty", "detail": detail, "line": 1, "column": 1}
        raise Refusal(422, "empty", detail, faults=[fault]) from refusal


def _in_form(body: Body, request: Request, said: str) -> Iterator[Sent]:
    kind = request.headers["Content-Type"]
    form = read_form(body.content(), kind, ("sha256", "reason"))
    with form.file:
        stated = form.fields.get("sha256", "").strip()
        if stated:
            if not _HEX.fullmatch(stated):
                raise Refusal(400, "bad_digest", "The sha256 must be 64 hexadecimal digits.")
            _same(stated.lower(), form.sha256)
        name = form.name.lower()
        gzipped = name.endswith(".gz")
        suffix = Path(name.removesuffix(".gz")).suffix
        if suffix not in SUFFIXES:
            names = ", ".join(SUFFIXES)
            detail = f"The name of the file must end in one of {names}, zipped with .gz."
            raise Refusal(415, "unsupported_media_type", detail)
        reason = _reason(form.fields["reason"]) if "reason" in form.fields else said
        file = Body(form.file, SUFFIXES[suffix], gzipped, MOST_BYTES)
        yield Sent(file, f"rows{suffix}", reason, in_form=True)


def _declared(request: Request) -> str | None:
    """The SHA-256 of the body in hex as the Content-Digest has it (RFC 9530), if there is one."""
    header = request.headers.get(DIGEST)
    if header is None:
        return None
    found = _SHA256.search(header)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        detail = f"The {DIGEST} must be sha-256=:...: with the digest in base64."
        raise Refusal(400, "bad_digest", detail)
    return digest.hex()


def _digest(body: Body) -> str:
    """Of the body as it came, still zipped."""
    body.file.seek(0)
    return hashlib.file_digest(body.file, "sha256").hexdigest()  # type: ignore[arg-type]


def _same(declared: str, found: str) -> None:
    if declared != found:
        raise Refusal(422, "digest_mismatch", "The SHA-256 is not the declared one.")


def _said(request: Request) -> str:
    """The reason in a header, in UTF-8; the server reads headers as Latin-1."""
    written = request.headers.get(REASON, "")
    try:
        return _reason(written.encode("latin-1").decode())
    except UnicodeError as error:
        raise Refusal(400, "not_utf8", f"The {REASON} is not UTF-8.") from error


def _reason(written: str) -> str:
    reason = written.strip()
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        detail = f"The reason must be one line of at most {LONGEST_REASON} characters."
        raise Refusal(400, "bad_reason", detail)
    return reason
