"""Traffic, labels, checks done against the tier's promise, known events, and what comes next."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q

from agency.base.clock import add_months, local_day, start_of_day
from clients.models import KnownEvent, PredictionLog
from reports import facts as f
from reports.gathering.found import findings, outcome
from reports.gathering.month import ModelMonth
from reports.text import name
from retraining.models import AuditSampleRow, Cycle, Proposal, State
from retraining.queries import month_counts

YEAR = timedelta(days=366)
MOST_EVENTS = 24
MONTHLY = 30
"""A tier's number of days that stands for a calendar month."""


def service(month: ModelMonth) -> f.Service:
    """What was promised and what was done."""
    tier = month.model.tier
    start, end = month.window
    # Profiles know the counts of rows that are past their retention, too.
    counts = month_counts(month.model, start, end)
    labelled = {source: told.n for source, told in counts.labels.items()}
    unanswered = PredictionLog.objects.filter(
        client=month.model.client,
        model=month.model,
        timestamp__gte=start,
        timestamp__lt=end,
        answered=PredictionLog.Answered.NONE,
    )
    rows = counts.rows + unanswered.count()
    return f.Service(
        tier=name(tier.name),
        every_days=tier.check_every_days,
        retrain_every_days=tier.retrain_every_days,
        promised=promised(month, every_days=tier.check_every_days),
        checks=checks(month),
        rows=rows,
        reviewed=labelled.get("review", 0),
        corrected=labelled.get("override", 0),
        targeted=labelled.get("targeted", 0),
        awaited=awaited(month),
        source=f.Source("rows_and_labels", month.label, rows),
    )


def checks(month: ModelMonth) -> tuple[f.Check, ...]:
    """The month's checks, each with its day and how it ended."""
    return tuple(f.Check(month.last_day(c), outcome(c)) for c in month.cycles)


def promised(month: ModelMonth, *, every_days: int) -> int:
    """Whole checks that fit into the month, from the model's first day on."""
    start, end = month.window
    began = max(start, month.model.created_at)
    if began >= end:
        return 0
    if every_days == MONTHLY:
        return 1
    return (end - began + timedelta(hours=12)).days // every_days


def awaited(month: ModelMonth) -> int:
    """Rows of the month that were drawn for an audit and have no label yet."""
    start, end = month.window
    return AuditSampleRow.objects.filter(
        sample__model=month.model,
        log__label="",
        log__timestamp__gte=start,
        log__timestamp__lt=end,
    ).count()


def events(month: ModelMonth) -> tuple[f.Event, ...]:
    """What staff or the client declared for any part of the year up to the month's end."""
    start, end = month.window
    declared = KnownEvent.objects.filter(
        Q(model=None) | Q(model=month.model),
        client=month.model.client,
        starts_at__lt=end,
        ends_at__gt=start - YEAR,
    )
    newest = list(declared.order_by("-starts_at", "-pk")[:MOST_EVENTS])
    return tuple(
        f.Event(
            kind=event.kind,
            title=name(event.title),
            starts=month.day(event.starts_at),
            ends=month.day(event.ends_at - timedelta(microseconds=1)),
        )
        for event in reversed(newest)
    )


def provisional(month: ModelMonth) -> set[str]:
    """Why the month may still change: codes of the wording."""
    reasons = set()
    if month.at < month.window[1]:
        reasons.add("month_open")
    if awaited(month):
        reasons.add("labels_awaited")
    resting = {"working", State.CURATING, State.PENDING_APPROVAL, State.UNDECIDED}
    newest = month.model.cycles.order_by("-window_end", "-pk").first()
    # A later check takes over what an earlier one left open.
    if newest is not None and newest in month.cycles and outcome(newest) in resting:
        reasons.add("cycle_open")
    return reasons


def coming(month: ModelMonth) -> tuple[f.Next, ...]:
    """What comes next, by how the month's last check ended, and the next day we look."""
    found: list[f.Next] = []
    if month.cycles:
        found = _after(month.cycles[-1], month)
    if waiting := awaited(month):
        found.append(f.Next("label_audit", "", waiting, ()))
    found.append(f.Next("next_check", next_check(month), 0, ()))
    return tuple(
        replace(item, source=f.Source("next_steps", f"{month.label} step {i}"))
        for i, item in enumerate(found)
    )


def _after(cycle: Cycle, month: ModelMonth) -> list[f.Next]:
    candidate = (cycle.candidate.name,) if cycle.candidate else ()
    said = findings(month)
    state = outcome(cycle)
    if state == State.UPSTREAM and said:
        return _mending(said)
    if state == State.WAITING:
        # Diagnoses of before waits had an end don't have it.
        said_until = cycle.diagnosis.findings.get("wait_until")
        return [f.Next("watch", said_until or next_check(month), 0, ())]
    if state == State.NEEDS_LABELS:
        return _labelling(said) or [f.Next("need_audit", "", month.policy.audit_min_n, ())]
    if state == State.UNDECIDED:
        last = cycle.comparisons.order_by("-attempt").first()
        more = ((last.figures.get("label_more") or {}).get("n") or 0) if last else 0
        if not more:  # a person asked, not the gate
            waits = {"kind": Proposal.Kind.ASKED, "state": Proposal.State.PROPOSED}
            more = cycle.proposals.filter(**waits).count()
        return [f.Next("label_more", "", int(more), candidate)] if more else []
    if state == State.ADVISED:
        names = said.new_categories if said else ()
        advice = [f.Next("advised", "", 0, ())]
        return advice + ([f.Next("new_categories", "", 0, names)] if names else [])
    simple = {
        State.CURATING: "curate",
        State.PENDING_APPROVAL: "approve",
        State.LIVE: "confirm",
        State.FAILED: "retry",
    }
    return [f.Next(simple[State(state)], "", 0, candidate)] if state in simple else []


def _mending(said: f.Findings) -> list[f.Next]:
    """What has to be whole before we look again: fields and segments, or what serves the model."""
    names = tuple(dict.fromkeys(fault.full_name for fault in said.faults))
    over = all(fault.until for fault in said.faults)
    found = [f.Next("repair_over" if over else "repair", "", 0, names)] if names else []
    served = any(cause.cause == "serving_change" and cause.acts for cause in said.causes)
    return found + ([f.Next("repair_serving", "", 0, ())] if served or not names else [])


def _labelling(said: f.Findings | None) -> list[f.Next]:
    """Rows that a person has to look at for a reason of their own, not for an audit."""
    found: list[f.Next] = []
    for cause in said.causes if said else ():
        if cause.cause == "label_noise" and cause.acts:
            found.append(f.Next("second_look", "", cause.n, ()))
        elif cause.kind == "unlabelled_clusters" and cause.acts:
            found.append(f.Next("name_rows", "", cause.n, cause.names))
        elif cause.cause == "insufficient_evidence" and cause.acts:
            # Asked for beside these; alone, the month's minimum is what is asked for.
            found.append(f.Next("need_audit", "", cause.n, ()))
    return found if any(item.what != "need_audit" for item in found) else []


def next_check(month: ModelMonth) -> str:
    """The client's day on which the tier's next check is due."""
    last: datetime = month.history[-1].window_end if month.history else month.model.created_at
    days = month.model.tier.check_every_days
    day = local_day(last, month.zone)
    due = add_months(day, 1) if days == MONTHLY else day + timedelta(days=days)
    return local_day(start_of_day(due, month.zone), month.zone).isoformat()
