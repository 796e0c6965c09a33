"""Rows that a partial upload set aside: mended, tried again, dropped; by whom and when."""

import json

import pytest
from django.urls import reverse

from agency.base.errors import BadInput, Conflict
from clients import quarantine
from clients.models import PredictionLog, QuarantinedRow, UploadBatch
from tests.api.conftest import AT
from tests.clients.samples import log_row
from tests.factories import UserFactory

LOGS = "models/desk/logs?partial=true"


@pytest.fixture
def waiting(send, alice):
    """Two bad rows of one upload."""
    rows = [log_row(), log_row(id="m-2", timestamp="soon"), log_row(id="m-3", prediction=7)]
    assert send(LOGS, alice, rows).status_code == 202
    return list(QuarantinedRow.objects.order_by("line"))


def test_a_mended_row_is_stored_and_says_by_whom(waiting):
    first, second = waiting
    quarantine.mend(row=first, content=json.dumps(log_row(id="m-2"), indent=2))
    done = quarantine.try_again(rows=waiting, by="dana", at=AT)
    assert (done.stored, done.waiting) == (1, 1)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.settled_by, first.settled_at) == ("stored", "dana", AT)
    assert (second.state, second.settled_by) == ("waiting", "")
    assert PredictionLog.objects.filter(row_id="m-2").exists()
    assert UploadBatch.objects.order_by("pk").last().accepted == 1


def test_a_row_that_is_still_bad_waits_under_its_newest_fault(waiting):
    first, _second = waiting
    quarantine.mend(row=first, content=json.dumps(log_row(id="m-2", confidence=3)))
    assert quarantine.try_again(rows=[first], by="dana", at=AT).waiting == 1
    first.refresh_from_db()
    assert first.pointer.endswith("/confidence")
    assert UploadBatch.objects.count() == 1


def test_what_is_settled_stays_settled(waiting):
    assert quarantine.drop(rows=waiting, by="dana", at=AT) == 2
    for call in (
        lambda: quarantine.drop(rows=waiting, by="lee", at=AT),
        lambda: quarantine.try_again(rows=waiting, by="lee", at=AT),
        lambda: quarantine.mend(row=waiting[0], content="{}"),
    ):
        with pytest.raises(Conflict):
            call()
    assert set(QuarantinedRow.objects.values_list("settled_by", flat=True)) == {"dana"}


@pytest.mark.parametrize(
    "content",
    ["", "[]", "7", "{", '{"id": ' + "[" * 9999],
    ids=["empty", "list", "number", "open", "deep"],
)
def test_a_row_is_mended_to_one_object(content, waiting):
    with pytest.raises(BadInput):
        quarantine.mend(row=waiting[0], content=content)


def test_staff_mend_and_store_a_row_on_its_page(waiting, client):
    client.force_login(UserFactory(username="dana", is_staff=True, is_superuser=True))
    page = reverse("admin:clients_quarantinedrow_changelist")
    chosen = {"_selected_action": [waiting[0].pk]}
    form = client.post(page, {"action": "mend", **chosen})
    assert "soon" in form.content.decode()
    content = json.dumps(log_row(id="m-2"))
    client.post(page, {"action": "mend", "confirmed": "yes", "content": content, **chosen})
    waiting[0].refresh_from_db()
    assert (waiting[0].state, waiting[0].settled_by) == ("stored", "dana")
    client.post(page, {"action": "drop", "confirmed": "yes", "_selected_action": [waiting[1].pk]})
    waiting[1].refresh_from_db()
    assert waiting[1].state == "dropped"
    assert client.get(page).status_code == 200


def test_a_row_is_mended_from_its_own_page_and_what_was_typed_is_not_lost(waiting, client):
    client.force_login(UserFactory(username="dana", is_staff=True, is_superuser=True))
    row, other = waiting
    listed = client.get(reverse("admin:clients_quarantinedrow_changelist")).content.decode()
    assert "alice/desk" in listed and "not_a_time at" in listed
    page = reverse("admin:clients_quarantinedrow_change", args=[row.pk])
    mend = reverse("admin:clients_quarantinedrow_mend_this", args=[row.pk])
    assert mend in client.get(page).content.decode()

    answer = client.post(mend, {"confirmed": "yes", "content": "{half a row"})
    assert "{half a row" in answer.content.decode() and "one JSON object" in answer.content.decode()
    still_bad = json.dumps(log_row(id="m-2", confidence=3))
    answer = client.post(mend, {"confirmed": "yes", "content": still_bad}, follow=True)
    assert "still not stored: confidence must be" in answer.content.decode()
    client.post(mend, {"confirmed": "yes", "content": json.dumps(log_row(id="m-2"))})
    row.refresh_from_db()
    assert (row.state, row.settled_by) == ("stored", "dana")

    drop = reverse("admin:clients_quarantinedrow_drop_this", args=[other.pk])
    assert "never stored" in client.get(drop).content.decode()
    client.post(drop, {"confirmed": "yes"})
    other.refresh_from_db()
    assert (other.state, other.settled_by) == ("dropped", "dana")


CSV = "id,timestamp,text,prediction,confidence,context.channel,label,label_source,feedback.clicks"


def test_a_bad_row_of_a_csv_waits_as_the_json_row_that_it_means(send, alice):
    rows = 'm-1,soon,"Late, again",b,0.9,web,007,review,3\nm-2,2025-03-01T00:00:00Z,a,b\n'
    answer = send(LOGS, alice, f"{CSV}\n{rows}".encode(), kind="text/csv")
    assert answer.status_code == 202, answer.content
    bad, ragged = QuarantinedRow.objects.order_by("line")
    assert json.loads(bad.content) == {
        "id": "m-1",
        "timestamp": "soon",
        "input": {"text": "Late, again"},
        "prediction": "b",
        "confidence": 0.9,
        "context": {"channel": "web"},
        "feedback": {"label": "007", "label_source": "review", "clicks": 3.0},
    }
    assert ragged.content == "m-2,2025-03-01T00:00:00Z,a,b"
    quarantine.mend(row=bad, content=bad.content.replace("soon", "2025-03-01T00:00:00Z"))
    assert quarantine.try_again(rows=[bad], by="dana", at=AT).stored == 1
    stored = PredictionLog.objects.get(row_id="m-1")
    assert (stored.label, stored.signals) == ("007", {"clicks": 3.0})


def test_bad_feedback_and_outcomes_of_a_csv_wait_as_json_too(send, alice):
    assert send("models/desk/logs", alice, [log_row()]).status_code == 202
    feedback = b"id,label,label_source,clicks\nm-1,007,guessed,3\n"
    outcomes = b"id,name,value\nm-1,paid,much\n"
    for where, body in (("feedback", feedback), ("outcomes", outcomes)):
        answer = send(f"models/desk/{where}?partial=true", alice, body, kind="text/csv")
        assert answer.status_code == 202, answer.content
    said, paid = QuarantinedRow.objects.order_by("pk")
    assert json.loads(said.content) == {
        "id": "m-1", "label": "007", "label_source": "guessed", "clicks": 3.0,
    }  # fmt: skip
    assert json.loads(paid.content) == {"id": "m-1", "name": "paid", "value": "much"}
    quarantine.mend(row=said, content=said.content.replace("guessed", "review"))
    quarantine.mend(row=paid, content=paid.content.replace("much", "12"))
    assert quarantine.try_again(rows=[said, paid], by="dana", at=AT).stored == 2
