import json

import pytest

from agency.base.errors import BadInput
from clients.ingest import RejectedRows, ingest
from clients.models import PredictionLog, QuarantinedRow
from tests.clients.samples import AT, log_row, ndjson, nothing_stored


def take(model, *rows, **options):
    return ingest(model=model, files=[("march.ndjson", ndjson(*rows))], at=AT, **options)


BAD_ROWS = [
    (log_row(id=...), "/id", "missing"),
    (log_row(id=""), "/id", "missing"),
    (log_row(id=7), "/id", "not_a_string"),
    (log_row(id="x" * 201), "/id", "too_long"),
    (log_row(timestamp=...), "/timestamp", "missing"),
    (log_row(timestamp="2025-03-01T05:24:34"), "/timestamp", "not_a_time"),
    (log_row(timestamp="2025-03-01"), "/timestamp", "not_a_time"),
    (log_row(timestamp="yesterday"), "/timestamp", "not_a_time"),
    (log_row(timestamp="2025-02-30T00:00:00Z"), "/timestamp", "not_a_time"),
    (log_row(timestamp=1740806674), "/timestamp", "not_a_time"),
    (log_row(timestamp="1969-12-31T23:59:59Z"), "/timestamp", "too_early"),
    (log_row(timestamp="0001-01-01T00:00:00+14:00"), "/timestamp", "not_a_time"),
    (log_row(timestamp="9999-01-01T00:00:00Z"), "/timestamp", "in_the_future"),
    (log_row(input=...), "/input", "missing"),
    (log_row(input="Where?"), "/input", "not_an_object"),
    (log_row(input={}), "/input/text", "missing"),
    (log_row(input={"text": ""}), "/input/text", "empty"),
    (log_row(input={"text": ["a"]}), "/input/text", "not_a_string"),
    (log_row(context="web"), "/context", "not_an_object"),
    (log_row(context={"tags": ["a"]}), "/context/tags", "not_a_value"),
    (log_row(context={str(i): i for i in range(201)}), "/context", "too_many"),
    (log_row(confidence=...), "/confidence", "missing"),
    (log_row(confidence=None), "/confidence", "missing"),
    (log_row(prediction=...), "/prediction", "missing"),
    (log_row(prediction=""), "/prediction", "missing"),
    (log_row(prediction=3), "/prediction", "not_a_string"),
    (log_row(confidence="0.9"), "/confidence", "not_a_number"),
    (log_row(confidence=True), "/confidence", "not_a_number"),
    (log_row(confidence=1.01), "/confidence", "out_of_range"),
    (log_row(confidence=-0.1), "/confidence", "out_of_range"),
    (log_row(model_version="v" * 41), "/model_version", "too_long"),
    (log_row(feedback="good"), "/feedback", "not_an_object"),
    (log_row(feedback={"label": "billing"}), "/feedback/label_source", "missing"),
    (
        log_row(feedback={"label": "billing", "label_source": "guess"}),
        "/feedback/label_source",
        "unknown_source",
    ),
    (log_row(feedback={"label": 3, "label_source": "review"}), "/feedback/label", "not_a_string"),
    (log_row(feedback={"thumbs": "sideways"}), "/feedback/thumbs", "unknown_value"),
    (log_row(feedback={"thumbs": True}), "/feedback/thumbs", "not_a_string"),
    ('{"id": "m-1"', "", "not_json"),
    ('{"id": NaN}', "", "not_finite"),
    ('{"id": "a", "id": "b"}', "", "duplicate_key"),
    ("[]", "", "not_an_object"),
]


@pytest.mark.parametrize(("row", "pointer", "code"), BAD_ROWS)
def test_one_bad_row_stores_nothing(text_model, row, pointer, code):
    with pytest.raises(RejectedRows) as caught:
        take(text_model, log_row(id="good"), row)
    (found,) = caught.value.rejected
    assert (found["file"], found["line"], found["pointer"], found["code"]) == (
        "march.ndjson",
        2,
        pointer,
        code,
    )
    assert str(caught.value).startswith("march.ndjson line 2") and "\n" not in str(caught.value)
    assert nothing_stored()


@pytest.mark.parametrize(("row", "pointer", "code"), BAD_ROWS)
def test_partial_keeps_the_good_rows_and_quarantines_the_bad(text_model, row, pointer, code):
    result = take(text_model, log_row(id="good"), row, partial=True)
    assert (result.accepted, len(result.rejected), result.batch.rejected) == (1, 1, 1)
    assert [log.row_id for log in PredictionLog.objects.all()] == ["good"]
    bad = QuarantinedRow.objects.get()
    assert (bad.batch, bad.line, bad.pointer, bad.code) == (result.batch, 2, pointer, code)
    assert bad.content == (row if isinstance(row, str) else json.dumps(row))


def test_every_bad_row_is_named(text_model):
    with pytest.raises(RejectedRows, match="and 2 more bad rows") as caught:
        take(text_model, log_row(id=""), log_row(), log_row(input={}), "nonsense")
    assert [found["line"] for found in caught.value.rejected] == [1, 3, 4]


def test_rows_of_an_array_are_named_by_their_index(text_model):
    content = json.dumps([log_row(), log_row(id="m-2", confidence=2)]).encode()
    with pytest.raises(RejectedRows) as caught:
        ingest(model=text_model, files=[("rows.json", content)], at=AT)
    assert caught.value.rejected[0]["pointer"] == "/1/confidence"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ndjson", b""),
        ("a.csv", b"id,timestamp,text\n"),
        ("a.json", b"[]"),
        ("a.csv", b"\x80\x04pickle"),
        ("a.csv", "id,timestamp,text\n1,2,\u00e9".encode("latin-1")),
    ],
)
@pytest.mark.parametrize("partial", [False, True])
def test_of_several_files_one_bad_file_stores_nothing(text_model, name, content, partial):
    files = [("good.ndjson", ndjson(log_row())), (name, content)]
    with pytest.raises(BadInput, match=name):
        ingest(model=text_model, files=files, partial=partial, at=AT)
    assert nothing_stored()


def test_a_bad_row_in_the_second_file_undoes_the_first(text_model):
    files = [("a.ndjson", ndjson(log_row())), ("b.ndjson", ndjson(log_row(id="m-2", input={})))]
    with pytest.raises(RejectedRows, match=r"b\.ndjson line 1"):
        ingest(model=text_model, files=files, at=AT)
    assert nothing_stored()


def test_no_file_is_bad_input(text_model):
    with pytest.raises(BadInput, match="no file"):
        ingest(model=text_model, files=[], at=AT)
