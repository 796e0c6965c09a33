import gzip
import io
import json
import pickle
import zipfile

import pytest

from agency.base.errors import BadInput
from clients import readers
from clients.readers import read_bytes, read_rows


def values(content, name):
    return [row.values for row in read_rows(content, name)]


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(zipfile.ZipInfo("a.csv"), "id\n1\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.ndjson", b'{"id": "007", "n": 1.5}\n\n{"id": "NA", "n": null}\n'),
        ("rows.jsonl", b'{"id": "007", "n": 1.5}\r\n{"id": "NA", "n": null}'),
        ("rows.json", b' [{"id": "007", "n": 1.5},\n {"id": "NA", "n": null}] '),
        ("upload", b'{"id": "007", "n": 1.5}\n{"id": "NA", "n": null}\n'),
        ("upload", b'[{"id":"007","n":1.5},{"id":"NA","n":null}]'),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_json_rows_are_read_in_every_form(name, content, pack):
    expected = [{"id": "007", "n": 1.5}, {"id": "NA", "n": None}]
    assert values(pack(content), name) == expected


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_csv_cells_stay_strings(pack):
    content = '\ufeffid,zip,note\r\nNA,007,"two\r\nlines, a comma"\r\n\r\nb,1e3,\r\n'.encode()
    assert values(pack(content), "rows.csv.gz") == [
        {"id": "NA", "zip": "007", "note": "two\r\nlines, a comma"},
        {"id": "b", "zip": "1e3", "note": ""},
    ]


def test_rows_know_the_line_they_begin_in():
    content = b'id,note\na,"two\nlines"\n\nb,x\n'
    assert [row.line for row in read_rows(content, "a.csv")] == [2, 5]
    assert [row.line for row in read_rows(b'\n{"a": 1}\n\n{"a": 2}', "a.ndjson")] == [2, 4]
    array = list(read_rows(b'[\n{"a":\n1},\n\n{"a": 2}]', "a.json"))
    assert [(row.line, row.prefix) for row in array] == [(2, "/0"), (5, "/1")]


def test_a_line_separator_inside_a_string_ends_no_row():
    assert values('{"text": "a\u2028b\x85c"}'.encode(), "a.ndjson") == [{"text": "a\u2028b\x85c"}]


def test_an_empty_array_has_no_rows():
    assert values(b" [ ] ", "a.json") == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"a": NaN}', "not_finite"),
        ('{"a": -Infinity}', "not_finite"),
        ('{"a": 1e999}', "not_finite"),
        ('{"a": ' + "9" * 4000 + "}", "too_long"),
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"a": {"b": 1, "b": 1}}', "duplicate_key"),
        ('{"a": "x\\u0000y"}', "nul"),
        ('{"a\\u0000": 1}', "nul"),
        ('{"a": "\\ud800"}', "half_character"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", "too_deep"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "too_deep"),
        ('{"a": 1', "not_json"),
        ('{"a": 1} {"a": 2}', "not_json"),
        ("{'a': 1}", "not_json"),
        ('{"a": "tab\there"}', "not_json"),
        ("[1]", "not_an_object"),
        ('"text"', "not_an_object"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(line, code):
    first, bad, last = read_rows(f'{{"a": 1}}\n{line}\n{{"a": 2}}'.encode(), "a.ndjson")
    assert (first.problem, last.problem) == (None, None)
    assert bad.problem is not None and (bad.line, bad.problem.code) == (2, code)
    assert bad.values == {} and bad.content == line


def test_thirty_two_levels_and_a_whole_emoji_are_fine():
    deep = json.loads("[" * 31 + '"\\ud83d\\ude00"' + "]" * 31)
    line = '{"a": ' + "[" * 31 + '"\\ud83d\\ude00"' + "]" * 31 + "}"
    assert values(line.encode(), "a.ndjson") == [{"a": deep}]


def test_a_ragged_csv_row_is_told_by_its_line():
    _, bad, long = read_rows(b"a,b\n1,2\n3\n4,5,6\n", "a.csv")
    assert (bad.line, bad.problem.code) == (3, "ragged")
    assert (long.line, long.problem.code) == (4, "ragged")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "empty"),
        ("a.ndjson", b" \n\n", "empty"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "empty"),
        ("a.csv", "id,text\n1,caf\u00e9\n".encode("latin-1"), "line 2: not UTF-8"),
        ("a.csv", "id,text\n1,a\n".encode("utf-16"), "not UTF-8"),
        ("a.csv", b"id,text\n1,a\x00b\n", "line 2: a NUL"),
        ("a.csv", b"id,text,id\n1,a,2\n", "'id' stands twice"),
        ("a.csv", b"id,,text\n1,a,2\n", "column 2 of the header has no name"),
        ("a.csv", b"id;text;label\n1;a;b\n", "commas"),
        ("a.csv", b"id\ttext\n1\ta\n", "commas"),
        ("a.csv", b'id,text\n1,"never closed\n', "line 2: not CSV"),
        ("a.csv", b'id,text\n1,"a"b\n', "line 2: not CSV"),
        ("a.csv", zipped(), "zip"),
        ("a.csv", pickle.dumps([1, 2]), "pickle"),
        ("a.csv", pickle.dumps([1, 2], protocol=2), "pickle"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel"),
        ("a.csv", b"PAR1\x15\x04", "Parquet"),
        ("a.csv.gz", gzip.compress(b"id,text\n1,a\n", mtime=0)[:-6], "damaged gzip"),
        ("a.csv.gz", b"\x1f\x8bnot gzip at all", "damaged gzip"),
        ("a.json", b'[{"a": 1}', "not closed"),
        ("a.json", b'[{"a": 1} {"a": 2}]', "not closed"),
        ("a.json", b'[{"a": 1},]', "row 2"),
        ("a.json", b'[{"a": 1}] x', "follows"),
        ("a.json", b'[{"a": 1},\n{"a": NaN}]', "line 2, row 2"),
        ("a.json", b"[" * 100_000, "too deep"),
    ],
)
def test_a_file_that_is_none_is_one_clear_line(name, content, says):
    with pytest.raises(BadInput) as caught:
        list(read_rows(content, name))
    assert says in str(caught.value) and str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)


def test_a_gzip_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(readers, "MOST_BYTES", 1024 * 1024)
    with pytest.raises(BadInput, match="larger than 1 MB when unpacked"):
        read_rows(gzip.compress(b" " * 3_000_000), "a.csv.gz")


def test_files_that_cannot_be_read_are_bad_input(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(b"id\n1\n")
    assert read_bytes(tmp_path / "a.csv") == b"id\n1\n"
    with pytest.raises(BadInput, match="no such file"):
        read_bytes(tmp_path / "b.csv")
    with pytest.raises(BadInput, match="not a file"):
        read_bytes(tmp_path)

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(BadInput, match="Permission denied"):
        read_bytes(tmp_path / "a.csv")
