"""APPROVE: what people decide about a cycle. A named person with a reason, one way."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from agency.base.errors import BadInput, Conflict
from agency.base.jobs import advance
from clients import services as client_services
from clients.models import Alert
from retraining.gain import LOOKS
from retraining.models import Comparison, Cycle, Decision, State
from retraining.models.cycle import DIAGNOSED
from retraining.queries import live_version


def approve(cycle: Cycle, *, by: str, reason: str, at: datetime) -> Decision:
    """Let the candidate go live. ``Conflict`` where nothing is pending: nobody approves twice."""
    if cycle.state != State.PENDING_APPROVAL:
        raise Conflict(f"cycle {cycle.pk} is {cycle.state}: there is nothing to approve")
    check_incumbent(cycle)
    return _decide(cycle, Decision.Kind.APPROVE, to=State.ROLLING_OUT, by=by, reason=reason, at=at)


def refuse(cycle: Cycle, *, by: str, reason: str, at: datetime) -> Decision:
    """Keep the live version. Refusal is final for this candidate."""
    if cycle.state not in (State.PENDING_APPROVAL, State.UNDECIDED):
        raise Conflict(f"cycle {cycle.pk} is {cycle.state}: there is nothing to refuse")
    with transaction.atomic():
        decision = _decide(
            cycle, Decision.Kind.REFUSE, to=State.REFUSED, by=by, reason=reason, at=at
        )
        client_services.close_alerts(
            model=cycle.model, keys_still_true=set(), prefix=f"gate:{cycle.pk}:", at=at
        )
    return decision


def may_ask_for_labels(cycle: Cycle) -> Comparison:
    """The comparison that a person may doubt: the newest of a candidate that waits for approval.

    ``Conflict`` where nothing is pending, another version is live by now, the gate had rejected the
    candidate, or all looks that were registered have been taken.
    """
    last = cycle.comparisons.order_by("-attempt").first()
    if cycle.state != State.PENDING_APPROVAL or last is None:
        raise Conflict(f"cycle {cycle.pk} is {cycle.state}: there is no verdict to doubt")
    check_incumbent(cycle)
    if last.verdict == Comparison.Verdict.REJECT:
        raise Conflict(
            f"the gate rejected {last.candidate}: approve it against the gate or refuse it"
        )
    if last.attempt >= LOOKS:
        raise Conflict(
            f"{last.candidate} has had all {LOOKS} looks that were registered: approve or refuse it"
        )
    return last


def ask_for_labels(cycle: Cycle, *, rows: int, by: str, reason: str, at: datetime) -> None:
    """Leave it undecided until ``rows`` are labelled. It can still be approved after another look."""
    last = may_ask_for_labels(cycle)
    _check_signed(by, reason)
    with transaction.atomic():
        # Whoever said beforehand that a promotion is approved in their name did not know the doubt.
        fields = {"approve_as": ""}
        advance(
            cycle, to=State.UNDECIDED, by=by.strip(), at=at, reason=reason.strip(), fields=fields
        )
        key = f"gate:{cycle.pk}:{State.UNDECIDED}"
        client_services.close_alerts(
            model=cycle.model, keys_still_true={key}, prefix=f"gate:{cycle.pk}:", at=at
        )
        client_services.raise_alert(
            model=cycle.model,
            key=key,
            severity=Alert.Severity.ACT,
            message=f"{last.candidate} against {last.incumbent}: a person asks for {rows} labels "
            "before it is decided",
            at=at,
        )


def overrule(cycle: Cycle, *, by: str, reason: str, at: datetime) -> Decision:
    """Go on against the diagnosis (to collect) or against the gate (to approval)."""
    if cycle.state in DIAGNOSED:
        to = State.COLLECTING
    elif cycle.state in (State.REJECTED, State.UNDECIDED):
        to = State.PENDING_APPROVAL
    else:
        raise Conflict(f"cycle {cycle.pk} is {cycle.state}: there is nothing to overrule")
    check_incumbent(cycle)
    return _decide(cycle, Decision.Kind.OVERRULE, to=to, by=by, reason=reason, at=at)


def retrain_repaired(cycle: Cycle, *, by: str, reason: str, at: datetime) -> Decision:
    """Go on from "fix upstream" to collect rows that staff have repaired: decay, and a person's word."""
    if cycle.state != State.UPSTREAM:
        raise Conflict(f"cycle {cycle.pk} is {cycle.state}: no repair keeps it from a retrain")
    check_incumbent(cycle)
    return _decide(
        cycle,
        Decision.Kind.OVERRULE,
        to=State.COLLECTING,
        by=by,
        reason=reason,
        at=at,
        fields={"reason": Cycle.Reason.DECAY},
    )


def check_incumbent(cycle: Cycle) -> None:
    """``Conflict`` where another version is live by now: what was measured was against the old one."""
    live = live_version(cycle.model)
    if live != cycle.incumbent:
        raise Conflict(f"cycle {cycle.pk} is about {cycle.incumbent}, and {live} is live by now")


def _decide(
    cycle: Cycle,
    kind: str,
    *,
    to: str,
    by: str,
    reason: str,
    at: datetime,
    fields: dict[str, Any] | None = None,
) -> Decision:
    _check_signed(by, reason)
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                cycle=cycle, kind=kind, by=by.strip(), reason=reason.strip(), at=at
            )
            advance(cycle, to=to, by=by, at=at, reason=reason, fields=fields)
    except IntegrityError as error:
        raise Conflict(f"cycle {cycle.pk} was decided at the same moment") from error
    return decision


def _check_signed(by: str, reason: str) -> None:
    if not by.strip():
        raise BadInput("a decision needs the name of the person who takes it")
    if not reason.strip():
        raise BadInput("a decision needs a reason")
