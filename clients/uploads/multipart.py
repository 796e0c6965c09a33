"""A multipart/form-data body with one file and a few short fields, read strictly (RFC 7578).

Django's own parser takes a body without its closing boundary for a whole one and mends file names;
here both are refused. The file goes to the disk while it is read, whatever its size.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO

from django.utils.http import parse_header_parameters

from agency.base.api import Refusal
from clients.uploads.body import IN_MEMORY

LONGEST_HEAD = 8192
LONGEST_FIELD = 4096
MOST_PARTS = 10
LONGEST_NAME = 255
FILE = "file"
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]", re.ASCII)
_DRIVE = re.compile(r"[A-Za-z]:")
_ENCODINGS = ("7bit", "8bit", "binary")


@dataclass
class Form:
    """What was sent: the file as it came with its SHA-256 and name, and the other fields."""

    file: IO[bytes]
    name: str = ""
    sha256: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def read_form(chunks: Iterable[bytes], content_type: str, known: Collection[str]) -> Form:
    """The form in a body. ``known``: the fields beside the file that may be there, each once.

    Whoever asks closes ``file``. Raises ``Refusal`` 400: no boundary, no closing boundary, something
    behind it, a part without a name, an unknown or a repeated field, a field that is too long or not
    UTF-8, a ``file`` that is no file, and a file name with a path, a drive or a control character;
    415 for a transfer encoding.
    """
    boundary = parse_header_parameters(content_type)[1].get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise _bad("The Content-Type has no boundary.")
    stream = _Stream(chunks, b"\r\n--" + boundary.encode())
    form = Form(SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 (who asks closes it)
    try:
        if b"".join(stream.part(most=LONGEST_HEAD)).strip():
            raise _bad("Something stands before the first boundary.")
        for _ in range(MOST_PARTS):
            if stream.is_last():
                break
            _take(form, _head(stream.head()), stream, known)
        else:
            raise _bad("The form has too many parts.")
    except BaseException:
        form.file.close()
        raise
    if not form.name:
        form.file.close()
        raise _bad(f"The form has no {FILE}.")
    return form


def _take(form: Form, head: dict[str, str], stream: "_Stream", known: Collection[str]) -> None:
    kind, said = parse_header_parameters(head.get("content-disposition", ""))
    name = said.get("name", "")
    if kind != "form-data" or not name:
        raise _bad("A part has no name.")
    if head.get("content-transfer-encoding", "binary").strip().lower() not in _ENCODINGS:
        raise Refusal(415, "unsupported_encoding", "A part must not have a transfer encoding.")
    if name in form.fields or (name == FILE and form.name):
        raise _bad("A field stands twice in the form.")
    if name == FILE:
        if "filename" not in said:
            raise Refusal(400, "not_a_file", "The file must be sent itself, not where it is.")
        form.name = checked_name(said["filename"])
        whole = hashlib.sha256()
        for piece in stream.part():
            whole.update(piece)
            form.file.write(piece)
        form.sha256 = whole.hexdigest()
    elif name in known and "filename" not in said:
        try:
            form.fields[name] = b"".join(stream.part(most=LONGEST_FIELD)).decode()
        except UnicodeDecodeError as error:
            raise Refusal(400, "not_utf8", "A field is not UTF-8.") from error
    else:
        taken = ", ".join((FILE, *known))
        raise Refusal(400, "unknown_field", f"The fields of the form are {taken}.")


def checked_name(name: str) -> str:
    """The file's name, if it is a name and nothing else: no path, no address, no control character."""
    is_plain = name.strip() not in ("", ".", "..") and len(name) <= LONGEST_NAME
    if not is_plain or _DRIVE.match(name) or set(name) & set("/\\") or not name.isprintable():
        raise Refusal(400, "bad_name", "The name of the file must be a plain file name.")
    return name


def _head(content: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        lines = content.decode().split("\r\n")
    except UnicodeDecodeError as error:
        raise _bad("The head of a part is not UTF-8.") from error
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name.strip().lower() in found:
            raise _bad("The head of a part cannot be read.")
        found[name.strip().lower()] = value.strip()
    return found


class _Stream:
    """A body in pieces, cut at a delimiter; never more than a piece of it in memory."""

    def __init__(self, chunks: Iterable[bytes], delimiter: bytes) -> None:
        self._chunks = iter(chunks)
        self._delimiter = delimiter
        self._held = b"\r\n"  # the first delimiter may stand at the very beginning

    def part(self, *, most: int | None = None) -> Iterator[bytes]:
        """What stands before the next delimiter, which is passed."""
        size = 0
        for piece in self._until(self._delimiter):
            size += len(piece)
            if most is not None and size > most:
                raise _bad("A field is too long.")
            yield piece

    def head(self) -> bytes:
        """The lines of a part's head, up to the empty one, which is passed."""
        found = b""
        for piece in self._until(b"\r\n\r\n"):
            found += piece
            if len(found) > LONGEST_HEAD:
                raise _bad("The head of a part is too long.")
        return found[2:]  # behind the end of the boundary's line

    def is_last(self) -> bool:
        """Behind a delimiter: is it the closing one, with nothing behind it?"""
        while len(self._held) < 2 and (piece := next(self._chunks, b"")):
            self._held += piece
        if self._held[:2] == b"\r\n":
            return False  # it stays, so that a head without any line is found to be one
        if self._held[:2] != b"--":
            raise _not_closed()
        if self._held[2:].strip() or any(piece.strip() for piece in self._chunks):
            raise _bad("Something follows the closing boundary.")
        return True

    def _until(self, mark: bytes) -> Iterator[bytes]:
        while (place := self._held.find(mark)) < 0:
            # The mark may begin at the end of what is there.
            ready = self._held[: -len(mark)]
            self._held = self._held[len(ready) :]
            if ready:
                yield ready
            piece = next(self._chunks, None)
            if piece is None:
                raise _not_closed()
            self._held += piece
        ready, self._held = self._held[:place], self._held[place + len(mark) :]
        if ready:
            yield ready


def _bad(detail: str) -> Refusal:
    return Refusal(400, "bad_form", detail)


def _not_closed() -> Refusal:
    return Refusal(400, "not_closed", "The body ends before its closing boundary.")
