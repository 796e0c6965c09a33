"""The queue: people accept, relabel or reject proposed rows, and bring examples of their own."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from agency.base.errors import BadInput, Conflict
from agency.base.jobs import advance
from clients.canonical import canonical_json
from clients.labelled import LabelledRow
from clients.models import DatasetRow, MaintainedModel
from clients.redaction import redact_input, told
from retraining.models import Cycle, Proposal, State
from retraining.queries import find_cycle


def bring_examples(
    *, model: MaintainedModel, rows: Sequence[LabelledRow], source: str, by: str
) -> int:
    """Examples from new procedures and documents become proposals, for the next cycle to take up.

    They pass the same checks as rows from the logs. Their ids begin with ``staff:``, so that they
    are never taken for a row of the logs. What reaches a person is masked. All or nothing:
    ``BadInput`` for an example that waits or trains already.
    """
    if not source.strip():
        raise BadInput("say where the examples come from")
    ids = [_staff_id(row) for row in rows]
    masked = [redact_input(row.input) for row in rows]
    known = DatasetRow.objects.filter(dataset__model=model, row_id__in=ids).first()
    if known is not None:
        raise BadInput(f"the example {known.row_id!r} is in the {known.dataset.kind} set already")
    try:
        with transaction.atomic():
            Proposal.objects.bulk_create(
                Proposal(
                    model=model,
                    row_id=row_id,
                    source="staff",
                    input=given,
                    label=row.label,
                    why=f"{source} (brought by {by}). {told(found)}".strip(),
                )
                for row_id, row, (given, found) in zip(ids, rows, masked, strict=True)
            )
    except IntegrityError as error:
        raise BadInput("an example with one of these ids waits already") from error
    return len(rows)


def _staff_id(row: LabelledRow) -> str:
    """The file's id; a digest of the content where the file had none and its ids are mere numbers."""
    if not row.generated:
        return f"staff:{row.row_id}"[:200]
    digest = hashlib.sha256(canonical_json([dict(row.input), row.label])).hexdigest()
    return f"staff:{digest[:16]}"


def accept_proposals(*, proposals: QuerySet[Proposal], by: str, at: datetime) -> int:
    """Take proposed rows as they are labelled; how many there were. Decided rows stay as they are."""
    return _open(proposals).update(
        state=Proposal.State.ACCEPTED, final_label=F("label"), decided_by=by, decided_at=at
    )


def relabel_proposal(*, proposal: Proposal, label: str, by: str, at: datetime) -> Proposal:
    """Take the row under another label. ``Conflict`` where it has been decided."""
    label = label.strip()
    if not label:
        raise BadInput("relabelling needs a label")
    changed = _open(Proposal.objects.filter(pk=proposal.pk)).update(
        state=Proposal.State.RELABELLED, final_label=label, decided_by=by, decided_at=at
    )
    if changed != 1:
        raise Conflict(f"{proposal.row_id} has been decided already")
    proposal.refresh_from_db()
    return proposal


def reject_proposals(*, proposals: QuerySet[Proposal], by: str, reason: str, at: datetime) -> int:
    """Keep proposed rows out, with the reason."""
    if not reason.strip():
        raise BadInput("a rejection needs a reason")
    return _open(proposals).update(
        state=Proposal.State.REJECTED, reason=reason.strip()[:200], decided_by=by, decided_at=at
    )


@transaction.atomic
def finish_curation(*, cycle: Cycle, by: str, at: datetime) -> Cycle:
    """All rows are decided: go on to the retrain, or ask for labels where none was accepted.

    Only the state changes here, for training takes a while: a worker goes on from the row.
    """
    # A person who takes an opinion back at this moment waits for us, or we for them.
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    cycle = find_cycle(cycle.pk)
    if cycle.state != State.CURATING:
        raise Conflict(f"cycle {cycle.pk} is {cycle.state}: there is nothing to curate")
    waiting = cycle.proposals.filter(state=Proposal.State.PROPOSED).count()
    if waiting:
        raise Conflict(f"{waiting} proposals of cycle {cycle.pk} are still open")
    taken = cycle.proposals.filter(
        kind=Proposal.Kind.TRAINING,
        state__in=[Proposal.State.ACCEPTED, Proposal.State.RELABELLED],
    ).count()
    collected = {**(cycle.collected or {}), "accepted": taken}
    to = State.RETRAINING if taken else State.NEEDS_LABELS
    advance(
        cycle, to=to, by=by, at=at, reason=f"{taken} rows accepted", fields={"collected": collected}
    )
    return find_cycle(cycle.pk)


def _open(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    # The cycle by a subquery: a join would move the state into a condition that PostgreSQL does not
    # check again after it has waited for somebody who decided the same row.
    return Proposal.objects.filter(
        pk__in=proposals.values("pk"),
        state=Proposal.State.PROPOSED,
        cycle__in=Cycle.objects.filter(state=State.CURATING).values("pk"),
    )
