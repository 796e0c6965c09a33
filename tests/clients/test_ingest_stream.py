"""Bytes in pieces of any size: the same rows, the same refusals, however they were cut."""

import json
from datetime import date

import pytest

from clients.ingest import (
    BrokenRows,
    ConflictingRows,
    RejectedRows,
    TooManyRows,
    Unreadable,
    ingest_stream,
)
from clients.ingest import pieces as cutting
from clients.ingest.pieces import pieces
from clients.models import LogDay, PredictionLog
from clients.readers import read_rows
from tests.clients.samples import AT, log_row, ndjson, nothing_stored

ODD = 'a "},{" b }, { \\ ü \u2028'
ROWS = [log_row(id=f"m-{i}", input={"text": f"{ODD} {i}" * (i % 3 + 1)}) for i in range(40)]
CSV = "id,timestamp,text\r\n" + "".join(
    f'm-{i},2025-03-01T05:00:00Z,"line {i}\nü, ""x"""\r\n' for i in range(40)
)
FORMS = {
    "ndjson": b"\n" + ndjson(*ROWS).replace(b"\n", b"\r\n\n", 3) + b"\n\n",
    "json": ("\n" + json.dumps(ROWS, indent=1, ensure_ascii=False) + "\n").encode(),
    "csv": CSV.encode(),
}


def cut(content, size):
    return [content[start : start + size] for start in range(0, len(content), size)]


def take(model, content, *, form="ndjson", size=1 << 20, **options):
    return ingest_stream(
        model=model, chunks=cut(content, size), form=form, name="upload", at=AT, **options
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
@pytest.mark.parametrize("piece", [300, 1 << 19])
def test_rows_and_their_lines_are_those_of_the_whole_file(monkeypatch, form, size, piece):
    monkeypatch.setattr(cutting, "SIZE", piece)
    content = FORMS[form]
    expected = [(raw.line, raw.values) for raw in read_rows(content, f"upload.{form}")]
    found = list(pieces(cut(content, size), form=form, name="upload"))
    if form == "csv":
        assert [(raw.line, raw.values) for piece in found for raw in piece.rows] == expected
    else:
        lines = [
            (n, json.loads(text)) for p in found for n, text in zip(p.numbers, p.lines, strict=True)
        ]
        assert lines == expected
    assert form == "csv" or piece > 300 or len(found) > 1


@pytest.mark.parametrize(
    ("form", "content", "code"),
    [
        ("ndjson", b"", "empty"),
        ("ndjson", b" \n\n", "empty"),
        ("json", b"", "empty"),
        ("json", b"[]", "empty"),
        ("json", b"{}", "not_json"),
        ("json", b'[{"id": 1}', "not_closed"),
        ("json", b'[{"id": 1},', "not_json"),
        ("json", b'[{"id": 1}] {}', "not_json"),
        ("json", b'[{"id": NaN}]', "not_finite"),
        ("json", b"[" * 100_000, "too_deep"),
        ("csv", b"", "empty"),
        ("csv", b"id,text\n", "empty"),
        ("csv", b'id,text\n1,"open', "not_csv"),
        ("csv", b"id;text\n1;2\n", "separator"),
        ("ndjson", b'\xef\xbb\xbf{"id": 1}', "bom"),
        ("csv", b"\xef\xbb\xbfid\n1\n", "bom"),
        ("ndjson", b'{"id": "\xff"}', "not_utf8"),
        ("csv", "id,text\n1,ü\n".encode("latin-1"), "not_utf8"),
        ("json", b'[{"id": "\xed\xa0\x80"}]', "not_utf8"),
        ("ndjson", b'{"id": "a\x00"}', "nul"),
        ("csv", b"id\na\x00\n", "nul"),
        ("csv", b"PK\x03\x04", "binary"),
    ],
)
def test_what_is_no_upload_at_all_is_one_error(text_model, form, content, code):
    for size in (1, 1 << 20):
        with pytest.raises(Unreadable) as caught:
            take(text_model, content, form=form, size=size)
        assert (caught.value.code, caught.value.status) == (code, 400)
    assert nothing_stored()


def test_a_late_fault_undoes_what_came_before(text_model, monkeypatch):
    monkeypatch.setattr(cutting, "SIZE", 500)
    for form in ("ndjson", "json"):
        with pytest.raises(Unreadable):
            take(text_model, FORMS[form][:-400] + b"\xff" * 5, form=form, size=100)
    assert nothing_stored()


@pytest.mark.parametrize("form", ["ndjson", "json", "csv"])
def test_an_endless_row_is_too_long(text_model, form):
    text = b"x" * 3_000_000
    content = {"ndjson": b'{"id":"%s"}', "json": b'[{"id":"%s"}]', "csv": b"id\n%s\n"}[form] % text
    with pytest.raises(Unreadable) as caught:
        take(text_model, content, form=form, size=100_000)
    assert (caught.value.code, caught.value.status) == ("row_too_long", 413)


def test_too_many_rows_are_refused(text_model):
    assert take(text_model, ndjson(*ROWS), most_rows=40).accepted == 40
    with pytest.raises(TooManyRows):
        take(text_model, ndjson(*ROWS), most_rows=39)


BROKEN, NAIVE, WRONG = '{"id": "x"', log_row(timestamp="2025-03-01T05:24:34"), log_row(confidence=2)
OTHER = log_row(confidence=0.5)


@pytest.mark.parametrize(
    ("rows", "error", "status"),
    [
        ([BROKEN], BrokenRows, 400),
        ([NAIVE], BrokenRows, 400),
        (["[]", WRONG], BrokenRows, 400),
        ([WRONG], RejectedRows, 422),
        ([OTHER], ConflictingRows, 409),
        ([OTHER, WRONG | {"id": "m-2"}], RejectedRows, 422),
    ],
)
def test_the_kind_of_refusal_says_what_the_rows_are(text_model, rows, error, status):
    take(text_model, ndjson(log_row()))
    with pytest.raises(RejectedRows) as caught:
        take(text_model, ndjson(log_row(id="good"), *rows))
    assert (type(caught.value), caught.value.status) == (error, status)
    assert [bad["row"] for bad in caught.value.rejected] == list(range(1, len(rows) + 1))
    assert PredictionLog.objects.count() == 1


def test_partial_stores_the_good_and_counts_each_row_once(text_model):
    take(text_model, ndjson(log_row()))
    done = take(
        text_model, ndjson(log_row(), OTHER, log_row(id="new"), WRONG | {"id": "w"}), partial=True
    )
    assert (done.accepted, done.duplicates, done.batch.rejected) == (1, 1, 2)
    kept = done.batch.quarantined.order_by("line")
    assert [(row.line, row.code) for row in kept] == [(2, "conflict"), (4, "out_of_range")]
    assert json.loads(kept[0].content) == OTHER


def test_days_are_the_clients_own_and_change_only_with_their_rows(text_model):
    late = log_row(id="late", timestamp="2025-03-01T23:30:00Z")  # the next day in Berlin
    labelled = log_row(id="l", feedback={"label": "billing", "label_source": "review"})
    take(text_model, ndjson(log_row(), late, labelled))
    take(text_model, ndjson(log_row(), late, labelled))
    days = {day.day: (day.changes, day.labelled_at) for day in LogDay.objects.all()}
    assert days == {date(2025, 3, 1): (1, AT), date(2025, 3, 2): (1, None)}
