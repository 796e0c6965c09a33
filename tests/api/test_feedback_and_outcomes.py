"""Feedback and outcomes over HTTP, by the id of their row, before it or after it."""

import errno
import tempfile

import pytest
from django.db import OperationalError

from clients import auth
from clients.models import Outcome, PendingFeedback, PredictionLog, UploadBatch
from tests.clients.samples import log_row, ndjson

LOGS, FEEDBACK, OUTCOMES = (f"models/desk/{call}" for call in ("logs", "feedback", "outcomes"))
LABEL = {"id": "m-1", "label": "billing", "label_source": "review"}
RETURNED = {"id": "m-1", "name": "returned", "value": True}


def test_feedback_is_attached_to_its_row(send, ask, alice):
    send(LOGS, alice, [log_row()])
    response = send(FEEDBACK, alice, {"rows": [LABEL | {"thumbs": "up"}]})
    assert (response.status_code, response.json()["labels"]) == (202, 1)
    log = PredictionLog.objects.get()
    assert (log.label, log.label_source, log.thumbs) == ("billing", "review", "up")
    batch = ask(f"batches/{response.json()['batch']}", alice).json()
    assert (batch["kind"], batch["state"]) == ("feedback", "stored")


def test_feedback_before_its_row_waits_and_is_attached_when_the_row_comes(send, alice):
    response = send(FEEDBACK, alice, ndjson(LABEL), kind="application/x-ndjson")
    assert (response.status_code, response.json()["pending"]) == (202, 1)
    assert PendingFeedback.objects.count() == 1
    send(LOGS, alice, [log_row()])
    assert PredictionLog.objects.get().label == "billing"
    assert not PendingFeedback.objects.exists()


def test_another_label_of_the_same_source_is_a_conflict(send, alice):
    send(LOGS, alice, [log_row()])
    send(FEEDBACK, alice, [LABEL])
    response = send(FEEDBACK, alice, [LABEL | {"label": "delivery"}])
    assert (response.status_code, response.json()["errors"][0]["code"]) == (409, "conflict")
    assert PredictionLog.objects.get().label == "billing"


def test_outcomes_may_come_as_a_table_and_before_their_row(send, alice):
    table = "id,name,value\nm-1,returned,1\nm-2,returned,0\n"
    response = send(OUTCOMES, alice, table, kind="text/csv")
    assert (response.status_code, response.json()["accepted"]) == (202, 2)
    again = send(OUTCOMES, alice, [RETURNED])
    assert (again.status_code, again.json()["accepted"]) == (202, 0)
    assert Outcome.objects.count() == 2


@pytest.mark.parametrize("call", [LOGS, FEEDBACK, OUTCOMES])
def test_a_disk_that_is_full_is_a_503_and_nothing_is_stored(call, send, alice, monkeypatch):
    class Full(tempfile.SpooledTemporaryFile):
        def write(self, content):
            raise OSError(errno.ENOSPC, "canary")

    monkeypatch.setattr("clients.uploads.body.SpooledTemporaryFile", Full)
    response = send(call, alice, [log_row()])
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "canary" not in response.content.decode()
    assert not UploadBatch.objects.exists()


def test_a_database_that_is_away_is_a_503_from_the_first_question_on(send, alice, monkeypatch):
    def gone(*args, **kwargs):
        raise OperationalError("canary")

    monkeypatch.setattr(auth, "checked_key", gone)
    response = send(LOGS, alice, [log_row()])
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"
    assert "canary" not in response.content.decode()
