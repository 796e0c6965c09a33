"""The review queue's rules: who has a row, what decides it, who sees it again, how it is undone."""

from datetime import timedelta

import pytest

from agency.base.errors import BadInput, Conflict
from clients.models import StaffTime
from retraining import services
from retraining.models import Cycle, Proposal, ReviewOpinion
from retraining.services.review import LEASE, rows_of
from tests.factories import APRIL, CycleFactory, ProposalFactory

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def cycle():
    return CycleFactory(state="curating")


def rows(cycle, n, **fields):
    return [ProposalFactory(cycle=cycle, **fields) for _ in range(n)]


def say(turn, by, *, action="accept", label="", reason="", at=APRIL, seconds=8):
    return services.give_opinion(
        proposal=turn.proposal, by=by, action=action, label=label, reason=reason,
        since=at - timedelta(seconds=seconds), at=at,
    )  # fmt: skip


def turn_of(cycle, by, at=APRIL, skipped=()):
    return services.next_row(cycle=cycle, by=by, at=at, skipped=skipped)


def walk(cycle, by, **said):
    """This person labels whatever they are given until nothing is left; the rows in their order."""
    seen = []
    while turn := turn_of(cycle, by):
        say(turn, by, **said)
        seen.append(turn.proposal.pk)
    return seen


def test_two_people_never_have_the_same_row(cycle):
    rows(cycle, 3)
    mine, yours, third = (turn_of(cycle, by) for by in ("dana", "lee", "kim"))
    assert len({mine.proposal.pk, yours.proposal.pk, third.proposal.pk}) == 3
    assert turn_of(cycle, "max") is None


def test_a_person_who_comes_back_finds_the_row_they_had_and_since_when(cycle):
    rows(cycle, 3)
    first = turn_of(cycle, "dana")
    again = turn_of(cycle, "dana", at=APRIL + 30 * SECOND)
    assert again == first and again.since == APRIL


def test_a_row_that_was_left_on_a_screen_is_free_after_five_minutes(cycle):
    rows(cycle, 1)
    turn_of(cycle, "dana")
    assert turn_of(cycle, "lee", at=APRIL + LEASE - SECOND) is None
    assert turn_of(cycle, "lee", at=APRIL + LEASE) is not None
    assert Proposal.objects.get().claimed_by == "lee"


def test_activity_keeps_the_row_and_only_for_who_has_it(cycle):
    (row,) = rows(cycle, 1)
    turn_of(cycle, "dana")
    assert services.renew_claim(proposal_id=row.pk, by="dana", at=APRIL + 200 * SECOND)
    assert not services.renew_claim(proposal_id=row.pk, by="lee", at=APRIL + 200 * SECOND)
    assert turn_of(cycle, "lee", at=APRIL + LEASE + SECOND) is None


def test_who_lost_a_row_cannot_decide_it(cycle):
    rows(cycle, 1)
    lost = turn_of(cycle, "dana")
    late = APRIL + LEASE + SECOND
    turn_of(cycle, "lee", at=late)
    with pytest.raises(Conflict, match="another screen"):
        say(lost, "dana", at=late)
    assert not ReviewOpinion.objects.exists()


def test_who_is_late_may_still_decide_a_row_that_nobody_took(cycle):
    rows(cycle, 1)
    turn = turn_of(cycle, "dana")
    say(turn, "dana", at=APRIL + timedelta(hours=2), seconds=7200)
    opinion = ReviewOpinion.objects.get()
    assert opinion.seconds == LEASE.total_seconds()
    assert Proposal.objects.get().state == "accepted"


def test_a_skipped_row_goes_to_others_and_comes_back_when_asked_for(cycle):
    (row,) = rows(cycle, 1)
    turn_of(cycle, "dana")
    services.release(proposal_id=row.pk, by="dana")
    assert turn_of(cycle, "dana", skipped=[row.pk]) is None
    assert turn_of(cycle, "lee").proposal == row
    services.release(proposal_id=row.pk, by="dana")
    assert Proposal.objects.get().claimed_by == "lee"


@pytest.mark.parametrize(
    ("said", "state", "label"),
    [
        ({"action": "accept"}, "accepted", "delivery"),
        ({"action": "relabel", "label": " login "}, "relabelled", "login"),
        ({"action": "relabel", "label": "delivery"}, "accepted", "delivery"),
        ({"action": "reject", "reason": "spam"}, "rejected", ""),
    ],
)
def test_the_first_opinion_decides_and_says_who_and_why(cycle, said, state, label):
    rows(cycle, 1)
    say(turn_of(cycle, "dana"), "dana", **said)
    row, opinion = Proposal.objects.get(), ReviewOpinion.objects.get()
    assert (row.state, row.final_label, row.decided_by, row.decided_at) == (
        state, label, "dana", APRIL,
    )  # fmt: skip
    assert row.claimed_by == ""
    assert (opinion.label, opinion.seconds) == (label, 8)
    assert row.reason == opinion.reason == said.get("reason", "")


@pytest.mark.parametrize(
    "said",
    [
        {"action": "reject"},
        {"action": "relabel"},
        {"action": "relabel", "label": "x" * 201},
        {"action": "guess"},
    ],
)
def test_half_an_opinion_is_refused(cycle, said):
    rows(cycle, 1)
    with pytest.raises(BadInput):
        say(turn_of(cycle, "dana"), "dana", **said)
    assert Proposal.objects.get().state == "proposed"


def test_nothing_is_decided_once_the_cycle_went_on(cycle):
    rows(cycle, 1)
    turn = turn_of(cycle, "dana")
    Cycle.objects.update(state="retraining")
    with pytest.raises(Conflict):
        say(turn, "dana")


@pytest.mark.parametrize(("n", "shared"), [(0, 0), (3, 3), (20, 5), (80, 8)])
def test_every_tenth_row_is_shared_and_five_at_least(cycle, n, shared):
    rows(cycle, n)
    assert services.share(cycle=cycle) == shared
    assert services.share(cycle=cycle) == 0
    assert cycle.proposals.filter(shared=True).count() == shared


def test_a_shared_row_goes_to_one_second_person_and_the_first_opinion_stands(cycle):
    rows(cycle, 20)
    services.share(cycle=cycle)
    assert len(walk(cycle, "dana")) == 20
    again = walk(cycle, "lee", action="relabel", label="login")
    assert sorted(again) == sorted(cycle.proposals.filter(shared=True).values_list("pk", flat=True))
    assert walk(cycle, "kim") == [] and walk(cycle, "dana") == []
    assert set(cycle.proposals.values_list("decided_by", "final_label")) == {("dana", "delivery")}
    assert ReviewOpinion.objects.filter(by="lee", label="login").count() == 5


def test_agreement_is_measured_on_rows_with_two_opinions(cycle):
    rows(cycle, 20)
    services.share(cycle=cycle)
    assert services.measure_agreement(cycle=cycle) is None
    walk(cycle, "dana")
    for wanted in ("delivery", "delivery", "delivery", "login", "delivery"):
        say(turn_of(cycle, "lee"), "lee", action="relabel", label=wanted)
    found = services.measure_agreement(cycle=cycle)
    assert (found.raw.estimate, found.raw.n) == (0.8, 5)
    assert found.kappa.estimate == 0
    assert services.measure_agreement(model=cycle.model) == found
    assert services.measure_agreement(model=CycleFactory().model) is None


def test_two_rejections_agree_and_a_rejection_differs_from_a_label(cycle):
    rows(cycle, 2)
    services.share(cycle=cycle)
    walk(cycle, "dana", action="reject", reason="spam")
    say(turn_of(cycle, "lee"), "lee", action="reject", reason="noise")
    say(turn_of(cycle, "lee"), "lee", action="relabel", label="login")
    found = services.measure_agreement(cycle=cycle)
    assert (found.raw.estimate, found.raw.n) == (0.5, 2)


def test_undo_brings_the_row_back_to_who_decided_it(cycle):
    rows(cycle, 2)
    turn = turn_of(cycle, "dana")
    say(turn, "dana", action="reject", reason="spam")
    row = services.undo_opinion(cycle=cycle, by="dana", at=APRIL)
    assert row == turn.proposal and not ReviewOpinion.objects.exists()
    stored = Proposal.objects.get(pk=row.pk)
    assert (stored.state, stored.decided_by, stored.decided_at, stored.reason) == (
        "proposed", "", None, "",
    )  # fmt: skip
    assert turn_of(cycle, "dana").proposal == row


def test_nobody_undoes_what_another_said_or_what_was_built_on(cycle):
    rows(cycle, 1)
    say(turn_of(cycle, "dana"), "dana")
    with pytest.raises(Conflict, match="nothing of yours"):
        services.undo_opinion(cycle=cycle, by="lee", at=APRIL)
    services.finish_curation(cycle=cycle, by="dana", at=APRIL)
    with pytest.raises(Conflict, match="no longer"):
        services.undo_opinion(cycle=cycle, by="dana", at=APRIL)
    assert Proposal.objects.get().state == "accepted"


def test_where_the_deciding_opinion_goes_the_other_decides(cycle):
    rows(cycle, 1)
    services.share(cycle=cycle)
    say(turn_of(cycle, "dana"), "dana", action="relabel", label="delivery")
    say(turn_of(cycle, "lee"), "lee", action="relabel", label="login", at=APRIL + SECOND)
    services.undo_opinion(cycle=cycle, by="dana", at=APRIL + SECOND)
    row = Proposal.objects.get()
    assert (row.state, row.final_label, row.decided_by) == ("relabelled", "login", "lee")
    say(turn_of(cycle, "dana"), "dana", action="relabel", label="delivery")
    assert Proposal.objects.get().decided_by == "lee"
    assert ReviewOpinion.objects.count() == 2


def test_a_second_opinion_taken_back_leaves_the_first(cycle):
    rows(cycle, 1)
    services.share(cycle=cycle)
    walk(cycle, "dana")
    walk(cycle, "lee", action="relabel", label="login", at=APRIL + SECOND)
    services.undo_opinion(cycle=cycle, by="lee", at=APRIL + SECOND)
    assert Proposal.objects.get().decided_by == "dana"
    assert turn_of(cycle, "lee") is not None


def test_the_minutes_of_a_day_are_one_line_that_holds_the_sum_of_its_seconds(cycle):
    rows(cycle, 40)
    walk(cycle, "dana", seconds=3)
    for _ in range(2):
        say_again = ProposalFactory(cycle=cycle)
        turn = turn_of(cycle, "dana", at=APRIL + timedelta(days=1))
        assert turn.proposal == say_again
        say(turn, "dana", at=APRIL + timedelta(days=1), seconds=3)
    lines = StaffTime.objects.order_by("at").values_list("by", "kind", "minutes", "model")
    assert [(by, kind, float(m)) for by, kind, m, _ in lines] == [
        ("dana", "review", 2.0), ("dana", "review", 0.1),
    ]  # fmt: skip
    assert {model for *_, model in lines} == {cycle.model_id}


def test_progress_counts_what_people_decided_and_not_what_checks_set_aside(cycle):
    rows(cycle, 4)
    rows(cycle, 3, state="rejected", reason="copy", decided_by="label checks", decided_at=APRIL)
    turn = turn_of(cycle, "dana")
    say(turn, "dana", seconds=12)
    turn_of(cycle, "lee")
    found = services.progress(cycle=cycle, by="dana", at=APRIL)
    assert (found.done, found.waiting, found.total, found.seconds) == (1, 3, 4, 12)
    assert found.minutes_left == pytest.approx(0.6)
    assert found.others == 1
    assert services.progress(cycle=cycle, by="kim", at=APRIL).minutes_left is None
    assert rows_of(cycle).count() == 7
