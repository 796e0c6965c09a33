"""The same request sent twice: done once, answered twice."""

import gzip
import json
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError

from agency.base import clock
from clients.models import IdempotentRequest, PredictionLog, UploadBatch
from clients.uploads import api, idempotency
from tests.clients.samples import log_row

LOGS = "models/desk/logs"
KEY = {"Idempotency-Key": "upload-1"}


def test_a_repeat_gets_the_first_answer_and_stores_nothing(send, alice):
    first = send(LOGS, alice, [log_row()], **KEY)
    again = send(LOGS, alice, [log_row()], **KEY)
    assert first.status_code == again.status_code == 202
    assert again.json() == first.json()
    assert first.json()["accepted"] == 1
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert UploadBatch.objects.count() == 1


def test_the_same_rows_zipped_again_are_the_same_body(send, alice):
    content = json.dumps([log_row()]).encode()
    answers = [
        send(
            LOGS, alice, gzip.compress(content, mtime=second), **KEY, **{"Content-Encoding": "gzip"}
        )
        for second in (1, 2)
    ]
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert answers[0].json() == answers[1].json()


def test_another_body_or_address_under_the_key_is_refused(send, alice):
    send(LOGS, alice, [log_row()], **KEY)
    for response in (
        send(LOGS, alice, [log_row(id="m-2")], **KEY),
        send(f"{LOGS}?partial=true", alice, [log_row()], **KEY),
        send("models/desk/feedback", alice, [log_row()], **KEY),
    ):
        assert response.status_code == 422
        assert response.json()["code"] == "idempotency_key_reused"
    assert PredictionLog.objects.count() == 1


def test_keys_of_two_clients_do_not_meet(send, alice, charlie):
    assert send(LOGS, alice, [log_row()], **KEY).json()["accepted"] == 1
    other = send(LOGS, charlie, [log_row(id="m-9")], **KEY)
    assert (other.status_code, other.json()["accepted"]) == (202, 1)


def test_a_refused_request_leaves_its_key_free(send, alice):
    assert send(LOGS, alice, [log_row(timestamp="never")], **KEY).status_code == 422
    assert send(LOGS, alice, [log_row()], **KEY).json()["accepted"] == 1


@pytest.mark.parametrize("key", ["", " \t", "x" * 201, "schlüssel", "a\x00b"])
def test_a_key_is_printable_and_short(key, client, alice):
    response = client.post(
        f"/api/v1/{LOGS}",
        json.dumps([log_row()]),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {alice.key}",
        HTTP_IDEMPOTENCY_KEY=key,
    )
    assert (response.status_code, response.json()["code"]) == (400, "bad_idempotency_key")
    assert not PredictionLog.objects.exists()


def in_flight(alice, send):
    """The first request dies between its claim and its answer, and leaves the claim behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(idempotency, "_release", lambda claim: None)
        patch.setattr(api, "ingest_stream", crash)
        assert send(LOGS, alice, [log_row()], **KEY).status_code == 500
    assert not PredictionLog.objects.exists()


def crash(**kwargs):
    raise MemoryError


def test_a_repeat_waits_while_the_first_is_in_flight_and_runs_after_a_crash(send, alice):
    in_flight(alice, send)
    waiting = send(LOGS, alice, [log_row()], **KEY)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "in_flight")
    assert waiting["Retry-After"] == "1"
    with time_machine.travel(clock.now() + idempotency.LEASE + timedelta(seconds=1)):
        later = send(LOGS, alice, [log_row()], **KEY)
    assert (later.status_code, later.json()["accepted"]) == (202, 1)
    assert PredictionLog.objects.count() == 1


def test_whoever_lost_the_claim_stores_nothing(send, alice, monkeypatch):
    def slow(**kwargs):
        IdempotentRequest.objects.update(lease_until=clock.now() + timedelta(hours=1))
        return take(**kwargs)

    take = api.ingest_stream
    monkeypatch.setattr(api, "ingest_stream", slow)
    assert send(LOGS, alice, [log_row()], **KEY).status_code == 409
    assert not PredictionLog.objects.exists()


def test_a_database_that_goes_away_is_a_503_and_the_repeat_is_done(send, alice):
    def gone(**kwargs):
        raise OperationalError("canary: the connection is lost")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "ingest_stream", gone)
        response = send(LOGS, alice, [log_row()], **KEY)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"
    assert "canary" not in response.content.decode()
    assert send(LOGS, alice, [log_row()], **KEY).json()["accepted"] == 1


def test_keys_are_kept_for_a_day_and_more_and_then_forgotten(send, alice):
    send(LOGS, alice, [log_row()], **KEY)
    assert idempotency.forget_old_requests(at=clock.now() + timedelta(hours=24)) == 0
    assert idempotency.forget_old_requests(at=clock.now() + timedelta(days=3)) == 1
