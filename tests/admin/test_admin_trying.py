"""A text or values of one's own on both versions: answered, told, and stored nowhere."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agency.cockpit.roles import READ_ONLY
from retraining import artifacts
from tests.admin.golden_world import Parrot, add_golden_rows, page
from tests.factories import UserFactory


@pytest.fixture
def compared(world):
    """The world's comparison with five golden rows, one of them sealed."""
    return add_golden_rows(world)


@pytest.fixture
def parrots(monkeypatch):
    monkeypatch.setattr(artifacts, "load", lambda version: Parrot(f"said by {version.name}"))


def stored_rows():
    """How many rows each of our tables holds."""
    models = [
        m
        for app in ("clients", "retraining", "reports")
        for m in apps.get_app_config(app).get_models()
    ]
    return {model.__name__: model.objects.count() for model in models}


def test_a_text_of_ones_own_is_answered_by_both_and_stored_nowhere(
    client, staff, compared, parrots
):
    before = stored_rows()
    with CaptureQueriesContext(connection) as seen:
        text = page(client, compared, **{"field-text": "my own words"})
    assert "said by v1.0" in text and "said by v1.1" in text and "They differ." in text
    assert text.count("sure 75%") == 2 and "my own words" in text
    assert stored_rows() == before
    written = [q["sql"] for q in seen if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert written == []


def test_what_can_not_be_answered_is_told(client, staff, compared, parrots):
    assert "the text is empty" in page(client, compared, **{"field-text": "  "})


def test_a_table_is_tried_value_by_value(client, staff, compared, parrots):
    field = {"name": "age", "kind": "number", "whole": False, "values": []}
    compared.model.schema = {"task": "tabular", "fields": [field], "categories": ["a", "b"]}
    compared.model.save()
    assert 'name="field-age"' in page(client, compared)
    assert "said by v1.1" in page(client, compared, **{"field-age": "41.5"})
    assert 'class="ws-error"' in page(client, compared, **{"field-age": "forty"})


def test_whoever_may_look_may_try_but_is_offered_no_decision(client, compared, parrots):
    person = UserFactory(username="kim", is_staff=True)
    client.force_login(person)
    address = reverse("admin:retraining_cycle_side_by_side", args=[compared.cycle.pk])
    assert client.get(address).status_code == 403
    assert client.post(address, {"field-text": "x"}).status_code == 403
    person.groups.add(Group.objects.get(name=READ_ONLY))
    text = page(client, compared, **{"field-text": "x"})
    assert "said by v1.1" in text
    assert reverse("admin:retraining_cycle_approve", args=[compared.cycle.pk]) not in text
