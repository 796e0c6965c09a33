"""A person who is not convinced by the gate has more rows labelled, and the next look decides."""

from dataclasses import replace

import pytest

from agency.base.errors import BadInput, Conflict
from clients.feedback import LateLabel, attach_labels
from clients.models import Alert
from retraining import comparing, services
from retraining.gain import FEWEST_ASKED
from retraining.models import Comparison, Cycle, Proposal, Rollout
from retraining.services.review import rows_of
from retraining.stages import compare
from tests.retraining import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(retrained, model, rng):
    """A candidate that the gate promotes, and rows of the new category that nobody labelled."""
    rows = [
        world.row(900 + i, world.APRIL, world.text_of("locker", rng), id=f"more-{i}")
        for i in range(20)
    ]
    world.load(model, rows)
    cycle = world.step(compare, retrained)
    assert cycle.state == "pending_approval"
    return cycle


def ask(cycle, by="lee", reason="Five rows are few."):
    return services.ask_for_labels(cycle=cycle, by=by, reason=reason, at=world.MAY)


def test_rows_on_which_the_two_differ_go_to_the_queue_blind(pending, model):
    before = Comparison.objects.values().get()
    cycle = ask(pending)
    assert cycle.state == "undecided"
    step = cycle.transitions.last()
    assert (step.from_state, step.to_state, step.by, step.reason) == (
        "pending_approval", "undecided", "lee", "Five rows are few.",
    )  # fmt: skip
    asked = rows_of(cycle)
    assert asked.count() >= FEWEST_ASKED
    assert set(asked.values_list("kind", "label", "prediction", "doubt", "state")) == {
        ("asked", "", "", None, "proposed")
    }
    ids = set(asked.values_list("row_id", flat=True))
    assert set(model.logs.filter(row_id__in=ids).values_list("label", flat=True)) == {""}
    seen = comparing.production(cycle)
    assert ids <= set(seen.ids[seen.before != seen.after])
    whys = {row.why for row in asked}
    assert not any(name in why for why in whys for name in ("locker", "billing", "login"))
    assert Comparison.objects.values().get() == before  # a result is never edited
    assert services.bring_asked_rows(cycle=cycle) == 0
    assert comparing.asked_of(cycle).keys() == {"all"}
    assert Alert.objects.get(closed_at=None).key == f"gate:{cycle.pk}:undecided"


@pytest.mark.parametrize("right", ["candidate", "incumbent"])
def test_the_second_look_reads_their_labels(pending, model, right):
    cycle = ask(pending)
    with pytest.raises(Conflict, match="has a new label"):
        services.look_again(cycle=cycle, by="lee", at=world.MAY)
    ids = list(rows_of(cycle).values_list("row_id", flat=True))
    old = dict(model.logs.filter(row_id__in=ids).values_list("row_id", "prediction"))
    new = dict.fromkeys(ids, "locker")
    labels = [LateLabel(i, (new if right == "candidate" else old)[i], "targeted") for i in ids]
    attach_labels(model=model, labels=labels, at=world.MAY)
    cycle = services.look_again(cycle=cycle, by="lee", at=world.MAY)
    first, second = cycle.comparisons.order_by("attempt")
    assert sorted(row[0] for row in second.figures["asked"]["all"]) == sorted(ids)
    assert first.figures["asked"] == {} and second.candidate == first.candidate
    assert (second.attempt, cycle.state) == (2, "pending_approval")
    # Protected rows that were asked for stand in the sentence that the person reads next.
    told = f"0 fixed, {len(ids)} broken of the rows labelled since"
    assert any(told in why for why in second.figures["reasons"]) == (right == "incumbent")
    told = f"{len(ids)} fixed, 0 broken of the rows labelled since"
    assert any(told in why for why in second.figures["reasons"]) == (right == "candidate")


def test_a_second_look_may_find_against_the_candidate(pending, model, monkeypatch):
    cycle = ask(pending)
    ids = rows_of(cycle).values_list("row_id", flat=True)
    attach_labels(
        model=model, labels=[LateLabel(i, "locker", "targeted") for i in ids], at=world.MAY
    )
    real, looks = compare.judge, []

    def judge(**shown):
        looks.append(shown["attempt"])
        return replace(real(**shown), verdict="reject", reasons=("No gain.",))

    monkeypatch.setattr(compare, "judge", judge)
    assert services.look_again(cycle=cycle, by="lee", at=world.MAY).state == "rejected"
    assert looks == [2]


def test_nobody_approves_by_an_earlier_word_what_a_person_has_doubted(pending, model):
    Cycle.objects.filter(pk=pending.pk).update(approve_as="lee")
    assert ask(pending).approve_as == ""


def test_labels_are_given_in_the_queue_like_those_that_the_gate_asks_for(pending):
    cycle = ask(pending)
    turn = services.next_row(cycle=cycle, by="dana", at=world.MAY)
    assert turn.from_scratch
    services.give_opinion(
        proposal=turn.proposal, by="dana", action="relabel", label="login",
        since=world.MAY, at=world.MAY,
    )  # fmt: skip
    assert services.hand_in_labels(cycle=cycle, at=world.MAY) == 1
    assert comparing.labels_come_in(cycle) == {turn.proposal.row_id: "login"}


def unchanged(cycle):
    """Nothing was asked: the cycle still waits for approval."""
    asked = Proposal.objects.filter(kind=Proposal.Kind.ASKED)
    return Cycle.objects.get(pk=cycle.pk).state == "pending_approval" and not asked.exists()


def test_what_cannot_be_asked_leaves_the_cycle_as_it_is(pending, model):
    with pytest.raises(BadInput, match="needs a reason"):
        ask(pending, reason=" ")
    with pytest.raises(BadInput, match="needs the name"):
        ask(pending, by="")
    Comparison.objects.update(attempt=3)
    with pytest.raises(Conflict, match="all 3 looks that were registered"):
        ask(pending)
    Comparison.objects.update(attempt=1, verdict="reject")
    with pytest.raises(Conflict, match="the gate rejected"):
        ask(pending)
    Comparison.objects.update(verdict="promote")
    model.logs.filter(label="").update(label="login", label_source="review")
    with pytest.raises(Conflict, match="no row without a label is left"):
        ask(pending)
    Rollout.objects.update(version=pending.candidate)
    with pytest.raises(Conflict, match="is live by now"):
        ask(pending)
    assert unchanged(pending)


@pytest.mark.parametrize("state", ["undecided", "refused", "live", "rejected"])
def test_only_a_candidate_that_waits_for_approval_is_doubted(pending, state):
    Cycle.objects.filter(pk=pending.pk).update(state=state)
    with pytest.raises(Conflict, match=f"is {state}: there is no verdict to doubt"):
        ask(pending)
