"""Bytes to rows, strictly: NDJSON, a JSON array or CSV, each of them gzipped or not.

A file that can't be read at all raises ``BadInput``; one bad line is a ``RawRow`` with its
``problem``, so that the others can be told too. Strings stay strings ("NA", "007").
Pure: no Django; nothing is written.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agency.base.errors import BadInput
from clients.strict_json import DECODER, DEEPEST, Refused, check_value

Form = Literal["ndjson", "json", "csv"]

MOST_BYTES = 512 * 1024 * 1024
MOST_COLUMNS = 1000
LONGEST_CELL = 1_000_000

_BINARY = {
    b"PK\x03\x04": "a zip or Excel file",
    b"PK\x05\x06": "a zip file",
    b"\xd0\xcf\x11\xe0": "an Excel file",
    b"PAR1": "a Parquet file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"(\xb5/\xfd": "a zstd file",
    b"%PDF": "a PDF",
}


class Unreadable(BadInput):
    """The file or request as a whole can't be read; ``code`` says why in a word.

    ``line`` and ``column`` (a cell's number), from 1, where they are known.
    """

    status = 400

    def __init__(self, code: str, detail: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(detail)
        self.code = code
        self.line = line
        self.column = column


class TooMuch(Unreadable):
    """A cell longer, or a row with more of them, than any may be."""

    status = 413


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: where (JSON pointer), the kind in a word, and a sentence.

    ``broken``: it is no row at all (bad JSON, a list where an object belongs), whatever the model.
    ``column``: of a table, from 1, where it is known.
    """

    pointer: str
    code: str
    detail: str
    broken: bool = False
    column: int = 0


@dataclass(frozen=True)
class RawRow:
    """A row as it stood in the file; ``values`` is empty where there is a ``problem``.

    ``prefix`` is the pointer to the row itself: ``/3`` in a JSON array, else nothing.
    """

    line: int
    values: dict[str, Any]
    content: str
    problem: Problem | None = None
    prefix: str = ""
    is_csv: bool = False


_NO_OBJECT = Problem("", "not_an_object", "a row must be a JSON object", broken=True)


def read_bytes(path: str | Path) -> bytes:
    """The bytes of a local file; ``BadInput`` where it is missing, no file, unreadable or huge."""
    place = Path(path)
    try:
        if not place.exists():
            raise BadInput(f"{place}: no such file")
        if not place.is_file():
            raise BadInput(f"{place}: not a file")
        if place.stat().st_size > MOST_BYTES:
            raise BadInput(f"{place}: larger than {MOST_BYTES // 1024**2} MB")
        return place.read_bytes()
    except OSError as error:
        raise BadInput(f"{place}: cannot be read ({error.strerror})") from error


def read_rows(content: bytes, name: str) -> Iterator[RawRow]:
    """The rows of a file in order; ``name`` is for its suffix and for the error messages.

    ``.csv`` is CSV. Any other name is told by its first character: ``[`` a JSON array, ``{`` or a
    JSON suffix NDJSON, else CSV.
    """
    content = unzip(content, name)
    text = decode_text(content, name)
    form = form_of(name, text.lstrip()[:1])
    if form == "json":
        return array_rows(text, name)
    if form == "ndjson":
        return _ndjson(text)
    # Not StringIO, which keeps four bytes of every character.
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    return csv_rows(lines, name)


def form_of(name: str, first: str) -> Form:
    """The form of a file, by its name and the first character that is no space."""
    if not first:
        raise Unreadable("empty", f"{name}: the file is empty")
    suffix = Path(name.lower().removesuffix(".gz")).suffix
    if suffix == ".csv":
        return "csv"
    if first == "[":
        return "json"
    return "ndjson" if first == "{" or suffix in (".json", ".ndjson", ".jsonl") else "csv"


def unzip(content: bytes, name: str) -> bytes:
    """The content, unpacked where it is gzip; never more than ``MOST_BYTES``."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            # One byte more than allowed is enough to know; a bomb is never unpacked whole.
            whole = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable("bad_gzip", f"{name}: a damaged gzip file") from error
    if len(whole) > MOST_BYTES:
        raise BadInput(f"{name}: larger than {MOST_BYTES // 1024**2} MB when unpacked")
    return whole


def refuse_binary(content: bytes, name: str) -> None:
    """``Unreadable`` where the first bytes are those of another kind of file."""
    for magic, what in _BINARY.items():
        if content.startswith(magic):
            raise Unreadable("binary", f"{name}: this is {what}, not CSV or NDJSON")
    if content[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        raise Unreadable("binary", f"{name}: this is a Python pickle; pickles are never loaded")


def decode_text(content: bytes, name: str) -> str:
    """The bytes as text, a byte order mark left out. Raises ``Unreadable``."""
    refuse_binary(content, name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable("not_utf8", f"{name} line {line}: not UTF-8") from error
    nul = text.find("\x00")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise Unreadable("nul", f"{name} line {line}: a NUL character")
    return text


def _ndjson(text: str) -> Iterator[RawRow]:
    # Not splitlines(): U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped:
            yield json_row(stripped, line=number)


def json_row(text: str, *, line: int) -> RawRow:
    """One JSON row, read thoroughly; what is wrong with it is its ``problem``."""
    try:
        values = DECODER.decode(text)
        check_value(text, values)
    except Refused as error:
        return RawRow(line, {}, text, Problem("", error.code, str(error), broken=True))
    except RecursionError:
        problem = Problem("", "too_deep", f"deeper than {DEEPEST} levels", broken=True)
        return RawRow(line, {}, text, problem)
    except ValueError as error:
        return RawRow(line, {}, text, Problem("", "not_json", f"not JSON ({error})", broken=True))
    if not isinstance(values, dict):
        return RawRow(line, {}, text, _NO_OBJECT)
    return RawRow(line, values, text)


def array_rows(text: str, name: str) -> Iterator[RawRow]:
    """The rows of a JSON array in memory, one by one. Raises ``Unreadable``."""
    place, line, number = text.index("[") + 1, 1 + text.count("\n", 0, text.index("[")), 0
    closed = False
    while not closed:
        start = _skip(text, place)
        if text[start : start + 1] == "]" and number == 0:
            place, closed = start + 1, True
            break
        line += text.count("\n", place, start)
        try:
            values, end = DECODER.raw_decode(text, start)
            check_value(text[start:end], values)
        except (ValueError, RecursionError) as error:
            deep = isinstance(error, RecursionError)
            code = "too_deep" if deep else getattr(error, "code", "not_json")
            what = "too deep" if deep else str(error)
            detail = f"{name} line {line}, row {number + 1} of the array: {what}"
            raise Unreadable(code, detail) from error
        content, prefix = text[start:end], f"/{number}"
        if isinstance(values, dict):
            yield RawRow(line, values, content, prefix=prefix)
        else:
            yield RawRow(line, {}, content, _NO_OBJECT, prefix)
        place = _skip(text, end)
        line += text.count("\n", start, place)
        separator, number = text[place : place + 1], number + 1
        if separator not in (",", "]"):
            raise Unreadable("not_closed", f"{name} line {line}: the JSON array is not closed")
        place, closed = place + 1, separator == "]"
    if text[place:].strip():
        raise Unreadable("not_json", f"{name}: something follows the JSON array")


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def csv_rows(lines: Iterable[str], name: str) -> Iterator[RawRow]:
    """The rows of CSV that comes line by line, ends of lines kept. Raises ``Unreadable``."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            detail = f"{name} line {line}: not CSV ({error})"
            if "field limit" in str(error):
                raise TooMuch("cell_too_long", detail, line=line) from error
            raise Unreadable("not_csv", detail, line=line) from error
        if not cells or (len(cells) == 1 and not cells[0].strip() and len(header) != 1):
            continue
        if not header:
            header = _header(cells, name, line)
            continue
        content = ",".join(cells)
        if len(cells) == len(header):
            yield RawRow(line, dict(zip(header, cells, strict=True)), content, is_csv=True)
            continue
        detail = f"{len(cells)} cells where the header has {len(header)}"
        column = min(len(cells), len(header)) + 1  # the first one missing or too many
        problem = Problem("", "ragged", detail, column=column)
        yield RawRow(line, {}, _written(cells), problem, is_csv=True)


def _written(cells: list[str]) -> str:
    """A line of CSV again; what stood in quotes because of a comma does so."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _header(cells: list[str], name: str, line: int) -> list[str]:
    header = [cell.strip() for cell in cells]
    if len(header) > MOST_COLUMNS:
        detail = f"{name} line {line}: more than {MOST_COLUMNS:,} columns"
        raise TooMuch("too_many_columns", detail, line=line, column=MOST_COLUMNS + 1)
    if len(header) == 1:
        for separator in (";", "\t", "|"):
            if separator in header[0]:
                detail = f"{name}: columns must be separated by commas, not {separator!r}"
                raise Unreadable("separator", detail, line=line, column=1)
    seen: set[str] = set()
    for number, column in enumerate(header, start=1):
        if not column:
            detail = f"{name}: column {number} of the header has no name"
            raise Unreadable("bad_header", detail, line=line, column=number)
        if column in seen:
            detail = f"{name}: the column {column[:60]!r} stands twice in the header"
            raise Unreadable("duplicate_header", detail, line=line, column=number)
        seen.add(column)
    return header
