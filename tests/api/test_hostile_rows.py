"""Markup, formulas and templates in rows are stored as they came and do nothing where they come out."""

import pytest
from django.urls import reverse

from clients.models import Dataset, DatasetRow, DatasetVersion, PredictionLog
from tests.clients.samples import log_row
from tests.factories import UserFactory

ATTACKS = (
    "<script>alert(1)</script>",
    "{{7*7}}",
    "=cmd|' /C calc'!A0",
    '"><img src=x onerror=a()>',
)


@pytest.fixture
def stored(send, alice):
    """Every attack as id, text and label of a dataset row and of a log row."""
    rows = [{"id": bad, "text": bad, "label": bad} for bad in ATTACKS]
    answer = send("models/desk/datasets/training", alice, rows, **{"X-Reason": ATTACKS[0]})
    assert answer.status_code == 201
    logs = [
        log_row(
            id=bad,
            input={"text": bad},
            context={"channel": bad},
            prediction=bad,
            feedback={"label": bad, "label_source": "review"},
        )
        for bad in ATTACKS
    ]
    assert send("models/desk/logs", alice, logs).status_code == 202
    return alice


def test_they_are_stored_as_they_came(stored):
    for row in DatasetRow.objects.all():
        assert row.row_id == row.input["text"] == row.label
    assert set(DatasetRow.objects.values_list("label", flat=True)) == set(ATTACKS)
    assert {log.input["text"] for log in PredictionLog.objects.all()} == set(ATTACKS)
    assert set(PredictionLog.objects.values_list("row_id", flat=True)) == set(ATTACKS)


def test_the_admins_pages_show_them_as_text(stored, client):
    client.force_login(UserFactory(username="dana", is_staff=True, is_superuser=True))
    for model in (DatasetRow, PredictionLog, DatasetVersion, Dataset):
        name = f"admin:clients_{model._meta.model_name}"
        pages = [reverse(f"{name}_changelist")]
        pages += [reverse(f"{name}_change", args=[row.pk]) for row in model.objects.all()]
        shown = ""
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            text = answer.content.decode()
            assert ATTACKS[0] not in text and "<img src=x" not in text, page
            shown += text
        if model in (DatasetRow, PredictionLog):
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
            assert "{{7*7}}" in shown  # nobody has worked it out
            assert "=cmd|" in shown


def test_the_api_answers_with_json_that_no_browser_takes_for_a_page(stored, ask):
    answer = ask("models/desk/datasets", stored)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["results"][0]["reason"] == ATTACKS[0]
