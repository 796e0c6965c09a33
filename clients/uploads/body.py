"""A request's body, read whole and in bounded memory before anything is looked up or stored.

Django takes a chunked body for an empty one, so it is read from the server's own stream. It is kept
in a temporary file, in memory while it is small: no transaction waits for a slow client, and a body
that ends too early has touched nothing.
"""

import codecs
import hashlib
import time
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any, Self

from django.conf import settings
from django.utils.http import parse_header_parameters
from rest_framework.request import Request

from agency.base.api import Refusal

FORMS = {"application/x-ndjson": "ndjson", "application/json": "json", "text/csv": "csv"}
TYPES = FORMS | {"multipart/form-data": "multipart"}
PIECE = 1024 * 1024  # bytes read at once, and of the zipped ones unzipped at once
IN_MEMORY = 4 * PIECE  # a larger body goes to the disk
WHOLE_SECONDS = 1800.0  # for a body of any size
GZIP = 16 + zlib.MAX_WBITS


@dataclass
class Body:
    """What came, as it came. ``form``: ndjson, json or csv. Closes with its ``with`` block."""

    file: IO[bytes]
    form: str
    gzipped: bool
    most_bytes: int

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces, unzipped, from its beginning, as often as it is asked for.

        Raises ``Refusal``: 413 past ``most_bytes``; 400 for damaged gzip, for anything behind its
        end, a byte order mark, what is not UTF-8, and an empty body.
        """
        utf8 = codecs.getincrementaldecoder("utf-8")()
        head = b""
        for piece in self.content():
            if len(head) < 3:
                head += piece[:3]
                if head.startswith(codecs.BOM_UTF8):
                    raise Refusal(400, "byte_order_mark", "The body begins with a byte order mark.")
            _check(utf8, piece, final=False)
            yield piece
        if not head:
            raise Refusal(400, "empty", "The body is empty.")
        _check(utf8, b"", final=True)

    def content(self) -> Iterator[bytes]:
        """As ``chunks``, whatever the bytes mean: only size and gzip are checked."""
        size = 0
        for piece in self._unzipped() if self.gzipped else self._pieces():
            size += len(piece)
            if size > self.most_bytes:
                raise too_large(self.most_bytes)
            yield piece

    def read(self) -> bytes:
        """All of the content; for calls whose bodies are small."""
        return b"".join(self.chunks())

    def sha256(self) -> str:
        """Of the content: the same rows zipped again, by another program, are the same body."""
        whole = hashlib.sha256()
        for piece in self.content():
            whole.update(piece)
        return whole.hexdigest()

    def _pieces(self) -> Iterator[bytes]:
        self.file.seek(0)
        while piece := self.file.read(PIECE):
            yield piece

    def _unzipped(self) -> Iterator[bytes]:
        unzip = zlib.decompressobj(GZIP)
        try:
            for piece in self._pieces():
                if unzip.eof:
                    raise Refusal(400, "trailing_gzip", "Something follows the end of the gzip.")
                waiting = piece
                while waiting and not unzip.eof:
                    # A bomb is never unzipped whole: a piece, then the count of bytes is looked at.
                    unzipped = unzip.decompress(waiting, PIECE)
                    waiting = unzip.unconsumed_tail
                    if unzipped:
                        yield unzipped
                yield from _rest(unzip)
        except zlib.error as error:
            raise Refusal(400, "corrupt_gzip", "The gzip is damaged.") from error
        if unzip.unused_data:
            raise Refusal(400, "trailing_gzip", "Something follows the end of the gzip.")
        if not unzip.eof:
            raise Refusal(400, "corrupt_gzip", "The gzip ends too early.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.file.close()


def _rest(unzip: Any) -> Iterator[bytes]:
    """What was unzipped already and not yet handed out."""
    while not unzip.eof and (piece := unzip.decompress(b"", PIECE)):
        yield piece


def receive(
    request: Request,
    *,
    forms: Collection[str] = tuple(FORMS.values()),
    most_bytes: int | None = None,
) -> Body:
    """Read the body of ``request``. ``forms``: which of ``TYPES`` this call takes.

    Raises ``Refusal``: 415 for a type, charset or encoding that is not taken; 411 without a length
    where the server can't tell the end; 413 when too large; 400 or 408 when less comes than said.
    """
    most = settings.UPLOAD_MOST_BYTES if most_bytes is None else most_bytes
    form = _form(request, forms)
    gzipped = _is_gzipped(request)
    most_sent = min(most, settings.UPLOAD_MOST_ZIPPED_BYTES) if gzipped else most
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (Body closes it)
    try:
        _copy(request, file, most=most_sent)
    except BaseException:
        file.close()
        raise
    return Body(file, form, gzipped, most)


def too_large(most: int) -> Refusal:
    """The 413 of more than ``most`` bytes."""
    return Refusal(413, "too_large", f"The body has more than {most:,} bytes.")


def _form(request: Request, forms: Collection[str]) -> str:
    kind, parameters = parse_header_parameters(request.headers.get("Content-Type", ""))
    form = TYPES.get(kind.strip().lower())
    if form not in forms:
        taken = ", ".join(kind for kind, form in TYPES.items() if form in forms)
        raise Refusal(415, "unsupported_media_type", f"The Content-Type must be one of {taken}.")
    charset = parameters.get("charset", "utf-8")
    try:
        is_utf8 = charset.isascii() and codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):
        is_utf8 = False
    if not is_utf8:
        raise Refusal(415, "unsupported_charset", "The charset must be UTF-8.")
    return str(form)


def _is_gzipped(request: Request) -> bool:
    header = request.headers.get("Content-Encoding", "")
    codings = [part.strip().lower() for part in header.split(",") if part.strip()]
    codings = [coding for coding in codings if coding != "identity"]
    if set(codings) - {"gzip", "x-gzip"}:
        raise Refusal(415, "unsupported_encoding", "The Content-Encoding must be gzip or none.")
    if len(codings) > 1:
        raise Refusal(400, "stacked_gzip", "The body may be zipped once.")
    return bool(codings)


def _copy(request: Request, file: IO[bytes], *, most: int) -> None:
    meta = request.META
    length = _length(meta)
    if length is None and not meta.get("wsgi.input_terminated"):
        raise Refusal(411, "length_required", "The request needs a Content-Length.")
    if length is not None and length > most:
        raise too_large(most)
    came = 0
    for piece in _read(meta, length):
        came += len(piece)
        if came > most:
            raise too_large(most)
        file.write(piece)
    if length is not None and came < length:
        raise Refusal(400, "truncated", "The body is shorter than its Content-Length.")
    if not came:
        raise Refusal(400, "empty", "The body is empty.")


def _length(meta: dict[str, Any]) -> int | None:
    """The Content-Length; none where the body is chunked, or where nothing was said."""
    written = str(meta.get("CONTENT_LENGTH") or "")
    if not written or "chunked" in str(meta.get("HTTP_TRANSFER_ENCODING", "")).lower():
        return None
    if not (written.isascii() and written.isdecimal() and len(written) < 19):
        raise Refusal(400, "bad_length", "The Content-Length is not a number.")
    return int(written)


def _read(meta: dict[str, Any], length: int | None) -> Iterator[bytes]:
    """Pieces of the server's stream until it ends or ``length`` is there."""
    stream, socket = meta["wsgi.input"], meta.get("gunicorn.socket")
    until = time.monotonic() + WHOLE_SECONDS
    if socket is not None:
        socket.settimeout(settings.UPLOAD_READ_SECONDS)
    try:
        left = length
        while left is None or left > 0:
            if time.monotonic() > until:
                raise Refusal(408, "too_slow", "The body did not come in time.")
            try:
                piece = stream.read(PIECE if left is None else min(PIECE, left))
            except TimeoutError as error:
                raise Refusal(408, "too_slow", "The body did not come in time.") from error
            except Exception as error:  # each server has its own errors for a broken body
                raise Refusal(400, "truncated", "The body broke off.") from error
            if not piece:
                return
            left = None if left is None else left - len(piece)
            yield piece
    finally:
        if socket is not None:
            socket.settimeout(None)


def _check(utf8: codecs.IncrementalDecoder, piece: bytes, *, final: bool) -> None:
    try:
        utf8.decode(piece, final)
    except UnicodeDecodeError as error:
        raise Refusal(400, "not_utf8", "The body is not UTF-8.") from error
