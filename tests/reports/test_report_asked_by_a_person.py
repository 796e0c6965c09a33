"""A candidate that a person had put off: the report says who and why, and how many rows wait."""

from types import SimpleNamespace

import pytest

from reports.gathering import record
from reports.gathering.found import not_done_of
from retraining.models import CycleTransition
from tests.factories import APRIL, CycleFactory, ProposalFactory

pytestmark = pytest.mark.django_db
MONTH = SimpleNamespace(last_day=lambda cycle: "2025-04-30")


def moved(cycle, start, end, reason):
    CycleTransition.objects.create(
        job=cycle, from_state=start, to_state=end, by="lee", reason=reason, at=APRIL
    )


def test_the_persons_word_stands_in_place_of_the_gates(monkeypatch):
    cycle = CycleFactory(state="undecided")
    moved(cycle, "comparing", "pending_approval", "Better.")
    moved(cycle, "pending_approval", "undecided", "Five rows are few.")
    assert not_done_of(cycle, MONTH).reasons == ("lee: Five rows are few.",)
    for row_id in ("a", "b"):
        ProposalFactory(cycle=cycle, kind="asked", row_id=row_id, label="")
    monkeypatch.setattr(record, "findings", lambda month: None)
    (step,) = record._after(cycle, MONTH)
    assert (step.what, step.n) == ("label_more", 2)


def test_where_the_gate_was_undecided_nobody_is_named():
    cycle = CycleFactory(state="undecided")
    moved(cycle, "comparing", "undecided", "The gain is not proven.")
    assert not_done_of(cycle, MONTH).reasons == ()
