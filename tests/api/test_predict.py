"""Answers at once: by the live version, logged like any production row, the same again when repeated."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError

from agency.base import clock, files
from clients.models import ApiKey, LogDay, PendingFeedback, PredictionLog
from retraining import artifacts, services
from retraining.services import answering, onboarding
from tests.api.conftest import Party, make_party
from tests.retraining import world

PREDICT = "models/tickets/predict"
WORDS = {"billing": "invoice charged fee twice", "delivery": "parcel courier late depot"}


@pytest.fixture
def acme(tiers, monkeypatch):
    monkeypatch.setattr(onboarding, "train_candidate", world.train_once)
    model = world.onboard(tier="premium").model
    api_key, key = ApiKey.objects.create_key(name="integration", client=model.client)
    return Party(model.client, model, api_key, key)


def question(number, label="billing", **changes):
    return {"id": f"q-{number}", "input": {"text": WORDS[label]}} | changes


def test_rows_are_answered_by_the_live_version_and_logged(send, acme):
    rows = [question(1, context={"channel": "web"}), question(2, "delivery")]
    response = send(PREDICT, acme, {"rows": rows})
    assert response.status_code == 200
    answers = response.json()["predictions"]
    assert [(row["id"], row["prediction"], row["version"]) for row in answers] == [
        ("q-1", "billing", "v1.0"),
        ("q-2", "delivery", "v1.0"),
    ]
    log = PredictionLog.objects.get(row_id="q-1")
    assert (log.answered, log.prediction, log.model_version) == ("service", "billing", "v1.0")
    assert (log.input, log.context) == ({"text": WORDS["billing"]}, {"channel": "web"})
    assert log.confidence == answers[0]["confidence"]


def test_lines_are_taken_too_and_a_row_without_an_id_gets_one(send, acme):
    lines = "\n".join(json.dumps({"input": {"text": text}}) for text in WORDS.values())
    response = send(PREDICT, acme, lines, kind="application/x-ndjson")
    ids = [row["id"] for row in response.json()["predictions"]]
    assert set(ids) == set(PredictionLog.objects.values_list("row_id", flat=True))
    assert len(set(ids)) == 2


def test_the_same_row_again_gets_the_stored_answer_whatever_is_live(send, acme):
    send(PREDICT, acme, [question(1)])
    PredictionLog.objects.update(prediction="login", model_version="v0.9")
    again = send(PREDICT, acme, [question(1), question(1)]).json()["predictions"]
    assert [(row["prediction"], row["version"]) for row in again] == [("login", "v0.9")] * 2
    assert PredictionLog.objects.count() == 1


def test_an_id_with_other_content_is_a_conflict_and_nothing_is_logged(send, acme):
    send(PREDICT, acme, [question(1)])
    other = send(PREDICT, acme, [question(2), question(1, "delivery")])
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (409, "/1/id")
    twice = send(PREDICT, acme, [question(3), question(3, "delivery")])
    assert twice.status_code == 409
    assert PredictionLog.objects.count() == 1


def test_bad_rows_are_all_named_and_nothing_is_logged(send, acme):
    rows = [question(1), question(2, input={"text": 7}), question(3, input={})]
    response = send(PREDICT, acme, rows)
    assert response.status_code == 422
    assert [error["index"] for error in response.json()["errors"]] == [1, 2]
    assert not PredictionLog.objects.exists()


def test_one_request_asks_for_a_thousand_rows_at_most(send, acme, settings):
    settings.PREDICT_MOST_ROWS = 2
    assert send(PREDICT, acme, [question(n) for n in range(2)]).status_code == 200
    assert send(PREDICT, acme, [question(n) for n in range(3)]).status_code == 413


def test_a_table_is_not_taken_and_no_row_is_an_error(send, acme):
    assert send(PREDICT, acme, "id,text\nq-1,hi\n", kind="text/csv").status_code == 415
    assert send(PREDICT, acme, []).status_code == 400


def test_a_repeat_under_the_key_is_answered_from_the_first(send, acme):
    rows = [{"input": {"text": WORDS["billing"]}}]
    first, again = (send(PREDICT, acme, rows, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert PredictionLog.objects.count() == 1


def test_ids_that_another_request_logs_at_the_same_moment_are_looked_up_again(
    send, acme, monkeypatch
):
    log, calls = answering._log, []

    def beaten(*args):
        calls.append(1)
        if len(calls) == 1:
            raise IntegrityError
        return log(*args)

    monkeypatch.setattr(answering, "_log", beaten)
    assert send(PREDICT, acme, [question(1)]).status_code == 200
    assert len(calls) == 2


def test_an_artifact_is_read_and_verified_once_in_a_process(send, acme, monkeypatch):
    artifacts._load.cache_clear()
    read, fetch = [], files.fetch
    monkeypatch.setattr(files, "fetch", lambda *a, **k: read.append(1) or fetch(*a, **k))
    for number in range(3):
        assert send(PREDICT, acme, [question(number)]).status_code == 200
    assert len(read) == 1


def test_a_damaged_artifact_answers_nobody(send, acme, own_files):
    artifacts._load.cache_clear()
    digest = services.load_live(model=acme.model).artifact_sha256
    artifacts._load.cache_clear()
    (own_files / files.address(digest, ".skops")).write_bytes(b"other bytes")
    assert send(PREDICT, acme, [question(1)]).status_code == 503
    assert not PredictionLog.objects.exists()


def test_routing_names_the_live_version_until_it_changes(ask, acme):
    first = ask("models/tickets/routing", acme)
    assert first.json()["split"] == [{"version": "v1.0", "percent": 100.0}]
    again = ask("models/tickets/routing", acme, **{"If-None-Match": f'"other", {first["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    acme.model.rollouts.update(started_at=clock.now() - timedelta(days=1))
    changed = ask("models/tickets/routing", acme, **{"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_without_a_live_version_there_is_nothing_to_route_to(send, ask, tiers):
    party = make_party("empty", tiers["basic"])
    assert ask("models/desk/routing", party).status_code == 409
    assert send("models/desk/predict", party, [question(1)]).status_code == 409


def test_the_time_of_a_row_is_when_it_was_asked(send, acme):
    with time_machine.travel("2025-05-01T10:00:00Z", tick=False):
        send(PREDICT, acme, [question(1)])
    assert PredictionLog.objects.get().timestamp.isoformat() == "2025-05-01T10:00:00+00:00"


def test_feedback_that_came_before_its_question_waits_for_it(send, acme):
    row = {"id": "q-1", "label": "delivery", "label_source": "review", "clicked": True}
    with time_machine.travel("2025-05-01T10:00:00Z", tick=False):
        early = send("models/tickets/feedback", acme, [row])
        assert (early.status_code, early.json()["pending"]) == (202, 1)
        send(PREDICT, acme, [question(1)])
    log = PredictionLog.objects.get()
    assert (log.label, log.label_source, log.signals) == ("delivery", "review", {"clicked": True})
    assert not PendingFeedback.objects.exists()
    day = LogDay.objects.get()
    assert (day.day, day.labelled_at is not None) == (log.timestamp.date(), True)
