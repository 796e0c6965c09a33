"""Asking for labels: offered beside approve and refuse, to those who decide, with a reason."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from agency.cockpit.roles import APPROVER, OPERATOR
from clients.models import PredictionLog
from retraining import services
from retraining.models import Cycle
from tests.admin.golden_world import say
from tests.factories import PredictionLogFactory, ProposalFactory, UserFactory


@pytest.mark.parametrize(("role", "allowed"), [(OPERATOR, False), (APPROVER, True)])
def test_it_is_for_those_who_decide_and_needs_a_reason(client, world, monkeypatch, role, allowed):
    made = []
    monkeypatch.setattr(
        services, "ask_for_labels", lambda **a: made.append(a) or Cycle(state="undecided")
    )
    user = UserFactory(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    action = reverse("admin:retraining_cycle_ask_for_labels", args=[world.cycle.pk])
    for name in ("change", "side_by_side"):
        page = client.get(reverse(f"admin:retraining_cycle_{name}", args=[world.cycle.pk]))
        assert (action in page.content.decode()) == allowed
    nothing = client.post(action, {"confirmed": "yes", "reason": " "})
    assert nothing.status_code == (200 if allowed else 403) and made == []
    answer = client.post(action, {"confirmed": "yes", "reason": "Too few."})
    assert answer.status_code == (302 if allowed else 403)
    assert [(a["cycle"], a["by"], a["reason"]) for a in made] == (
        [(world.cycle, role, "Too few.")] if allowed else []
    )


def test_the_rows_stand_on_the_pages_without_an_answer(client, staff, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="undecided")
    say(world.comparison, label_more=None)
    PredictionLogFactory(
        model=world.model, row_id="ask-1", input={"text": "body of ask-1"}, label="",
        prediction="zebra-answer",
    )  # fmt: skip
    ProposalFactory(cycle=world.cycle, kind="asked", row_id="ask-1", label="", prediction="")
    queue = reverse("admin:retraining_proposal_review", args=[world.cycle.pk])
    page = client.get(reverse("admin:retraining_cycle_side_by_side", args=[world.cycle.pk]))
    text = page.content.decode()
    assert "body of ask-1" in text and "a person asked for them" in text and queue in text
    assert "zebra-answer" not in text
    assert queue in client.get(reverse("admin:retraining_proposal_changelist")).content.decode()
    page = client.get(reverse("admin:retraining_cycle_change", args=[world.cycle.pk]))
    assert "A person asked for more labels" in page.content.decode()
    PredictionLog.objects.filter(row_id="ask-1").update(label="login", label_source="targeted")
    page = client.get(reverse("admin:retraining_cycle_side_by_side", args=[world.cycle.pk]))
    assert "compare again" in page.content.decode() and "body of ask-1" not in page.content.decode()
