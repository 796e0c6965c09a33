"""The review queue: one row at a time to each person, a claim that keeps them apart, undo.

A row is claimed by one UPDATE that demands it be free; the count of rows it changed decides who has
it. Every tenth row is shared: a second person labels it too, without seeing the first opinion. The
first opinion decides the proposal, the second measures how far people agree.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Avg, Case, Count, F, IntegerField, Max, Q, QuerySet, Subquery, When

from agency.base.errors import BadInput, Conflict
from clients.models import MaintainedModel
from clients.schema import LONGEST_LABEL
from retraining.models import Cycle, Proposal, ReviewOpinion, State
from retraining.services.review_time import record_minutes

Action = ReviewOpinion.Action

LEASE = timedelta(minutes=5)
"""A row left on a screen this long is somebody else's again; activity renews it."""
SHARE_EVERY = 10
"""Every tenth row is labelled twice ..."""
SHARE_LEAST = 5
"""... and at least five a queue (all of a shorter one): fewer say nothing about agreement."""
OPEN_IN = (State.CURATING, State.UNDECIDED)
TRIES = 50  # rows that others were faster at before we say that there is none


@dataclass(frozen=True)
class Turn:
    """A row that is ours now, and since when."""

    proposal: Proposal
    since: datetime

    @property
    def from_scratch(self) -> bool:
        """Is the label that the row came with hidden too? Where agreement is measured, two people
        must not agree merely because both were shown one label; and an asked row has none."""
        return self.proposal.shared or self.proposal.kind == Proposal.Kind.ASKED


@dataclass(frozen=True)
class Progress:
    """Rows of the queue that are decided and that wait, how fast this person is, who else is here."""

    done: int
    waiting: int
    seconds: float | None
    others: int

    @property
    def total(self) -> int:
        return self.done + self.waiting

    @property
    def minutes_left(self) -> float | None:
        """For this person alone, at the pace so far; None before the first row."""
        return None if self.seconds is None else self.seconds * self.waiting / 60


def rows_of(cycle: Cycle) -> QuerySet[Proposal]:
    """What people label in the cycle's present state: proposals, or rows that a comparison asked for."""
    asked = Q(kind=Proposal.Kind.ASKED)
    return cycle.proposals.filter(asked if cycle.state == State.UNDECIDED else ~asked)


def shared_places(n: int) -> set[int]:
    """Which of n rows a second person labels too.

    >>> sorted(shared_places(3)), sorted(shared_places(20)), len(shared_places(200))
    ([0, 1, 2], [0, 4, 8, 12, 16], 20)
    """
    many = max(-(-n // SHARE_EVERY), min(SHARE_LEAST, n))
    return {i * n // many for i in range(many)} if n else set()


def share(*, cycle: Cycle) -> int:
    """Mark the rows that two people label, once for a queue; how many they are."""
    rows = rows_of(cycle)
    if rows.filter(shared=True).exists():
        return 0
    keys = list(_mixed(rows.filter(state=Proposal.State.PROPOSED)).values_list("pk", flat=True))
    chosen = [keys[i] for i in sorted(shared_places(len(keys)))]
    return Proposal.objects.filter(pk__in=chosen).update(shared=True)


def next_row(*, cycle: Cycle, by: str, at: datetime, skipped: Collection[int] = ()) -> Turn | None:
    """Claim a row for this person: the one they have already, or a free one; None: there is none.

    Rows to label a second time come first, or a queue would end before they are reached. The order
    of the rest tells nothing: neither their doubt nor how they were chosen.
    """
    rows = rows_of(cycle).filter(_turn(cycle, by), _free(by, at)).exclude(pk__in=skipped)
    mine = Case(
        When(claimed_by=by, claimed_until__gt=at, then=0), default=1, output_field=IntegerField()
    )
    again = Case(
        When(state=Proposal.State.PROPOSED, then=1), default=0, output_field=IntegerField()
    )
    for _ in range(TRIES):
        row = _mixed(rows, mine, again).first()
        if row is None:
            return None
        if row.claimed_by == by and row.claimed_until is not None and row.claimed_until > at:
            return Turn(row, row.claimed_until - LEASE)
        # As we saw it: who decided it in between left another time there, who took it their name.
        free = Proposal.objects.filter(
            pk=row.pk,
            state=row.state,
            claimed_by=row.claimed_by,
            claimed_until=row.claimed_until,
        )
        if free.update(claimed_by=by, claimed_until=at + LEASE) == 1:
            return Turn(row, at)
    raise Conflict("too many people are claiming rows of this queue at once; try again")


def renew_claim(*, proposal_id: int, by: str, at: datetime) -> bool:
    """Whoever is still at work keeps the row; False where somebody else has it by now."""
    held = Proposal.objects.filter(pk=proposal_id, claimed_by=by)
    return held.update(claimed_until=at + LEASE) == 1


def release(*, proposal_id: int, by: str) -> None:
    """Give the row back undecided, for somebody else or for later."""
    held = Proposal.objects.filter(pk=proposal_id, claimed_by=by)
    held.update(claimed_by="", claimed_until=None)


def give_opinion(
    *,
    proposal: Proposal,
    by: str,
    action: str,
    label: str = "",
    reason: str = "",
    since: datetime,
    at: datetime,
) -> ReviewOpinion:
    """What this person says of the row: it decides the proposal, or stands beside the first opinion.

    To relabel with the label that the row came with is to accept it. Seconds run from ``since``, at
    most a lease. ``BadInput`` for an empty label or reason; ``Conflict`` where somebody else decided
    or holds the row, the person has given an opinion of it, or the cycle went on.
    """
    action, label, reason = _checked(proposal, action, label.strip(), reason.strip())
    seconds = min(max((at - since).total_seconds(), 0.0), LEASE.total_seconds())
    state = {
        Action.ACCEPT: Proposal.State.ACCEPTED,
        Action.RELABEL: Proposal.State.RELABELLED,
        Action.REJECT: Proposal.State.REJECTED,
    }[Action(action)]
    here = Proposal.objects.filter(_free(by, at), pk=proposal.pk, cycle__in=_open_cycles())
    with transaction.atomic():
        decided = here.filter(state=Proposal.State.PROPOSED).update(
            state=state, final_label=label, reason=reason, decided_by=by, decided_at=at,
            claimed_by="", claimed_until=at,
        )  # fmt: skip
        if not decided:
            again = here.filter(_second(proposal.cycle_id, by))
            if again.update(claimed_by="", claimed_until=at) != 1:
                raise Conflict(f"{proposal.row_id} has been decided, or is on another screen")
        try:
            with transaction.atomic():
                opinion = ReviewOpinion.objects.create(
                    proposal=proposal, by=by, action=action, label=label, reason=reason,
                    seconds=seconds, at=at,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict(f"you have labelled {proposal.row_id} already") from error
        record_minutes(model_id=proposal.model_id, by=by, at=at)
    return opinion


def _checked(proposal: Proposal, action: str, label: str, reason: str) -> tuple[str, str, str]:
    if action == Action.REJECT:
        if not reason:
            raise BadInput("a rejection needs a reason")
        return action, "", reason[:200]
    if action == Action.ACCEPT:
        label = proposal.label
    elif action != Action.RELABEL:
        raise BadInput(f"unknown action {action!r}: {', '.join(Action.values)}")
    if not label or len(label) > LONGEST_LABEL:
        raise BadInput(f"a label has 1 to {LONGEST_LABEL} characters")
    return (Action.ACCEPT if label == proposal.label else Action.RELABEL), label, ""


def progress(*, cycle: Cycle, by: str, at: datetime) -> Progress:
    """How far the queue is, how fast this person is in it, and how many others hold a row."""
    opinions = ReviewOpinion.objects.filter(proposal__in=rows_of(cycle).values("pk"))
    pace = opinions.filter(by=by).order_by().values("by").annotate(mean=Avg("seconds"))
    elsewhere = Q(claimed_until__gt=at) & ~Q(claimed_by__in=("", by))
    found = rows_of(cycle).aggregate(
        waiting=Count("pk", filter=Q(state=Proposal.State.PROPOSED)),
        done=Count(
            "pk",
            filter=~Q(state=Proposal.State.PROPOSED) & Q(pk__in=opinions.values("proposal")),
        ),
        seconds=Max(Subquery(pace.values("mean"))),
        others=Count("claimed_by", distinct=True, filter=elsewhere),
    )
    return Progress(**found)


def known_categories(model: MaintainedModel) -> list[str]:
    """What a row can be: the categories of the model and its versions, and those that rows name."""
    known = set(model.schema.get("categories", ()))
    for categories in model.versions.values_list("categories", flat=True):
        known |= set(categories)
    rows = model.proposals.order_by()
    known |= set(rows.values_list("label", flat=True).distinct())
    known |= set(rows.values_list("final_label", flat=True).distinct())
    return sorted(known - {""})


def _turn(cycle: Cycle, by: str) -> Q:
    """Rows that nobody decided, and shared ones that this person may label a second time."""
    return Q(state=Proposal.State.PROPOSED) | _second(cycle.pk, by)


def _second(cycle_id: int | None, by: str) -> Q:
    """Shared rows with one opinion, which is not this person's."""
    said = ReviewOpinion.objects.filter(proposal__cycle=cycle_id, proposal__shared=True)
    once = said.order_by().values("proposal").annotate(n=Count("pk"), own=Count("pk", Q(by=by)))
    decided = ~Q(state=Proposal.State.PROPOSED) & ~Q(decided_by=by) & Q(shared=True)
    return decided & Q(pk__in=once.filter(n=1, own=0).values("proposal"))


def _free(by: str, at: datetime) -> Q:
    return Q(claimed_by__in=("", by)) | Q(claimed_until__lte=at)


def _open_cycles() -> QuerySet[Cycle, Any]:
    # A subquery: a join would move every condition into one that PostgreSQL does not check again
    # after it has waited for another's lock.
    return Cycle.objects.filter(state__in=OPEN_IN).values("pk")


def _mixed(rows: QuerySet[Proposal], *first: Case) -> QuerySet[Proposal]:
    """In an order that is the same for everyone and follows no property of the rows."""
    return rows.order_by(*first, F("pk") * 7919 % 10007, "pk")
