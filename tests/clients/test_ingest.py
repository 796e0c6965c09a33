import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from agency.base import clock
from agency.base.errors import BadInput
from clients.ingest import RejectedRows, ingest
from clients.models import PredictionLog, QuarantinedRow, UploadBatch
from tests.clients.samples import AT, log_row, ndjson, nothing_stored


def take(model, *rows, name="march.ndjson", **options):
    return ingest(model=model, files=[(name, ndjson(*rows))], at=AT, **options)


def stored(row_id="m-1"):
    return PredictionLog.objects.get(row_id=row_id)


def test_a_row_is_stored_as_it_was_sent(text_model):
    result = take(text_model, log_row(runner_up="billing", timestamp="2025-03-01T06:24:34+01:00"))
    log = stored()
    assert (result.accepted, result.duplicates, result.labels, result.rejected) == (1, 0, 0, [])
    assert result.ignored_keys == {"runner_up": 1}
    assert log.timestamp == datetime(2025, 3, 1, 5, 24, 34, tzinfo=UTC)
    assert (log.input, log.context) == (
        {"text": "Where is my parcel?"},
        {"channel": "web", "app_version": None},
    )
    assert (log.answered, log.model_version, log.prediction, log.confidence) == (
        "client",
        "v1.0",
        "delivery",
        0.9,
    )
    assert (log.label, log.label_source, log.thumbs, log.signals) == ("", "", "", {})
    assert (log.client_id, log.batch, log.received_at) == (text_model.client_id, result.batch, AT)


def test_feedback_keeps_labels_apart_from_proxies(text_model):
    feedback = {
        "label": " billing ",
        "label_source": "review",
        "thumbs": "down",
        "clicked": True,
        "seconds": 2.5,
        "page": "faq",
        "skipped": None,
        "nested": {"a": 1},
    }
    result = take(text_model, log_row(feedback=feedback))
    log = stored()
    assert (log.label, log.label_source, log.labelled_at, log.thumbs) == (
        "billing",
        "review",
        AT,
        "down",
    )
    assert log.signals == {"clicked": True, "seconds": 2.5, "page": "faq"}
    assert result.ignored_keys == {"feedback.nested": 1}


@pytest.mark.parametrize("label", [None, "", "  "])
def test_an_empty_label_is_no_label(text_model, label):
    take(text_model, log_row(feedback={"label": label, "label_source": "review"}))
    assert (stored().label, stored().label_source, stored().labelled_at) == ("", "", None)


def test_a_row_without_an_answer_waits_for_scoring(text_model):
    take(text_model, log_row(prediction=None, confidence=..., model_version="v1.0"))
    log = stored()
    assert (log.answered, log.prediction, log.confidence, log.model_version, log.replayed) == (
        "none",
        "",
        None,
        "",
        False,
    )


def test_ignored_predictions_leave_only_the_label(text_model):
    feedback = {"label": "billing", "label_source": "override", "thumbs": "up", "clicked": True}
    take(text_model, log_row(feedback=feedback), ignore_predictions=True)
    log = stored()
    assert (log.answered, log.prediction, log.model_version, log.replayed) == ("none", "", "", True)
    assert (log.label, log.label_source, log.thumbs, log.signals) == ("billing", "override", "", {})


def test_a_replayed_row_takes_no_reactions_later(text_model):
    take(text_model, log_row(), ignore_predictions=True)
    again = take(text_model, log_row(feedback={"thumbs": "up", "clicked": True}))
    assert (again.duplicates, again.labels) == (1, 0)
    assert (stored().thumbs, stored().signals) == ("", {})


def test_csv_and_json_rows_of_the_same_content_are_the_same_row(tabular_model):
    header = "id,timestamp,hour,temp_c,weather,context.station,prediction,confidence,model_version"
    cells = "m-1,2025-03-01T05:00:00Z,8,,rain,north,low,0.75,v1.0"
    more = f"{header},label,label_source,thumbs,feedback.clicked\n{cells},high,review,up,true\n"
    first = ingest(model=tabular_model, files=[("a.csv.gz", gzip.compress(more.encode()))], at=AT)
    row = {
        "id": "m-1",
        "timestamp": "2025-03-01T05:00:00Z",
        "input": {"hour": 8, "temp_c": None, "weather": "rain", "unknown": 1},
        "context": {"station": "north"},
        "prediction": "low",
        "confidence": 0.75,
        "model_version": "v1.0",
    }
    second = take(tabular_model, row)
    assert (first.accepted, second.duplicates) == (1, 1)
    assert second.ignored_keys == {"input.unknown": 1}
    log = stored()
    assert log.input == {"hour": 8.0, "temp_c": None, "weather": "rain"}
    assert (log.label, log.thumbs, log.signals) == ("high", "up", {"clicked": True})


def test_the_same_rows_again_change_nothing(text_model):
    rows = [log_row(id=f"m-{i}") for i in range(3)]
    take(text_model, *rows)
    before = list(PredictionLog.objects.values())
    again = take(text_model, *rows)
    assert (again.accepted, again.duplicates, again.labels) == (0, 3, 0)
    assert list(PredictionLog.objects.values()) == before


def test_late_feedback_fills_what_was_empty(text_model):
    take(text_model, log_row(feedback={"clicked": False}))
    later = AT + timedelta(days=3)
    feedback = {"label": "billing", "label_source": "review", "thumbs": "down", "clicked": True}
    result = ingest(
        model=text_model, files=[("late.ndjson", ndjson(log_row(feedback=feedback)))], at=later
    )
    log = stored()
    assert (result.accepted, result.duplicates, result.labels) == (0, 1, 1)
    assert (log.label, log.label_source, log.thumbs, log.labelled_at) == (
        "billing",
        "review",
        "down",
        later,
    )
    assert log.signals == {"clicked": True} and log.received_at == AT


def test_a_repeated_row_within_one_upload_is_a_duplicate_with_its_feedback(text_model):
    labelled = log_row(feedback={"label": "billing", "label_source": "override"})
    result = take(text_model, log_row(), labelled, labelled)
    assert (result.accepted, result.duplicates, result.labels) == (1, 2, 1)
    assert stored().label == "billing"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"input": {"text": "Another question"}}, "/id"),
        ({"timestamp": "2025-03-01T05:24:35Z"}, "/id"),
        ({"prediction": "billing"}, "/id"),
        ({"confidence": 0.8}, "/id"),
        ({"context": {"channel": "mobile"}}, "/id"),
        ({"feedback": {"label": "delivery", "label_source": "review"}}, "/feedback/label"),
        ({"feedback": {"label": "billing", "label_source": "override"}}, "/feedback/label_source"),
        ({"feedback": {"thumbs": "up"}}, "/feedback/thumbs"),
    ],
)
@pytest.mark.parametrize("when", ["same upload", "later upload"])
def test_other_content_under_a_known_id_is_a_conflict(text_model, changes, pointer, when):
    first = log_row(feedback={"label": "billing", "label_source": "review", "thumbs": "down"})
    rows = [first, log_row(id="m-2"), log_row(**changes)]
    if when == "later upload":
        take(text_model, first)
        rows = rows[1:]
    before = list(PredictionLog.objects.values())
    with pytest.raises(RejectedRows) as caught:
        take(text_model, *rows)
    (found,) = caught.value.rejected
    assert (found["line"], found["pointer"], found["code"]) == (len(rows), pointer, "conflict")
    assert list(PredictionLog.objects.values()) == before
    assert UploadBatch.objects.count() == (1 if when == "later upload" else 0)


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


def test_a_clock_that_runs_a_little_ahead_is_no_reason_to_refuse(text_model):
    soon = (clock.now() + timedelta(hours=23)).isoformat()
    assert take(text_model, log_row(timestamp=soon)).accepted == 1


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


def test_several_files_are_one_batch(text_model):
    files = [("a.ndjson", ndjson(log_row())), ("b.ndjson", ndjson(log_row(id="m-2")))]
    result = ingest(model=text_model, files=files, at=AT)
    assert (result.accepted, UploadBatch.objects.get().name) == (2, "a.ndjson, b.ndjson")


def test_the_same_id_may_stand_in_two_models(text_model, tabular_model):
    take(text_model, log_row())
    row = log_row(input={"hour": 3, "temp_c": 1, "weather": "rain"})
    assert take(tabular_model, row).accepted == 1
    assert PredictionLog.objects.filter(row_id="m-1").count() == 2


def test_a_month_of_rows_takes_few_queries(text_model, django_assert_max_num_queries):
    rows = [log_row(id=f"m-{i}", input={"text": f"Question {i}"}) for i in range(1200)]
    # Three look-ups, and as many inserts as SQLite's limit of variables asks for; not one a row.
    with django_assert_max_num_queries(40):
        assert take(text_model, *rows).accepted == 1200
