import gzip
from datetime import UTC, datetime, timedelta

import pytest

from agency.base import clock
from clients.ingest import RejectedRows, ingest
from clients.models import PredictionLog, UploadBatch
from tests.clients.samples import AT, log_row, ndjson


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


def test_a_clock_that_runs_a_little_ahead_is_no_reason_to_refuse(text_model):
    soon = (clock.now() + timedelta(hours=23)).isoformat()
    assert take(text_model, log_row(timestamp=soon)).accepted == 1


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
