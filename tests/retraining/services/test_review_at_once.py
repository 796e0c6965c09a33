"""People who work in one queue at the same moment, on both databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from retraining import services
from retraining.models import Proposal
from retraining.services import review
from tests.factories import APRIL, CycleFactory, ProposalFactory
from tests.retraining.services.review_drive import PEOPLE, ROWS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.servers)])
def said(request, tmp_path):
    env = os.environ | {"WHETSTONE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    if request.param == "servers":
        env |= {"DATABASE_URL": request.getfixturevalue("postgres_url")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.retraining.services.review_drive"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["vendor"] == ("postgresql" if request.param == "servers" else "sqlite")
    return found


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
