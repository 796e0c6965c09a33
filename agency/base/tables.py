"""Tables that go out to a spreadsheet and come back: CSV and XLSX in which no cell is a formula. Pure.

A CSV cell that a spreadsheet would compute begins with a quote mark, and loses it when it comes back.
An XLSX cell is written as a string, whatever it begins with.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from agency.base.errors import BadInput

Row = dict[str, str]

# What makes a spreadsheet compute a cell; the wide forms are taken for the narrow ones.
STARTS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
QUOTE = "'"
MOST_ROWS = 5_000
MOST_BYTES = 5_000_000
MOST_UNPACKED = 50_000_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # of an XLSX file
CUT = " [cut here: a cell holds no more]"
# Characters that the format cannot hold.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def quoted(text: str) -> str:
    """The text as a CSV cell that no spreadsheet computes; ``unquoted`` gives it back.

    >>> quoted("=1+1"), quoted("'=1"), quoted("'tis"), quoted("plain")
    ("'=1+1", "''=1", "'tis", 'plain')
    """
    risky = text[:1] in STARTS_FORMULA if text else False
    return f"{QUOTE}{text}" if risky or _marked(text) else text


def unquoted(text: str) -> str:
    """What ``quoted`` was given.

    >>> [unquoted(quoted(text)) for text in ("=1", "'=1", "''a", "'", "-", "")]
    ['=1', "'=1", "''a", "'", '-', '']
    """
    return text[1:] if _marked(text) else text


def _marked(text: str) -> bool:
    return text[:1] == QUOTE and text[1:2] != "" and text[1:2] in STARTS_FORMULA | {QUOTE}


def as_csv(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with the mark that spreadsheets want; every text guarded."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in (headers, *rows):
        writer.writerow([quoted(_text(value)) for value in row])
    return out.getvalue().encode("utf-8-sig", errors="replace")


def as_xlsx(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet of strings and numbers. What the format cannot hold is replaced, and a cut is told."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    for row in (headers, *rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet)
            if isinstance(value, int | float) and not isinstance(value, bool):
                cell.value = value
            else:
                text = ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", _text(value))
                if len(text) > LONGEST_CELL:
                    text = text[: LONGEST_CELL - len(CUT)] + CUT
                cell.value = text
                # After the value, which would make a formula of what begins with "=".
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_table(*, name: str, content: bytes) -> list[Row]:
    """The rows of a CSV or XLSX file by their headers, as texts without outer spaces.

    ``BadInput`` for another kind of file, one that is too large, a header that is there twice, a
    formula, or text that is not UTF-8; it says which row, counted as a spreadsheet does.
    """
    if len(content) > MOST_BYTES:
        raise BadInput(f"the file is larger than {MOST_BYTES // 1_000_000} MB")
    kind = name.rpartition(".")[2].lower()
    if kind not in ("csv", "xlsx"):
        raise BadInput("the file is neither CSV nor XLSX")
    lines = iter(_csv_lines(content) if kind == "csv" else _xlsx_lines(content))
    headers = [cell.strip().lower() for cell in next(lines, [])]
    while headers and not headers[-1]:
        headers.pop()
    if not headers or len(set(headers)) != len(headers):
        raise BadInput("the first row has to name the columns, each once")
    found: list[Row] = []
    for number, cells in enumerate(lines, start=2):
        if len(found) >= MOST_ROWS:
            raise BadInput(f"the file has more than {MOST_ROWS:,} rows")
        if any(cell.strip() for cell in cells[len(headers) :]):
            raise BadInput(f"row {number} has more cells than the first row has names")
        padded = [cell.strip() for cell in cells[: len(headers)]]
        padded += [""] * (len(headers) - len(padded))
        found.append(dict(zip(headers, padded, strict=True)))
    while found and not any(found[-1].values()):
        found.pop()
    return found


def _csv_lines(content: bytes) -> Iterable[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("the file is not UTF-8: save it as CSV UTF-8") from error
    first = text.partition("\n")[0]
    # Where a comma stands in numbers, spreadsheets part cells by semicolons.
    mark = ";" if first.count(";") > first.count(",") else ","
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True):
            yield [unquoted(cell) for cell in cells]
    except csv.Error as error:
        raise BadInput(f"the file is not CSV: {error}") from error


def _xlsx_lines(content: bytes) -> Iterable[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise BadInput("the file is too large once unpacked")
        book = load_workbook(io.BytesIO(content), read_only=True)
        for number, cells in enumerate(book.worksheets[0].iter_rows(), start=1):
            if len(cells) > MOST_COLUMNS:
                raise BadInput(f"row {number} has more than {MOST_COLUMNS} cells")
            if any(cell.data_type == "f" for cell in cells):
                raise BadInput(f"row {number} holds a formula: only values are read")
            yield [_text(cell.value) for cell in cells]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise BadInput("the file is not XLSX, or is broken") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
