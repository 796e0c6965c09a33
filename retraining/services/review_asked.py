"""Rows that an undecided comparison asked to label, in the review queue and out of it as feedback."""

from collections.abc import Iterable
from datetime import datetime

from agency.base.errors import Conflict
from clients import services as client_services
from clients.models import PredictionLog
from clients.redaction import names_of, redact_input, told
from retraining.comparing import asked_of
from retraining.models import Cycle, Proposal, State
from retraining.services.review import rows_of, shared_places

WHY = "The comparison could not decide: candidate and incumbent may differ here."
SOURCE = "targeted"


def bring_asked_rows(*, cycle: Cycle) -> int:
    """Put the asked rows that have no label yet into the queue, masked; how many are new.

    Nothing of what either model said comes along: the row is labelled blind.
    """
    if cycle.state != State.UNDECIDED:
        return 0
    asked = [row_id for ids in asked_of(cycle).values() for row_id in ids]
    known = set(cycle.proposals.filter(kind=Proposal.Kind.ASKED).values_list("row_id", flat=True))
    # Two people who open the queue at once bring the same rows.
    rows = asked_rows(cycle=cycle, row_ids=set(asked) - known, why=WHY)
    return len(Proposal.objects.bulk_create(rows, ignore_conflicts=True))


def asked_rows(*, cycle: Cycle, row_ids: Iterable[str], why: str) -> list[Proposal]:
    """Rows of the queue, not stored yet: the ones of these that have no label, masked and blind."""
    wanted = sorted(row_ids)
    rows: list[Proposal] = []
    for start in range(0, len(wanted), 500):
        logs = PredictionLog.objects.filter(
            client=cycle.model.client_id, model=cycle.model, label="",
            row_id__in=wanted[start : start + 500],
        )  # fmt: skip
        for row_id, given, context in logs.order_by("row_id").values_list(
            "row_id", "input", "context"
        ):
            clean, masked = redact_input(given, names=names_of(context))
            rows.append(
                Proposal(
                    model=cycle.model, cycle=cycle, kind=Proposal.Kind.ASKED, row_id=row_id,
                    source=SOURCE, input=clean, label="", why=f"{why} {told(masked)}".rstrip(),
                )
            )  # fmt: skip
    for place in shared_places(len(rows)):
        rows[place].shared = True
    return rows


def to_hand_in(cycle: Cycle) -> list[client_services.LateLabel]:
    """The labels that people gave to asked rows and that the logs do not have yet."""
    given = dict(
        rows_of(cycle)
        .filter(kind=Proposal.Kind.ASKED, state=Proposal.State.RELABELLED)
        .values_list("row_id", "final_label")
    )
    ordered = sorted(given)
    found = []
    for start in range(0, len(ordered), 500):
        free = PredictionLog.objects.filter(
            client=cycle.model.client_id, model=cycle.model, label="",
            row_id__in=ordered[start : start + 500],
        )  # fmt: skip
        for row_id in free.order_by("row_id").values_list("row_id", flat=True):
            found.append(client_services.LateLabel(row_id, given[row_id], SOURCE))
    return found


def hand_in_labels(*, cycle: Cycle, at: datetime) -> int:
    """Attach the labels given so far to their rows, as feedback that we asked for; how many.

    All or none. From then on they cannot be undone. ``Conflict`` where there are none.
    """
    labels = to_hand_in(cycle)
    if cycle.state != State.UNDECIDED or not labels:
        raise Conflict(f"cycle {cycle.pk} waits for no label that was given here")
    return client_services.attach_labels(model=cycle.model, labels=labels, at=at)
