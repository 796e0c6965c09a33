"""The third answer to a candidate that waits for approval: label more rows first."""

from datetime import datetime

from django.db import transaction

from agency.base.errors import Conflict
from retraining import comparing
from retraining.apart import ALL, TARGET, Apart
from retraining.gain import Counts, to_prove_gain
from retraining.guard import joined
from retraining.models import Comparison, Cycle, Proposal
from retraining.policy import Policy
from retraining.queries import find_cycle
from retraining.registered import Registered
from retraining.services.review_asked import asked_rows
from retraining.stages import approve as approval
from retraining.stats.paired import PairedDifference

WHY = "A person asked for its label before deciding: candidate and incumbent may differ here."


def ask_for_labels(*, cycle: Cycle, by: str, reason: str, at: datetime) -> Cycle:
    """A named person is not convinced: the candidate is undecided until more rows are labelled.

    The rows are of the trailing month, without a label, and the two models differ on each; they are
    drawn at random among those, and stand in the queue without either answer. `look_again` then
    compares the same candidate at the level that was registered for its next look. ``Conflict``
    where nothing waits for approval, no look is left, or no such row is.
    """
    cycle = find_cycle(cycle.pk)
    last = approval.may_ask_for_labels(cycle)
    registered = comparing.register(cycle, at=at)
    n = _enough(cycle, last, registered)
    named = comparing.label_more(
        cycle, comparing.production(cycle), n=n, asks={ALL: n}, target=set(registered.target)
    )
    queued = set(cycle.proposals.values_list("row_id", flat=True))
    rows = asked_rows(cycle=cycle, row_ids=set(named["rows"]) - queued, why=WHY)
    if not rows:
        raise Conflict(
            f"no row without a label is left on which {last.candidate} and {last.incumbent} differ: "
            "approve or refuse"
        )
    with transaction.atomic():
        approval.ask_for_labels(cycle, rows=len(rows), by=by, reason=reason, at=at)
        Proposal.objects.bulk_create(rows)
    return find_cycle(cycle.pk)


def _enough(cycle: Cycle, last: Comparison, registered: Registered) -> int:
    """About how many rows would prove the gain once more, at the level of the next look."""
    figures = last.figures
    target = registered.target if figures["groups"].get("target") else None
    apart = (figures.get("production") or {}).get("apart") or {}
    about = apart.get(ALL if target is None else TARGET)
    answered = figures.get("asked") or {}
    asked = joined(comparing.as_fresh(answered[q]) for q in (ALL, TARGET) if answered.get(q))
    more = Counts()
    if asked is not None:
        more = Counts(asked=asked.changes(target), drawn=asked.differing(target))
    return to_prove_gain(
        PairedDifference(**(figures["groups"].get("target") or figures["overall"])),
        more,
        registered.policy(Policy.from_snapshot(cycle.policy)),
        last.attempt,
        Apart(*about) if about else None,
    )
