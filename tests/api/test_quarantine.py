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
