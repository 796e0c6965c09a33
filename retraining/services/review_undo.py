"""Take back one's own last opinion, while nothing has been built on it."""

from datetime import datetime

from django.db import transaction

from agency.base.errors import Conflict
from clients.models import PredictionLog
from retraining.models import Cycle, Proposal, ReviewOpinion
from retraining.services.review import LEASE, OPEN_IN, rows_of


@transaction.atomic
def undo_opinion(*, cycle: Cycle, by: str, at: datetime) -> Proposal:
    """Withdraw the last opinion of this person in the queue; the row is theirs again.

    Where it had decided the proposal, the row waits again, or the opinion of a second person
    decides it now. ``Conflict`` where there is none, the cycle went on, or the label was handed in.
    """
    # A curation that ends at this moment waits for us, or we for it.
    cycle = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if cycle.state not in OPEN_IN:
        raise Conflict(f"cycle {cycle.pk} is {cycle.state}: its rows are no longer to be changed")
    said = ReviewOpinion.objects.filter(proposal__in=rows_of(cycle).values("pk"), by=by)
    opinion = said.select_related("proposal").order_by("-pk").first()
    if opinion is None:
        raise Conflict("there is nothing of yours to undo in this queue")
    row = Proposal.objects.select_for_update().get(pk=opinion.proposal_id)
    if row.kind == Proposal.Kind.ASKED and _handed_in(row):
        raise Conflict(f"the label of {row.row_id} was handed in; a later one cannot replace it")
    decided = row.decided_by == by and row.decided_at == opinion.at
    opinion.delete()
    if decided:
        _decide_again(row)
    row.claimed_by, row.claimed_until = by, at + LEASE
    row.save()
    return row


def _decide_again(row: Proposal) -> None:
    other = row.opinions.first()
    if other is None:
        row.state, row.final_label, row.reason = Proposal.State.PROPOSED, "", ""
        row.decided_by, row.decided_at = "", None
        return
    row.state = {
        ReviewOpinion.Action.ACCEPT: Proposal.State.ACCEPTED,
        ReviewOpinion.Action.RELABEL: Proposal.State.RELABELLED,
        ReviewOpinion.Action.REJECT: Proposal.State.REJECTED,
    }[ReviewOpinion.Action(other.action)]
    row.final_label, row.reason = other.label, other.reason
    row.decided_by, row.decided_at = other.by, other.at


def _handed_in(row: Proposal) -> bool:
    labelled = PredictionLog.objects.filter(model=row.model_id, row_id=row.row_id)
    return labelled.exclude(label="").exists()
