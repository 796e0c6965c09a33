"""Feedback by log id, before its row or after it: the same end in whatever order it comes."""

import json
from itertools import permutations

import pytest

from clients.ingest import ConflictingRows, RejectedRows, ingest_stream, take_feedback
from clients.models import LogDay, PendingFeedback, PredictionLog, QuarantinedRow, UploadBatch
from tests.clients.samples import AT, log_row, ndjson

STATE = ("row_id", "label", "label_source", "thumbs", "signals", "signals_at")


def rows(model, *given):
    return ingest_stream(model=model, chunks=[ndjson(*given)], form="ndjson", name="rows", at=AT)


def feedback(model, *given, form="ndjson", content=None, **options):
    content = ndjson(*given) if content is None else content.encode()
    return take_feedback(
        model=model, chunks=[content], form=form, name="feedback", at=AT, **options
    )


def state():
    return sorted(map(str, PredictionLog.objects.values(*STATE)))


ARRIVALS = [
    lambda model: rows(model, log_row(feedback={"clicked": False, "rating": 2})),
    lambda model: feedback(model, {"id": "m-1", "label": "billing", "label_source": "override"}),
    lambda model: feedback(
        model,
        {"id": "m-1", "label": "delivery", "label_source": "review", "clicked": True},
        {"id": "m-1", "rating": 3, "thumbs": "up"},
    ),
    lambda model: feedback(
        model,
        {"id": "m-1", "rating": 1, "seen": "a", "timestamp": "2025-03-03T00:00:00Z"},
        {"id": "m-1", "rating": 5, "seen": "b", "timestamp": "2025-03-02T00:00:00.5Z"},
    ),
]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_any_order_and_repetition_ends_in_the_same_row(text_model, order):
    for number in (*order, order[0], order[-1]):
        ARRIVALS[number](text_model)
    log = PredictionLog.objects.get()
    assert (log.label, log.label_source, log.thumbs) == ("delivery", "review", "up")
    assert log.signals == {"clicked": True, "rating": 1, "seen": "a"}
    assert log.signals_at == dict.fromkeys(("rating", "seen"), "2025-03-03T00:00:00.000000+00:00")
    assert not PendingFeedback.objects.exists() and not QuarantinedRow.objects.exists()


def test_feedback_is_counted_and_marks_the_day(text_model):
    rows(text_model, log_row(), log_row(id="m-2"))
    done = feedback(
        text_model,
        {"id": "m-1", "label": "billing", "label_source": "review"},
        {"id": "m-2", "clicked": True, "nested": {"a": 1}},
        {"id": "m-9", "clicked": True},
        {"id": "m-9", "clicked": True},
    )
    assert (done.accepted, done.duplicates, done.labels, done.pending) == (3, 1, 2, 1)
    assert done.ignored_keys == {"nested": 1}
    batch = UploadBatch.objects.get(kind="feedback")
    assert (batch.accepted, batch.duplicates, batch.labels, batch.pending) == (3, 1, 2, 1)
    day = LogDay.objects.get()
    assert (day.changes, day.labelled_at) == (2, AT)
    again = feedback(text_model, {"id": "m-9", "clicked": True}, {"id": "m-2", "clicked": True})
    assert (again.accepted, again.duplicates, PendingFeedback.objects.count()) == (0, 2, 1)
    assert LogDay.objects.get().changes == 2


def test_a_label_that_waited_is_counted_when_its_row_comes(text_model):
    feedback(text_model, {"id": "m-1", "label": "billing", "label_source": "review"})
    assert not LogDay.objects.exists()
    done = rows(text_model, log_row())
    assert (done.accepted, done.labels, PendingFeedback.objects.count()) == (1, 1, 0)
    assert LogDay.objects.get().labelled_at == AT
    assert PredictionLog.objects.get().label == "billing"


LABEL = {"id": "m-1", "label": "billing", "label_source": "review"}


@pytest.mark.parametrize("known", [True, False])
def test_two_labels_of_one_source_contradict_each_other(text_model, known):
    if known:
        rows(text_model, log_row())
    feedback(text_model, LABEL)
    before = (state(), PendingFeedback.objects.count())
    with pytest.raises(ConflictingRows) as caught:
        feedback(text_model, {"id": "m-2", "clicked": True}, LABEL | {"label": "delivery"})
    (bad,) = caught.value.rejected
    assert (bad["row"], bad["pointer"], bad["code"]) == (1, "/label", "conflict")
    assert (state(), PendingFeedback.objects.count()) == before


def test_what_waited_and_contradicts_its_row_is_kept_for_staff(text_model):
    feedback(text_model, LABEL)
    done = rows(text_model, log_row(feedback={"label": "delivery", "label_source": "review"}))
    assert (done.accepted, PredictionLog.objects.get().label) == (1, "delivery")
    kept = QuarantinedRow.objects.get()
    assert (kept.batch, kept.code) == (done.batch, "conflict")
    assert json.loads(kept.content)["label"] == "billing"


@pytest.mark.parametrize(
    ("row", "pointer", "code", "status"),
    [
        ({"clicked": True}, "/id", "missing", 422),
        ({"id": "m-1"}, "", "missing", 422),
        ({"id": "m-1", "label": "billing"}, "/label_source", "missing", 422),
        ({"id": "m-1", "thumbs": "sideways"}, "/thumbs", "unknown_value", 422),
        ({"id": "m-1", "clicked": 1, "timestamp": "2025-03-01"}, "/timestamp", "not_a_time", 400),
        ({"id": "m-1", "feedback": []}, "/feedback", "not_an_object", 400),
    ],
)
def test_bad_feedback_is_told_by_its_place(text_model, row, pointer, code, status):
    with pytest.raises(RejectedRows) as caught:
        feedback(text_model, {"id": "m-1", "clicked": True}, row)
    (bad,) = caught.value.rejected
    assert (bad["row"], bad["pointer"], bad["code"]) == (1, pointer, code)
    assert caught.value.status == status and not PendingFeedback.objects.exists()
    done = feedback(text_model, {"id": "m-1", "clicked": True}, row, partial=True)
    assert (done.pending, done.batch.quarantined.get().code) == (1, code)


def test_feedback_comes_as_csv_too(text_model):
    rows(text_model, log_row())
    feedback(
        text_model,
        form="csv",
        content="id,label,label_source,feedback.clicked\nm-1,x,review,true\n",
    )
    log = PredictionLog.objects.get()
    assert (log.label, log.signals) == ("x", {"clicked": True})


def test_a_replayed_row_takes_labels_and_no_reactions(text_model):
    feedback(text_model, LABEL | {"clicked": True})
    ingest_stream(
        model=text_model,
        chunks=[ndjson(log_row())],
        form="ndjson",
        name="rows",
        ignore_predictions=True,
        at=AT,
    )
    log = PredictionLog.objects.get()
    assert (log.label, log.signals) == ("billing", {})
