"""Why a dataset file can't be taken: the kind of fault in a word, and where it stands. Pure."""

import csv
import io
import re

from agency.base.errors import BadInput
from clients.readers import Unreadable, form_of

STATUS = {"binary": 415, "cell_too_long": 413, "too_many_columns": 413}
OF_TABLES = frozenset({"not_utf8", "nul", "not_csv", "separator", "bad_header", "duplicate_header"})
_CELL = re.compile(r'(?:"[^"]*(?:""[^"]*)*"|[^",\r\n][^,\r\n]*)?(,|\r?\n|\r|\Z)')


class BadFile(BadInput):
    """A dataset file, or a row of it, is refused; nothing was stored.

    ``line`` counts from 1 in the file, ``index`` the rows from 0, ``column`` the cells of the line
    (the keys of an object) from 1. ``field`` is the name of the column where it is one of the
    model's own, ``id`` or ``label``. ``status``: the HTTP status that says the same.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        line: int | None = None,
        index: int | None = None,
        column: int | None = None,
        field: str = "",
        status: int = 422,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.line = line
        self.index = index
        self.column = column or None
        self.field = field
        self.status = status


def unreadable(error: Unreadable, content: bytes, name: str) -> BadFile:
    """The reader's refusal of the whole file as ours, with the place that is wrong.

    JSON that can't be read at all is a 400, as in every other call; a table that can't is a 422.
    """
    is_table = _is_table(content, name)
    status = STATUS.get(error.code, error.status)
    if error.code == "empty" or (is_table and error.code in OF_TABLES):
        status = 422
    line, column = error.line, error.column
    if error.code == "empty":
        line, column = 1, 1
    elif is_table and error.code in ("not_utf8", "nul"):
        line, column = _where(content[: _first_bad(content, error.code)])
    elif error.code == "not_csv":
        line, column = _broken_cell(content, error.line)
    return BadFile(error.code, str(error), line=line or None, column=column, status=status)


def _is_table(content: bytes, name: str) -> bool:
    first = content[:1000].decode("utf-8-sig", errors="replace").lstrip()[:1]
    return bool(first) and form_of(name, first) == "csv"


def _first_bad(content: bytes, code: str) -> int:
    if code == "nul":
        return content.find(b"\0")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _where(before: bytes) -> tuple[int, int]:
    """Line and cell of what follows these bytes in a table.

    >>> _where(b'a,b\\n1,"x')
    (2, 2)
    """
    # Read as a table that goes on: its last row is the one we are in.
    text = before.decode(errors="replace") + "x"
    cells: list[str] = []
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            cells = row
    except csv.Error:
        return before.count(b"\n") + 1, 1
    return before.count(b"\n") + 1, len(cells)


def _broken_cell(content: bytes, line: int) -> tuple[int, int]:
    """The row that begins in ``line`` has a cell that is no CSV: which one?

    >>> _broken_cell(b'a,b\\n1,"x"y,2', 2), _broken_cell(b'a,b\\n"1\\n2', 2)
    ((2, 2), (2, 1))
    """
    text = "".join(io.StringIO(content.decode("utf-8-sig"), newline="").readlines()[line - 1 :])
    cell, place = 1, 0
    while (found := _CELL.match(text, place)) and found[1] == ",":
        cell, place = cell + 1, found.end()
    return line, cell
