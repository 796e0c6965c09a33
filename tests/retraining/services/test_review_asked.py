"""Rows that an undecided comparison asked for: labelled blind in the queue, handed in as feedback."""

import pytest

from agency.base.errors import Conflict
from clients.models import PredictionLog
from retraining import services
from retraining.comparing import labels_come_in
from retraining.models import Comparison, Cycle, Proposal, ReviewOpinion
from retraining.services.review import rows_of
from tests.factories import (
    APRIL,
    CycleFactory,
    DatasetFactory,
    DatasetVersionFactory,
    ModelVersionFactory,
    PredictionLogFactory,
    ProposalFactory,
)

pytestmark = pytest.mark.django_db
ASKED = ["row-0", "row-1", "row-2"]


@pytest.fixture
def cycle():
    cycle = CycleFactory(state="undecided")
    golden = DatasetVersionFactory(dataset=DatasetFactory(model=cycle.model, kind="golden"))
    candidate = ModelVersionFactory(
        model=cycle.model, number=7, training_version=cycle.incumbent.training_version
    )
    Cycle.objects.filter(pk=cycle.pk).update(candidate=candidate)
    Comparison.objects.create(
        cycle=cycle, attempt=1, incumbent=cycle.incumbent, candidate=candidate,
        golden_version=golden, verdict="undecided", created_at=APRIL,
        figures={"label_more": {"n": 4, "rows": ASKED, "questions": {"all": [*ASKED, "gone"]}}},
    )  # fmt: skip
    for row_id in (*ASKED, "never-asked"):
        PredictionLogFactory(
            model=cycle.model, row_id=row_id, prediction="login",
            input={"text": f"{row_id}: write to ada@example.org"},
        )  # fmt: skip
    return Cycle.objects.get(pk=cycle.pk)


def label_all(cycle, *labels):
    for label in labels:
        turn = services.next_row(cycle=cycle, by="dana", at=APRIL)
        assert turn.from_scratch
        services.give_opinion(
            proposal=turn.proposal, by="dana", action="relabel", label=label,
            since=APRIL, at=APRIL,
        )  # fmt: skip


def test_they_come_without_label_or_answer_and_masked(cycle):
    assert services.bring_asked_rows(cycle=cycle) == 3
    assert services.bring_asked_rows(cycle=cycle) == 0
    rows = rows_of(cycle)
    assert sorted(rows.values_list("row_id", flat=True)) == ASKED
    assert set(rows.values_list("kind", "source", "label", "prediction")) == {
        ("asked", "targeted", "", "")
    }
    assert not any("ada@" in row.input["text"] for row in rows)
    assert "Masked: mail." in rows[0].why


def test_a_row_that_has_a_label_by_now_is_not_asked_again(cycle):
    PredictionLog.objects.filter(row_id="row-1").update(label="login", label_source="review")
    assert services.bring_asked_rows(cycle=cycle) == 2


def test_old_proposals_of_the_cycle_are_not_in_the_queue(cycle):
    old = ProposalFactory(cycle=cycle)
    services.bring_asked_rows(cycle=cycle)
    assert old not in rows_of(cycle)
    turn = services.next_row(cycle=cycle, by="dana", at=APRIL)
    assert turn.proposal != old


def test_labels_are_handed_in_as_feedback_that_we_asked_for_and_reach_the_comparison(cycle):
    services.bring_asked_rows(cycle=cycle)
    label_all(cycle, "login", "billing")
    turn = services.next_row(cycle=cycle, by="dana", at=APRIL)
    services.give_opinion(
        proposal=turn.proposal, by="dana", action="reject", reason="spam", since=APRIL, at=APRIL
    )
    assert labels_come_in(cycle) == {}
    assert services.hand_in_labels(cycle=cycle, at=APRIL) == 2
    assert sorted(labels_come_in(cycle).values()) == ["billing", "login"]
    sources = PredictionLog.objects.exclude(label="").values_list("label_source", flat=True)
    assert set(sources) == {"targeted"}
    with pytest.raises(Conflict):
        services.hand_in_labels(cycle=cycle, at=APRIL)


def test_what_was_handed_in_cannot_be_undone_and_what_was_not_can(cycle):
    services.bring_asked_rows(cycle=cycle)
    label_all(cycle, "login")
    services.undo_opinion(cycle=cycle, by="dana", at=APRIL)
    label_all(cycle, "billing")
    services.hand_in_labels(cycle=cycle, at=APRIL)
    with pytest.raises(Conflict, match="handed in"):
        services.undo_opinion(cycle=cycle, by="dana", at=APRIL)
    assert ReviewOpinion.objects.get().label == "billing"


def test_no_asked_row_can_become_an_example(cycle):
    services.bring_asked_rows(cycle=cycle)
    label_all(cycle, "login")
    taken = cycle.proposals.filter(kind__in=(Proposal.Kind.TRAINING, Proposal.Kind.GOLDEN))
    assert not taken.exists()
    assert services.accept_proposals(proposals=rows_of(cycle), by="dana", at=APRIL) == 0


def test_a_cycle_that_is_decided_asks_for_nothing(cycle):
    Cycle.objects.update(state="pending_approval")
    cycle.refresh_from_db()
    assert services.bring_asked_rows(cycle=cycle) == 0
    with pytest.raises(Conflict):
        services.hand_in_labels(cycle=cycle, at=APRIL)
