"""The queue: what people do with proposed rows, and when a cycle may go on."""

import pytest

from agency.base.errors import BadInput, Conflict
from retraining import services
from retraining.models import Cycle, Proposal
from tests.factories import CycleFactory, ProposalFactory
from tests.retraining import world

pytestmark = pytest.mark.django_db
NOW = {"by": "lee", "at": world.MAY}


@pytest.fixture
def cycle(db):
    return CycleFactory(state="curating")


@pytest.fixture
def three(cycle):
    return [ProposalFactory(cycle=cycle) for _ in range(3)]


def states(cycle):
    return list(cycle.proposals.order_by("pk").values_list("state", "final_label", "decided_by"))


def test_accepted_relabelled_and_rejected_rows_carry_who_and_what(cycle, three):
    one, two, last = three
    assert services.accept_proposals(proposals=Proposal.objects.filter(pk=one.pk), **NOW) == 1
    services.relabel_proposal(proposal=two, label=" billing ", **NOW)
    rows = Proposal.objects.filter(pk=last.pk)
    assert services.reject_proposals(proposals=rows, reason="A joke.", **NOW) == 1
    assert states(cycle) == [
        ("accepted", "delivery", "lee"),
        ("relabelled", "billing", "lee"),
        ("rejected", "", "lee"),
    ]


def test_a_decided_row_stays_decided(cycle, three):
    rows = cycle.proposals.all()
    assert services.accept_proposals(proposals=rows, **NOW) == 3
    assert services.accept_proposals(proposals=rows, **NOW) == 0
    assert services.reject_proposals(proposals=rows, reason="late", **NOW) == 0
    with pytest.raises(Conflict, match="decided already"):
        services.relabel_proposal(proposal=three[0], label="billing", **NOW)
    assert {state for state, *_ in states(cycle)} == {"accepted"}


def test_rows_of_a_cycle_that_is_not_curating_are_out_of_reach(cycle, three):
    Cycle.objects.filter(pk=cycle.pk).update(state="retraining")
    assert services.accept_proposals(proposals=cycle.proposals.all(), **NOW) == 0


def test_words_are_needed(cycle, three):
    with pytest.raises(BadInput, match="label"):
        services.relabel_proposal(proposal=three[0], label="  ", **NOW)
    with pytest.raises(BadInput, match="reason"):
        services.reject_proposals(proposals=cycle.proposals.all(), reason=" ", **NOW)


def test_a_cycle_goes_on_when_every_row_is_decided(cycle, three):
    services.accept_proposals(proposals=Proposal.objects.filter(pk=three[0].pk), **NOW)
    with pytest.raises(Conflict, match="2 proposals"):
        services.finish_curation(cycle=cycle, **NOW)
    services.reject_proposals(proposals=cycle.proposals.all(), reason="x", **NOW)
    done = services.finish_curation(cycle=cycle, **NOW)
    assert (done.state, done.collected["accepted"]) == ("retraining", 1)
    with pytest.raises(Conflict, match="nothing to curate"):
        services.finish_curation(cycle=cycle, **NOW)


def test_a_cycle_without_an_accepted_row_asks_for_labels(cycle, three):
    services.reject_proposals(proposals=cycle.proposals.all(), reason="x", **NOW)
    assert services.finish_curation(cycle=cycle, **NOW).state == "needs_labels"
