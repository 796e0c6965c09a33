"""The refusals of a dataset file as HTTP errors: the place and our own sentence, nothing that came."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agency.base.api import Refusal
from clients.bad_file import BadFile
from clients.uploads.sentences import SENTENCES

FILE = "The file cannot be taken."
OF_FILES = SENTENCES | {
    "bad_gzip": "The gzip is damaged.",
    "bad_header": "A column of the header has no name.",
    "bad_id": "An id must be a string of 1 to 200 characters.",
    "bad_label": "The label is empty or too long.",
    "binary": "It is no text: neither CSV nor JSON.",
    "cell_too_long": "A cell is longer than any may be.",
    "duplicate_header": "The column stands twice in the header.",
    "duplicate_id": "The id stands twice in the file.",
    "erased_id": "The row was erased; its id cannot be used again.",
    "golden_copy": "The row is a copy of a golden row, which training must not see.",
    "known_id": "The id is known with other content.",
    "missing_column": "The column is missing.",
    "no_feature": "There is no feature beside id and label.",
    "no_rows": "The file has no rows.",
    "not_closed": "The JSON array is not closed.",
    "not_csv": "A quoted cell is not closed, or something follows its end.",
    "not_exact": "The number would be rounded; it cannot be kept as it is.",
    "not_utf8": "The file is not UTF-8.",
    "one_class": "Every row has the same label; two classes are needed.",
    "removed_id": "The id was removed before; the row needs another one.",
    "separator": "Columns must be separated by commas.",
    "too_many_columns": "There are more columns than may be.",
    "too_many_rows": "There are more rows than one file may hold.",
    "unexpected_column": "The column is none of the model's.",
}


@contextmanager
def refusing_files() -> Iterator[None]:
    """A ``BadFile`` of this block becomes a ``Refusal`` with its status and place."""
    try:
        yield
    except BadFile as error:
        detail = OF_FILES.get(error.code, FILE)
        raise Refusal(error.status, error.code, detail, faults=[fault(error)]) from error


def fault(error: BadFile) -> dict[str, Any]:
    """``pointer`` through the rows as one array, ``code``, ``detail``, and what is known of
    ``index`` (from 0), ``line`` and ``column`` (from 1)."""
    inside = error.field.replace("~", "~0").replace("/", "~1")
    steps = [str(part) for part in (error.index, inside or None) if part is not None]
    found: dict[str, Any] = {
        "pointer": "".join(f"/{step}" for step in steps),
        "code": error.code,
        "detail": OF_FILES.get(error.code, FILE),
    }
    places = {"index": error.index, "line": error.line, "column": error.column}
    return found | {name: place for name, place in places.items() if place is not None}
