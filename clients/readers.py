"""Bytes to rows, strictly: NDJSON, a JSON array or CSV, each of them gzipped or not.

A file that can't be read at all raises ``BadInput``; one bad line is a ``RawRow`` with its
``problem``, so that the others can be told too. Strings stay strings ("NA", "007").
Pure: no Django; nothing is written.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from agency.base.errors import BadInput

MOST_BYTES = 512 * 1024 * 1024
DEEPEST = 32
LONGEST_INTEGER = 64
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
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: where (JSON pointer), the kind in a word, and a sentence."""

    pointer: str
    code: str
    detail: str


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


class _Refused(ValueError):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


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
    text = _decode(_unzip(content, name), name)
    suffix = Path(name.lower().removesuffix(".gz")).suffix
    first = text.lstrip()[:1]
    if not first:
        raise BadInput(f"{name}: the file is empty")
    if suffix != ".csv" and first == "[":
        return _array(text, name)
    if suffix != ".csv" and (first == "{" or suffix in (".json", ".ndjson", ".jsonl")):
        return _ndjson(text)
    return _csv(text, name)


def _unzip(content: bytes, name: str) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            # One byte more than allowed is enough to know; a bomb is never unpacked whole.
            whole = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{name}: a damaged gzip file") from error
    if len(whole) > MOST_BYTES:
        raise BadInput(f"{name}: larger than {MOST_BYTES // 1024**2} MB when unpacked")
    return whole


def _decode(content: bytes, name: str) -> str:
    for magic, what in _BINARY.items():
        if content.startswith(magic):
            raise BadInput(f"{name}: this is {what}, not CSV or NDJSON")
    if content[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        raise BadInput(f"{name}: this is a Python pickle; pickles are never loaded")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(f"{name} line {line}: not UTF-8") from error
    nul = text.find("\x00")
    if nul >= 0:
        raise BadInput(f"{name} line {text.count(chr(10), 0, nul) + 1}: a NUL character")
    return text


def _ndjson(text: str) -> Iterator[RawRow]:
    # Not splitlines(): U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped:
            yield _json_row(stripped, line=number)


def _json_row(text: str, *, line: int) -> RawRow:
    try:
        values = _DECODER.decode(text)
        _check_value(text, values)
    except _Refused as error:
        return RawRow(line, {}, text, Problem("", error.code, str(error)))
    except RecursionError:
        return RawRow(line, {}, text, Problem("", "too_deep", f"deeper than {DEEPEST} levels"))
    except ValueError as error:
        return RawRow(line, {}, text, Problem("", "not_json", f"not JSON ({error})"))
    if not isinstance(values, dict):
        return RawRow(line, {}, text, Problem("", "not_an_object", "a row must be a JSON object"))
    return RawRow(line, values, text)


def _array(text: str, name: str) -> Iterator[RawRow]:
    place, line, number = text.index("[") + 1, 1 + text.count("\n", 0, text.index("[")), 0
    closed = False
    while not closed:
        start = _skip(text, place)
        if text[start : start + 1] == "]" and number == 0:
            place, closed = start + 1, True
            break
        line += text.count("\n", place, start)
        try:
            values, end = _DECODER.raw_decode(text, start)
            _check_value(text[start:end], values)
        except (ValueError, RecursionError) as error:
            what = "too deep" if isinstance(error, RecursionError) else str(error)
            raise BadInput(f"{name} line {line}, row {number + 1} of the array: {what}") from error
        content, prefix = text[start:end], f"/{number}"
        if isinstance(values, dict):
            yield RawRow(line, values, content, prefix=prefix)
        else:
            problem = Problem("", "not_an_object", "a row must be a JSON object")
            yield RawRow(line, {}, content, problem, prefix)
        place = _skip(text, end)
        line += text.count("\n", start, place)
        separator, number = text[place : place + 1], number + 1
        if separator not in (",", "]"):
            raise BadInput(f"{name} line {line}: the JSON array is not closed")
        place, closed = place + 1, separator == "]"
    if text[place:].strip():
        raise BadInput(f"{name}: something follows the JSON array")


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _csv(text: str, name: str) -> Iterator[RawRow]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadInput(f"{name} line {line}: not CSV ({error})") from error
        if not cells or (len(cells) == 1 and not cells[0].strip() and len(header) != 1):
            continue
        if not header:
            header = _header(cells, name)
            continue
        content = ",".join(cells)
        if len(cells) == len(header):
            yield RawRow(line, dict(zip(header, cells, strict=True)), content, is_csv=True)
            continue
        detail = f"{len(cells)} cells where the header has {len(header)}"
        yield RawRow(line, {}, content, Problem("", "ragged", detail), is_csv=True)


def _header(cells: list[str], name: str) -> list[str]:
    header = [cell.strip() for cell in cells]
    if len(header) == 1:
        for separator in (";", "\t", "|"):
            if separator in header[0]:
                raise BadInput(f"{name}: columns must be separated by commas, not {separator!r}")
    if "" in header:
        raise BadInput(f"{name}: column {header.index('') + 1} of the header has no name")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise BadInput(f"{name}: the column {twice[0]!r} stands twice in the header")
    return header


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Refused("duplicate_key", f"the key {twice[:40]!r} stands twice in an object")
    return values


def _constant(word: str) -> NoReturn:
    raise _Refused("not_finite", f"{word} is not a JSON number")


def _float(written: str) -> float:
    value = float(written)
    if value in (float("inf"), float("-inf")):
        raise _Refused("not_finite", f"{written[:20]} is too large for a number")
    return value


def _int(written: str) -> int:
    if len(written) > LONGEST_INTEGER:
        raise _Refused("too_long", f"an integer of {len(written)} digits")
    return int(written)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float, parse_int=_int
)


def _check_value(text: str, value: Any) -> None:
    """Refuse what JSON can write and a database can't hold: deep nesting, NUL, half characters."""
    # Only an escape can bring in a NUL or a half character: the file was decoded strictly.
    if "\\u" not in text and text.count("{") + text.count("[") <= DEEPEST:
        return
    open_values = [(value, 1)]
    while open_values:
        item, depth = open_values.pop()
        if depth > DEEPEST + 1:
            raise _Refused("too_deep", f"deeper than {DEEPEST} levels")
        if isinstance(item, str):
            if "\x00" in item:
                raise _Refused("nul", "a NUL character")
            if _SURROGATE.search(item):
                raise _Refused("half_character", "half of a surrogate pair, no character")
        elif isinstance(item, dict):
            open_values += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            open_values += [(part, depth + 1) for part in item]
