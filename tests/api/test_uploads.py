"""Production rows over HTTP: every form of body, all or nothing, and the batch afterwards."""

import gzip
import json

import pytest

from clients.models import PredictionLog, QuarantinedRow, UploadBatch
from tests.clients.samples import log_row, ndjson

LOGS = "models/desk/logs"


def test_rows_are_stored_and_counted(send, alice):
    response = send(LOGS, alice, [log_row(), log_row(id="m-2", mood="good")])
    assert response.status_code == 202
    found = response.json()
    assert (found["accepted"], found["duplicates"], found["rejected"]) == (2, 0, [])
    assert found["ignored_keys"] == {"mood": 1}
    assert set(PredictionLog.objects.values_list("row_id", "batch")) == {
        ("m-1", found["batch"]),
        ("m-2", found["batch"]),
    }


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", json.dumps([log_row()])),
        ("application/json", json.dumps({"rows": [log_row()]})),
        ("application/json", ' \n{ "rows" :\t[' + json.dumps(log_row()) + "] }\r\n"),
        ("application/json; charset=utf-8", json.dumps([log_row()])),
        ("application/x-ndjson", ndjson(log_row()) + b"\n\n"),
        ("text/csv", "id,timestamp,text,prediction,confidence\nm-1,2025-03-01T05:24:34Z,Hi,b,1\n"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_each_form_of_body_is_read_zipped_or_not(kind, content, zipped, send, alice):
    if zipped:
        content = content.encode() if isinstance(content, str) else content
        response = send(
            LOGS, alice, gzip.compress(content), kind=kind, **{"Content-Encoding": "gzip"}
        )
    else:
        response = send(LOGS, alice, content, kind=kind)
    assert (response.status_code, response.json()["accepted"]) == (202, 1)


def test_the_same_row_again_is_a_duplicate_and_other_content_a_conflict(send, alice):
    assert send(LOGS, alice, [log_row()]).json()["accepted"] == 1
    again = send(LOGS, alice, [log_row()])
    assert (again.status_code, again.json()["duplicates"]) == (202, 1)
    other = send(LOGS, alice, [log_row(input={"text": "Other words"})])
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (409, "/0/id")
    assert PredictionLog.objects.count() == 1


def test_one_bad_row_of_a_thousand_refuses_all_and_is_named(send, alice):
    rows = [log_row(id=f"m-{number}") for number in range(1000)]
    rows[637]["timestamp"] = "2025-02-30T00:00:00Z"
    for response in (
        send(LOGS, alice, rows),
        send(LOGS, alice, ndjson(*rows), kind="application/x-ndjson"),
    ):
        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert (error["index"], error["pointer"]) == (637, "/637/timestamp")
    assert not PredictionLog.objects.exists()
    assert not UploadBatch.objects.exists()


def test_partial_stores_the_good_rows_and_keeps_the_bad_ones(send, alice):
    bad = log_row(id="m-2", timestamp="2999-01-01T00:00:00Z")
    response = send(f"{LOGS}?partial=true", alice, [log_row(), bad, log_row(id="m-3")])
    assert (response.status_code, response.json()["accepted"]) == (202, 2)
    (rejected,) = response.json()["rejected"]
    assert (rejected["index"], rejected["code"]) == (1, "in_the_future")
    kept = QuarantinedRow.objects.get()
    assert (kept.batch_id, json.loads(kept.content)["id"]) == (response.json()["batch"], "m-2")


@pytest.mark.parametrize("value", ["1", "yes", "", "TRUE "])
def test_partial_is_true_or_false_and_nothing_else(value, send, alice):
    assert send(f"{LOGS}?partial={value}", alice, [log_row()]).status_code == 400


def test_a_batch_says_when_its_rows_are_answered(send, ask, alice):
    unanswered = log_row(id="m-2", prediction=..., confidence=...)
    batch = send(LOGS, alice, [log_row(), unanswered]).json()["batch"]
    found = ask(f"batches/{batch}", alice).json()
    assert (found["kind"], found["state"], found["accepted"]) == ("logs", "stored", 2)
    PredictionLog.objects.filter(row_id="m-2").update(
        answered="service", prediction="billing", confidence=0.5
    )
    assert ask(f"batches/{batch}", alice).json()["state"] == "scored"


def test_a_batch_of_another_client_is_as_unknown_as_one_that_is_not(send, ask, alice, charlie):
    batch = send(LOGS, alice, [log_row()]).json()["batch"]
    answers = [ask(f"batches/{number}", charlie) for number in (batch, batch + 1, 10**30)]
    assert [answer.status_code for answer in answers] == [404] * 3
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


def test_unanswered_rows_ask_a_worker_once_they_are_committed(
    send, alice, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr("agency.base.dispatch._send", lambda *message: sent.append(message))
    with django_capture_on_commit_callbacks(execute=True):
        send(LOGS, alice, [log_row()])
    assert sent == []
    with django_capture_on_commit_callbacks(execute=True):
        send(LOGS, alice, [log_row(id="m-2", prediction=..., confidence=...)])
    assert sent == [("retraining.answer_pending", alice.model.pk)]
