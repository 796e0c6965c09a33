"""Decisions ask first, call one service with who and why, and tell what came of it."""

from types import SimpleNamespace

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import get_messages
from django.urls import reverse

from agency.base.errors import Conflict
from retraining import services
from retraining.models import Cycle, Proposal

QUEUE = "admin:retraining_proposal_changelist"
DECISIONS = ["approve", "refuse", "overrule"]


@pytest.fixture
def calls(monkeypatch):
    """The services, replaced by a list of what was asked of them."""
    made = []

    def record(name, answer):
        def service(**asked):
            rows = asked.get("proposals")
            if rows is not None:
                asked["proposals"] = sorted(rows.values_list("pk", flat=True))
            made.append((name, asked))
            return answer

        monkeypatch.setattr(services, name, service)

    for name in (*DECISIONS, "finish_curation", "look_again"):
        record(name, Cycle(state="refused"))
    record("relabel_proposal", None)
    for name in ("accept_proposals", "reject_proposals"):
        record(name, 2)
    record("rollback", SimpleNamespace(from_version="v1.1", to_version="v1.0"))
    return made


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def ids(rows):
    return sorted(row.pk for row in rows)


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_asks_for_a_reason_first(client, staff, world, calls, decision):
    page = reverse(f"admin:retraining_cycle_{decision}", args=[world.cycle.pk])
    asked = client.get(page)
    assert asked.status_code == 200
    text = asked.content.decode()
    assert 'name="reason"' in text
    assert f"{decision.capitalize()}: acme/tickets" in text
    assert [line.strip() for line in text.splitlines()].count(decision.capitalize()) == 1
    assert calls == []


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("reason", ["", "   "])
def test_a_decision_without_a_reason_is_not_taken(client, staff, world, calls, decision, reason):
    page = reverse(f"admin:retraining_cycle_{decision}", args=[world.cycle.pk])
    answer = client.post(page, {"confirmed": "yes", "reason": reason})
    assert answer.status_code == 200
    assert "This field is required." in answer.content.decode()
    assert calls == []


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_is_signed_by_who_took_it(client, staff, world, calls, decision):
    page = reverse(f"admin:retraining_cycle_{decision}", args=[world.cycle.pk])
    answer = client.post(page, {"confirmed": "yes", "reason": "It fixes more than it breaks."})
    assert answer.status_code == 302
    ((name, asked),) = calls
    assert (name, asked["cycle"], asked["by"]) == (decision, world.cycle, "dana")
    assert asked["reason"] == "It fixes more than it breaks."
    assert asked["at"].tzinfo is not None


def test_what_a_service_refuses_is_told(client, staff, world, monkeypatch):
    def refuse(**asked):
        raise Conflict("cycle 1 is no longer pending_approval")

    monkeypatch.setattr(services, "approve", refuse)
    page = reverse("admin:retraining_cycle_approve", args=[world.cycle.pk])
    answer = client.post(page, {"confirmed": "yes", "reason": "good"})
    assert told(answer) == ["cycle 1 is no longer pending_approval"]


def test_a_page_offers_only_what_its_state_is_open_to(client, staff, world):
    def offered(cycle):
        text = client.get(
            reverse("admin:retraining_cycle_change", args=[cycle.pk])
        ).content.decode()
        names = (*DECISIONS, "finish_curation", "look_again")
        return {n for n in names if reverse(f"admin:retraining_cycle_{n}", args=[cycle.pk]) in text}

    assert offered(world.cycle) == {"approve", "refuse"}
    for state, decisions in (
        ("undecided", {"refuse", "overrule", "look_again"}),
        ("advised", {"overrule"}),
        ("rejected", {"overrule"}),
        ("live", set()),
    ):
        Cycle.objects.filter(pk=world.cycle.pk).update(state=state)
        assert offered(world.cycle) == decisions
    assert offered(world.curating) == {"finish_curation"}


def test_finishing_curation_needs_a_click_and_no_reason(client, staff, world, calls):
    page = reverse("admin:retraining_cycle_finish_curation", args=[world.curating.pk])
    assert client.get(page).status_code == 200
    assert calls == []
    client.post(page, {"confirmed": "yes"})
    ((name, asked),) = calls
    assert name == "finish_curation"
    assert set(asked) == {"cycle", "by", "at"} and asked["cycle"] == world.curating


def test_rolling_back_asks_and_says_what_is_live(client, staff, world, calls):
    page = reverse("admin:clients_maintainedmodel_roll_back", args=[world.model.pk])
    assert 'name="reason"' in client.get(page).content.decode()
    assert "required" in client.post(page, {"confirmed": "yes", "reason": ""}).content.decode()
    assert calls == []
    answer = client.post(page, {"confirmed": "yes", "reason": "Answers are slow."})
    assert calls[0][1]["reason"] == "Answers are slow."
    assert told(answer) == ["acme/tickets: v1.0 is live again instead of v1.1."]


def test_a_decision_on_a_cycle_that_is_not_there_leads_back(client, staff, world, calls):
    answer = client.post(reverse("admin:retraining_cycle_approve", args=[0]), {"confirmed": "yes"})
    assert answer.status_code == 302
    assert calls == []


def test_the_queue_shows_what_waits_and_not_the_models_answer(client, staff, world):
    Proposal.objects.update(prediction="zebra-answer")
    Proposal.objects.filter(pk=world.proposals[0].pk).update(
        state="rejected", reason="noise", decided_by="lee", decided_at=world.cycle.created_at
    )
    answer = client.get(reverse(QUEUE))
    text = answer.content.decode()
    assert answer.context["cl"].result_count == 2
    assert "parcel 1 never came" in text and "parcel 0 never came" not in text
    assert "zebra-answer" not in text
    waiting, decided = (
        client.get(reverse("admin:retraining_proposal_change", args=[row.pk])).content.decode()
        for row in (world.proposals[1], world.proposals[0])
    )
    assert "zebra-answer" not in waiting
    assert "zebra-answer" in decided


def test_accepting_takes_the_chosen_rows(client, staff, world, calls):
    chosen = ids(world.proposals[:2])
    answer = client.post(
        reverse(QUEUE), {"action": "accept", ACTION_CHECKBOX_NAME: chosen, "index": "0"}
    )
    ((name, asked),) = calls
    assert (name, asked["proposals"], asked["by"]) == ("accept_proposals", chosen, "dana")
    assert told(answer) == ["Accepted 2."]


def test_rejecting_asks_why_and_then_takes_the_same_rows(client, staff, world, calls):
    chosen = ids(world.proposals[:2])
    post = {"action": "reject", ACTION_CHECKBOX_NAME: chosen}
    asked = client.post(reverse(QUEUE), post | {"index": "0"}).content.decode()
    assert 'name="reason"' in asked
    for key in chosen:
        assert f'name="{ACTION_CHECKBOX_NAME}" value="{key}"' in asked
    client.post(reverse(QUEUE), post | {"confirmed": "yes", "reason": " "})
    assert calls == []
    client.post(reverse(QUEUE), post | {"confirmed": "yes", "reason": "not theirs"})
    ((name, made),) = calls
    assert (name, made["proposals"], made["reason"]) == ("reject_proposals", chosen, "not theirs")


def test_all_rows_of_the_queue_travel_as_one_flag(client, staff, world, calls):
    first = ids(world.proposals)[:1]
    post = {"action": "reject", ACTION_CHECKBOX_NAME: first, "select_across": "1"}
    asked = client.post(reverse(QUEUE), post | {"index": "0"}).content.decode()
    assert 'name="select_across" value="1"' in asked
    client.post(reverse(QUEUE), post | {"confirmed": "yes", "reason": "a test upload"})
    assert calls[0][1]["proposals"] == ids(world.proposals)


@pytest.mark.parametrize(
    ("answers", "label"),
    [({"label": "login"}, "login"), ({"new": "refunds"}, "refunds")],
)
def test_relabelling_takes_a_category_or_a_new_one(client, staff, world, calls, answers, label):
    chosen = ids(world.proposals[:2])
    post = {"action": "relabel", ACTION_CHECKBOX_NAME: chosen}
    asked = client.post(reverse(QUEUE), post | {"index": "0"}).content.decode()
    assert '<option value="login"' in asked
    assert "delivery: parcel 0 never came" in asked
    client.post(reverse(QUEUE), post | {"confirmed": "yes"} | answers)
    assert [(name, made["proposal"].pk, made["label"]) for name, made in calls] == [
        ("relabel_proposal", key, label) for key in chosen
    ]


@pytest.mark.parametrize("answers", [{}, {"label": "login", "new": "x"}, {"label": "no such"}])
def test_relabelling_needs_one_answer(client, staff, world, calls, answers):
    post = {"action": "relabel", ACTION_CHECKBOX_NAME: ids(world.proposals), "confirmed": "yes"}
    assert client.post(reverse(QUEUE), post | answers).status_code == 200
    assert calls == []
