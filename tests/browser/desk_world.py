"""A client whose month has come in, taken by the real services to where a person is asked."""

import numpy as np

from agency.base import clock
from retraining import services
from retraining.models import Proposal
from tests.retraining import world

REVIEWED = {"n": 60, "born": 12, "review": 0.2}
"""A month of rows, of which 20 come to be proposed; 12 are of the category ``locker``, a new one."""
MEANT = {word: label for label, words in (world.WORDS | world.BORN).items() for word in words}


def month_to_label():
    """The cycle of a month whose 20 labelled rows wait for a person in the queue."""
    model = world.onboard(tier="premium").model
    world.load(model, world.month(np.random.default_rng(7), **REVIEWED))
    cycle = world.cycle(model)
    assert cycle.state == "curating", cycle.state
    assert cycle.proposals.count() == 20
    return cycle


def month_to_approve():
    """The same month, its rows accepted, its candidate trained and compared: it waits for approval."""
    cycle = month_to_label()
    rows = Proposal.objects.filter(cycle=cycle, state="proposed")
    services.accept_proposals(proposals=rows, by="kim", at=clock.now())
    services.finish_curation(cycle=cycle, by="kim", at=clock.now())
    cycle = services.resume_cycle(cycle_id=cycle.pk)
    assert cycle.state == "pending_approval", cycle.state
    return cycle


def label_of(text):
    """The category that a person would see in these words."""
    said = [MEANT[word] for word in text.split() if word in MEANT]
    assert len(set(said)) == 1, text
    return said[0]
