"""A cycle that waits upstream offers its repairs; each is signed, and one in force can go back."""

import pytest
from django.urls import reverse

from retraining import services
from retraining.models import AppliedRepair, Cycle

OFFERED = ("repair_and_retrain", "repair", "withdraw_repairs")


def page(cycle, name="change"):
    return reverse(f"admin:retraining_cycle_{name}", args=[cycle.pk])


@pytest.fixture
def upstream(world):
    fault = {"field": "temp_c", "kind": "unit_change", "since": "2025-03-10", "acts": True}
    world.diagnosis.findings |= {"suspect_fields": [{**fault, "factor": 1.8, "offset": 32.0}]}
    world.diagnosis.save()
    Cycle.objects.filter(pk=world.cycle.pk).update(state="upstream")
    return world.cycle


def shown(client, cycle):
    text = client.get(page(cycle)).content.decode()
    return text, {name for name in OFFERED if page(cycle, name) in text}


def test_a_page_offers_the_repair_and_what_it_would_do(client, staff, upstream):
    AppliedRepair.objects.all().delete()
    text, offered = shown(client, upstream)
    assert offered == {"repair_and_retrain", "repair"}
    assert "temp_c: converted back" in text and "The stored rows stay as they came." in text


def test_a_repair_in_force_is_shown_and_can_be_withdrawn(client, staff, upstream):
    made = AppliedRepair.objects.get()
    AppliedRepair.objects.update(withdrawn_by="", withdrawn_reason="", withdrawn_at=None)
    text, offered = shown(client, upstream)
    assert offered == {"repair_and_retrain", "withdraw_repairs"}
    assert made.reason in text
    Cycle.objects.filter(pk=upstream.pk).update(state="retraining")
    assert shown(client, upstream)[1] == set()


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("repair_and_retrain", "repair_and_retrain"),
        ("repair", "apply_repairs"),
        ("withdraw_repairs", "withdraw_repairs"),
    ],
)
def test_a_repair_asks_for_a_reason_and_is_signed(
    client, staff, upstream, monkeypatch, name, service
):
    calls = []

    def record(**asked):
        calls.append(asked)
        return Cycle(state="collecting")

    monkeypatch.setattr(services, service, record)
    assert 'name="reason"' in client.get(page(upstream, name)).content.decode()
    client.post(page(upstream, name), {"confirmed": "yes", "reason": " "})
    assert calls == []
    client.post(page(upstream, name), {"confirmed": "yes", "reason": "It is in Fahrenheit."})
    (asked,) = calls
    assert (asked["cycle"], asked["by"], asked["reason"]) == (
        upstream,
        "dana",
        "It is in Fahrenheit.",
    )
