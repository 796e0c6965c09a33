"""Bytes in pieces of any size to pieces of about a thousand rows, in bounded memory. Pure.

NDJSON is cut at line ends, a JSON array between two of its objects, CSV by the csv module. Every
piece is valid UTF-8 without a NUL when it is handed on.
"""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import msgspec

from clients.readers import Form, RawRow, Unreadable, array_rows, csv_rows, refuse_binary

SIZE = 512 * 1024  # bytes of a piece, about
ROWS = 1000  # rows of a piece of CSV
LONGEST_ROW = 1_000_000
_BLANK = b" \t\r\n"
_BETWEEN = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw]).decode
_TRIES = 20  # places where an array may be cut; a wrong one is inside a row


class TooLong(Unreadable):
    """A row longer than any row may be."""

    status = 413


@dataclass
class Piece:
    """Rows in order. JSON as ``lines`` with their ``numbers`` in the file; CSV as ``rows``."""

    lines: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rows: list[RawRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines) or len(self.rows)


def pieces(
    chunks: Iterable[bytes], *, form: Form, name: str, mark: bool = False
) -> Iterator[Piece]:
    """The rows of a file; blank lines are none. ``mark``: a byte order mark is left out.

    Raises ``Unreadable`` that starts with ``name``.
    """
    begun = _begin(_slices(chunks), name, mark)
    if form == "ndjson":
        return _lines(begun, name)
    return _array(begun, name) if form == "json" else _csv(begun, name)


def _slices(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if len(chunk) <= SIZE:
            yield chunk
        else:
            for start in range(0, len(chunk), SIZE):
                yield chunk[start : start + SIZE]


def _begin(chunks: Iterator[bytes], name: str, mark: bool) -> Iterator[bytes]:
    """The bytes again, once the first few are those of a text."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 16:
            break
    refuse_binary(head, name)
    if head.startswith(codecs.BOM_UTF8):
        if not mark:
            raise Unreadable("bom", f"{name}: a byte order mark")
        head = head[len(codecs.BOM_UTF8) :]
    yield head
    yield from chunks


def _lines(chunks: Iterator[bytes], name: str) -> Iterator[Piece]:
    rest, number = bytearray(), 1
    for chunk in chunks:
        rest += chunk
        if len(rest) < SIZE:
            continue
        cut = rest.rfind(b"\n") + 1
        if cut:
            piece = _piece_of_lines(bytes(rest[:cut]), number, name)
            number += rest.count(b"\n", 0, cut)
            del rest[:cut]
            yield piece
        if len(rest) > LONGEST_ROW:
            raise _too_long(name, number)
    yield _piece_of_lines(bytes(rest), number, name)


def _piece_of_lines(content: bytes, first: int, name: str) -> Piece:
    _check_text(content, first, name)
    # Not splitlines(): only a line feed ends a row.
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    numbers: Iterable[int] = range(first, first + len(lines))
    if not all(map(bytes.strip, lines)):
        kept = [(n, line) for n, line in zip(numbers, lines, strict=True) if line.strip(_BLANK)]
        numbers, lines = [n for n, _ in kept], [line for _, line in kept]
    if len(content) > LONGEST_ROW and any(len(line) > LONGEST_ROW for line in lines):
        raise _too_long(name, first)
    return Piece(lines, list(numbers))


def _array(chunks: Iterator[bytes], name: str) -> Iterator[Piece]:
    rest, number, row, begun = bytearray(), 1, 0, False
    for chunk in chunks:
        rest += chunk
        if not begun:
            text = rest.lstrip(_BLANK)
            number += rest.count(b"\n", 0, len(rest) - len(text))
            if text and text[:1] != b"[":
                raise Unreadable("not_json", f"{name} line {number}: no JSON array")
            begun, rest = bool(text), text[1:]
        if len(rest) < SIZE:
            continue
        cut = _cut(rest)
        if cut is not None:
            comma, elements = cut
            yield _piece_of_array(bytes(rest[:comma]), elements, number, name)
            number += rest.count(b"\n", 0, comma)
            row += len(elements)
            del rest[: comma + 1]
        elif len(rest) > LONGEST_ROW + SIZE:
            _last_of_array(bytes(rest), number, row, name)
            raise _too_long(name, number)
    if begun:
        yield _last_of_array(bytes(rest), number, row, name)


def _cut(rest: bytearray) -> tuple[int, list[msgspec.Raw]] | None:
    """The comma behind the last whole row, and the rows before it.

    A place that looks like the end of a row and is none leaves half a row behind, which does not
    decode: what decodes was cut rightly.
    """
    places = [match.start() + match[0].index(b",") for match in _BETWEEN.finditer(rest)]
    for comma in reversed(places[-_TRIES:]):
        try:
            return comma, _ELEMENTS(b"[" + rest[:comma] + b"]")
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue
    return None


def _last_of_array(rest: bytes, number: int, row: int, name: str) -> Piece:
    try:
        elements = _ELEMENTS(b"[" + rest)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _thorough(rest, number, row, name)
    return _piece_of_array(rest, elements, number, name)


def _thorough(rest: bytes, number: int, row: int, name: str) -> Piece:
    """The last part of an array, ``row`` rows into it, by the reader that can say what is wrong."""
    _check_text(rest, number, name)
    text = "\n" * (number - 1) + "[" + rest.decode()
    found = Piece()
    try:
        for raw in array_rows(text, name):
            found.lines.append(raw.content.encode())
            found.numbers.append(raw.line)
    except Unreadable as error:
        if not found.lines and len(rest) > LONGEST_ROW + SIZE:
            raise _too_long(name, number) from error
        if not row:
            raise
        at = f"row {row + len(found) + 1:,} of the array"
        raise Unreadable(error.code, f"{name}: {at} cannot be read ({error.code})") from error
    return found


def _piece_of_array(content: bytes, elements: list[msgspec.Raw], first: int, name: str) -> Piece:
    _check_text(content, first, name)
    lines = [bytes(element) for element in elements]
    if any(len(line) > LONGEST_ROW for line in lines):
        raise _too_long(name, first)
    if b"\n" not in content:
        return Piece(lines, [first] * len(lines))
    numbers, place, number = [], 0, first
    for line in lines:
        start = content.index(line, place)
        number += content.count(b"\n", place, start)
        numbers.append(number)
        number += line.count(b"\n")
        place = start + len(line)
    return Piece(lines, numbers)


def _csv(chunks: Iterator[bytes], name: str) -> Iterator[Piece]:
    rows = csv_rows(_text_lines(chunks, name), name)
    while batch := list(islice(rows, ROWS)):
        yield Piece(rows=batch)


def _text_lines(chunks: Iterator[bytes], name: str) -> Iterator[str]:
    file = io.TextIOWrapper(
        io.BufferedReader(_Stream(chunks), SIZE), encoding="utf-8", errors="strict", newline=""
    )
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(LONGEST_ROW + 1)
        except UnicodeDecodeError as error:
            raise Unreadable("not_utf8", f"{name} line {number}: not UTF-8") from error
        if not line:
            return
        if len(line) > LONGEST_ROW:
            raise _too_long(name, number)
        if "\0" in line:
            raise Unreadable("nul", f"{name} line {number}: a NUL character")
        yield line


class _Stream(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _check_text(content: bytes, first: int, name: str) -> None:
    if not content.isascii():
        try:
            content.decode()
        except UnicodeDecodeError as error:
            line = first + content.count(b"\n", 0, error.start)
            raise Unreadable("not_utf8", f"{name} line {line}: not UTF-8") from error
    nul = content.find(b"\0")
    if nul >= 0:
        line = first + content.count(b"\n", 0, nul)
        raise Unreadable("nul", f"{name} line {line}: a NUL character")


def _too_long(name: str, number: int) -> TooLong:
    detail = f"{name} line {number}: a row is longer than {LONGEST_ROW:,} bytes"
    return TooLong("row_too_long", detail)
