"""What staff mend in the view of the rows, and "repair, then retrain" as one step."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from agency.base.errors import BadInput, Conflict
from retraining.models import AppliedRepair, Cycle, State
from retraining.models.cycle import AT_WORK
from retraining.queries import find_cycle
from retraining.repairs import offered
from retraining.stages import approve as approval

__all__ = ["apply_repairs", "offered", "repair_and_retrain", "withdraw_repairs"]


def apply_repairs(
    *, cycle: Cycle, by: str, reason: str, at: datetime, retrain: bool = False
) -> Cycle:
    """Put the repairs of a "fix upstream" diagnosis in force; with ``retrain``, collect at once.

    The stored rows stay as they came. Without ``retrain`` later cycles train on the repaired view.
    With it the cycle goes on against its diagnosis: only the state changes here, a worker goes on
    from the row. ``Conflict`` where the cycle is not upstream, its diagnosis offers no repair, or
    all are in force already.
    """
    _signed(by, reason)
    cycle = find_cycle(cycle.pk)
    if cycle.state != State.UPSTREAM:
        raise Conflict(f"cycle {cycle.pk} is {cycle.state}: there is nothing to repair")
    repairs = offered(cycle)
    if not repairs:
        raise Conflict(f"the diagnosis of cycle {cycle.pk} offers no repair")
    known = set(_in_force(cycle).values_list("subject", "kind", "since"))
    wanted = {(repair.subject, repair.kind, repair.since): repair for repair in repairs}
    new = [repair for key, repair in wanted.items() if key not in known]
    if not new and not retrain:
        raise Conflict(f"the repairs of cycle {cycle.pk} are in force already")
    try:
        with transaction.atomic():
            AppliedRepair.objects.bulk_create(
                AppliedRepair(
                    model=cycle.model,
                    cycle=cycle,
                    subject=repair.subject,
                    kind=repair.kind,
                    since=repair.since,
                    fault=repair.as_dict(),
                    applied_by=by.strip(),
                    reason=reason.strip(),
                    applied_at=at,
                )
                for repair in new
            )
            if retrain:
                approval.retrain_repaired(cycle, by=by, reason=reason, at=at)
    except IntegrityError as error:
        raise Conflict(f"cycle {cycle.pk} was repaired at the same moment") from error
    return find_cycle(cycle.pk)


def repair_and_retrain(*, cycle: Cycle, by: str, reason: str, at: datetime) -> Cycle:
    """``apply_repairs`` with the retrain that waited for repaired rows."""
    return apply_repairs(cycle=cycle, by=by, reason=reason, at=at, retrain=True)


def withdraw_repairs(*, cycle: Cycle, by: str, reason: str, at: datetime) -> Cycle:
    """Take the repairs of this cycle's diagnosis back: from now on its rows are seen as they came.

    What was trained on repaired rows stays as it is. ``Conflict`` where none is in force, or where
    the cycle is at work on them.
    """
    _signed(by, reason)
    cycle = find_cycle(cycle.pk)
    if cycle.state in AT_WORK:
        raise Conflict(f"cycle {cycle.pk} is {cycle.state} on the repaired rows")
    done = _in_force(cycle).update(
        withdrawn_by=by.strip(), withdrawn_reason=reason.strip(), withdrawn_at=at
    )
    if not done:
        raise Conflict(f"no repair of cycle {cycle.pk} is in force")
    return cycle


def _in_force(cycle: Cycle) -> QuerySet[AppliedRepair]:
    return AppliedRepair.objects.filter(cycle=cycle, withdrawn_at__isnull=True)


def _signed(by: str, reason: str) -> None:
    if not by.strip():
        raise BadInput("a repair needs the name of the person who takes it")
    if not reason.strip():
        raise BadInput("a repair needs a reason")
