"""The page of rows that an undecided comparison asked for: blind before and after, then handed in."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from clients.models import PredictionLog
from retraining.models import Cycle
from tests.factories import PredictionLogFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cycle(world):
    """The world's compared cycle, undecided, with two rows to label."""
    for row_id in ("ask-1", "ask-2"):
        PredictionLogFactory(model=world.model, row_id=row_id, prediction="zebra-answer")
    figures = {**world.comparison.figures}
    figures["label_more"] = {"n": 2, "rows": [], "questions": {"all": ["ask-1", "ask-2"]}}
    world.comparison.figures, world.comparison.verdict = figures, "undecided"
    world.comparison.save()
    Cycle.objects.filter(pk=world.cycle.pk).update(state="undecided")
    return Cycle.objects.get(pk=world.cycle.pk)


def token(page):
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]


def test_asked_rows_are_labelled_and_handed_in_and_the_comparison_is_offered_again(
    client, staff, cycle
):
    address = reverse("admin:retraining_proposal_review", args=[cycle.pk])
    page = client.get(address)
    for _ in range(2):
        assert "Nobody has labelled it yet" in page.content.decode()
        said = {"do": "relabel", "token": token(page), "label": "login", "new": "yes"}
        page = client.post(address, said, headers=HTMX)
        assert "zebra-answer" not in page.content.decode()
        assert "stays hidden until the comparison" in page.content.decode()
    assert "Hand in 2 labels" in page.content.decode()
    again = reverse("admin:retraining_cycle_look_again", args=[cycle.pk])
    assert again not in page.content.decode()
    page = client.post(address, {"do": "hand_in"}, follow=True)
    assert again in page.content.decode()
    assert PredictionLog.objects.filter(label="login", label_source="targeted").count() == 2
    entry = LogEntry.objects.get(object_id=str(cycle.pk))
    assert (entry.user, "Handed in 2 labels" in entry.change_message) == (staff, True)
    refused = client.post(address, {"do": "undo"}, headers=HTMX)
    assert "was handed in" in refused.content.decode()


def test_accept_is_not_offered_where_no_label_came(client, staff, cycle):
    page = client.get(reverse("admin:retraining_proposal_review", args=[cycle.pk]))
    assert 'data-key="a"' not in page.content.decode()
    said = {"do": "accept", "token": token(page)}
    refused = client.post(page.request["PATH_INFO"], said, headers=HTMX)
    assert "labelled from scratch" in refused.content.decode()
