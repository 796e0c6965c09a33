"""People who work in one queue at the same moment, on both databases."""

import pytest

from retraining import services
from retraining.models import Proposal
from retraining.services import review
from tests.factories import APRIL, CycleFactory, ProposalFactory
from tests.on_both import BOTH, what_it_says
from tests.retraining.services.review_drive import PEOPLE, ROWS


@pytest.fixture(params=BOTH)
def said(request, tmp_path):
    return what_it_says("tests.retraining.services.review_drive", request, tmp_path)


def test_six_people_empty_a_queue_and_no_row_is_decided_twice(said):
    assert said["troubles"] == []
    assert (said["decided"], said["shared"], said["still_claimed"]) == (ROWS, 6, 0)
    # A row has one opinion, a shared one two where a second person came by before the end.
    assert said["turns"] == said["opinions"] == ROWS + said["twice"]
    assert said["more"] == 0 and said["twice"] <= said["shared"]
    assert said["lines_of_time"] == said["who_worked"] <= PEOPLE


@pytest.mark.django_db
def test_who_is_faster_between_looking_and_claiming_has_the_row(monkeypatch):
    """The other person's claim falls between our SELECT and our UPDATE, whose count then says 0."""
    cycle = CycleFactory(state="curating")
    rows = {ProposalFactory(cycle=cycle).pk for _ in range(2)}
    looked = review._mixed
    stolen = []

    class Watched:
        def __init__(self, found):
            self.found = found

        def first(self):
            row = self.found.first()
            if not stolen:
                stolen.append(row.pk)
                Proposal.objects.filter(pk=row.pk).update(
                    claimed_by="lee", claimed_until=APRIL + review.LEASE
                )
            return row

    monkeypatch.setattr(review, "_mixed", lambda *args: Watched(looked(*args)))
    turn = services.next_row(cycle=cycle, by="dana", at=APRIL)
    assert {turn.proposal.pk} == rows - set(stolen)
    assert Proposal.objects.get(pk=stolen[0]).claimed_by == "lee"
