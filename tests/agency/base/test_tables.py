"""Tables go out without a formula in any cell and come back as they were."""

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from agency.base import tables
from agency.base.errors import BadInput
from agency.base.tables import as_csv, as_xlsx, quoted, read_table, unquoted

HOSTILE = [
    "=1+1", "=HYPERLINK(\"http://x\";\"y\")", "+49 30 1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)",
    "\t=1", "\r=1", "\n=1", "＝1+1", "'=1", "''", "'", "'tis", "<script>alert(1)</script>",
    "a,b;c\"d\nline", "مرحبا \u202e abc", "🦓", "x" * 20_000, "",
]  # fmt: skip


@given(st.text())
def test_a_guarded_text_comes_back_as_it_was_and_never_begins_a_formula(text):
    assert unquoted(quoted(text)) == text
    assert quoted(text)[:1] not in tables.STARTS_FORMULA or not quoted(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_csv_cell_can_be_computed(text):
    content = as_csv(["id", "text"], [["1", text]]).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]
    assert not [cell for cell in cells if cell and cell[0] in "=+-@\t\r"]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_xlsx_cell_is_a_string(text):
    book = load_workbook(io.BytesIO(as_xlsx(["id", "text"], [[7, text]])))
    kinds = [cell.data_type for row in book.active.iter_rows() for cell in row if cell.value]
    assert "f" not in kinds
    with zipfile.ZipFile(io.BytesIO(as_xlsx(["a"], [[text]]))) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_hostile_texts_come_back_the_same_but_for_outer_spaces(kind):
    write = {"csv": as_csv, "xlsx": as_xlsx}[kind]
    rows = [[str(n), text] for n, text in enumerate(HOSTILE)]
    back = read_table(name=f"x.{kind}", content=write(["id", "text"], rows))
    assert [(row["id"], row["text"]) for row in back] == [
        (number, text.strip()) for number, text in rows
    ]


def test_what_xlsx_cannot_hold_is_replaced_and_a_cut_is_told():
    content = as_xlsx(["a"], [["nul \x00 here"], ["y" * 40_000]])
    first, second = (row["a"] for row in read_table(name="x.xlsx", content=content))
    assert first == "nul \N{REPLACEMENT CHARACTER} here"
    assert len(second) == 32_767 and second.endswith(tables.CUT)


def test_semicolons_a_byte_order_mark_and_empty_last_rows_are_read():
    content = "\ufeffRow_ID ;Label\r\na;login\r\n;\r\n".encode()
    assert read_table(name="X.CSV", content=content) == [{"row_id": "a", "label": "login"}]


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_numbers_and_dates_of_a_spreadsheet_are_read_as_text():
    content = workbook(["n", "f"], [5, 2.0], [None, 2.5])
    assert read_table(name="x.xlsx", content=content) == [
        {"n": "5", "f": "2"}, {"n": "", "f": "2.5"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.ods", b"", "neither"),
        ("x.csv", b"a,b\n\xff\xfe,1", "UTF-8"),
        ("x.csv", b"a,a\n1,2", "each once"),
        ("x.csv", b"", "each once"),
        ("x.csv", b"a\n1,2", "row 2 has more cells"),
        ("x.csv", b'a\n"never ends', "not CSV"),
        ("x.xlsx", b"no zip at all", "broken"),
        ("x.xlsx", workbook(["a"], ["=1+1"]), "row 2 holds a formula"),
        ("x.csv", b"a\n" + b"1\n" * 5_001, "more than 5,000 rows"),
        ("x.csv", b"a" * 5_000_001, "larger than 5 MB"),
    ],
    # A workbook holds the time at which it was made: as a name it would be another every time.
    ids=range(10),
)  # fmt: skip
def test_a_bad_file_is_refused_in_one_sentence(name, content, told):
    with pytest.raises(BadInput, match=told):
        read_table(name=name, content=content)


def test_a_file_that_unpacks_to_too_much_is_not_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"0" * (tables.MOST_UNPACKED + 1))
    with pytest.raises(BadInput, match="unpacked"):
        read_table(name="x.xlsx", content=out.getvalue())
