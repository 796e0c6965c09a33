"""What the checks found, what was tried, what people decided, and what was left alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from reports import facts as f
from reports.gathering.causes import MOST, cause_of, faults_of, main_cause
from reports.gathering.figures import difference, rate_of
from reports.gathering.month import ModelMonth
from reports.text import clean, name
from retraining.models import AppliedRepair, Comparison, Cycle, Decision, State
from retraining.models.cycle import DIAGNOSED

JUDGED = (State.REJECTED, State.UNDECIDED)


def findings(month: ModelMonth) -> f.Findings | None:
    """What the month is told by: the diagnosis of its weightiest check."""
    diagnosed = [c for c in month.cycles if hasattr(c, "diagnosis")]
    if not diagnosed:
        return None
    return findings_of(_weightiest(diagnosed), month)


def findings_of(cycle: Cycle, month: ModelMonth) -> f.Findings:
    """What that check's diagnosis says."""
    found: Mapping[str, Any] = cycle.diagnosis.findings
    signals: Sequence[Mapping[str, Any]] = (cycle.monitor or {}).get("signals") or []
    growth = found.get("opportunity")
    # A gain that would not open a retrain window is not worth a sentence.
    gain = None
    if growth and growth["expected_gain"] >= month.policy.growth_gain:
        gain = {**growth, "delta": growth["expected_gain"]}
    return f.Findings(
        day=month.last_day(cycle),
        verdict=cycle.diagnosis.verdict,
        causes=tuple(cause_of(section, found) for section in (found.get("causes") or [])[:MOST]),
        new_categories=_names(found.get("new_categories")),
        weak_categories=_names(found.get("weak_categories")),
        faults=faults_of(found),
        excluded=_excluded(found, month),
        untrusted_signals=_names(found.get("untrusted_signals")),
        signals_checked=len(signals),
        signals_tripped=_names([s["name"] for s in signals if s.get("tripped")]),
        expected_gain=difference(gain),
        source=f.Source("diagnosis", f"cycle {cycle.pk}"),
    )


def _weightiest(cycles: Sequence[Cycle]) -> Cycle:
    """The last check, if it calls for something; else the one that put a version live, else one
    that found something short-lived. A fault that the last check no longer sees is mended."""
    last = cycles[-1]
    if last.diagnosis.verdict in ("fix_upstream", "retrain"):
        return last
    live = [cycle for cycle in cycles if cycle.state == State.LIVE]
    waited = [cycle for cycle in cycles if cycle.diagnosis.verdict == "wait"]
    return [last, *waited[-1:], *live[-1:]][-1]


def _names(values: Sequence[object] | None) -> tuple[str, ...]:
    return tuple(name(value) for value in (values or [])[:MOST])


def _excluded(found: Mapping[str, Any], month: ModelMonth) -> tuple[tuple[str, str], ...]:
    """Half-open days as first and last day."""
    days = []
    for first, stop in (found.get("excluded_days") or [])[:MOST]:
        last = date.fromisoformat(str(stop)[:10]) - timedelta(days=1)
        days.append((str(first)[:10], last.isoformat()))
    return tuple(days)


def trials(month: ModelMonth) -> tuple[f.Trial, ...]:
    """Every comparison of the month, oldest first."""
    return tuple(
        trial(comparison, cycle, month)
        for cycle in month.cycles
        for comparison in cycle.comparisons.select_related(
            "incumbent", "candidate", "golden_version"
        ).order_by("attempt")
    )


def trial(comparison: Comparison, cycle: Cycle, month: ModelMonth) -> f.Trial:
    figures = comparison.figures
    groups = figures.get("groups") or {}
    runs = [
        month.golden_run(cycle, version.pk)
        for version in (comparison.incumbent, comparison.candidate)
    ]
    same = [
        run if run and run.golden_version_id == comparison.golden_version_id else None
        for run in runs
    ]
    more = (figures.get("label_more") or {}).get("n") or 0

    def pairs(group: str) -> f.Source:
        section = figures.get("overall") if group == "overall" else groups.get(group)
        n = (section or {}).get("n")
        return f.Source("paired_rows", f"comparison {comparison.pk} group {group}", n)

    return f.Trial(
        day=month.last_day(cycle),
        verdict=comparison.verdict,
        incumbent=comparison.incumbent.name,
        candidate=comparison.candidate.name,
        arm=name(comparison.candidate.arm),
        golden_version=comparison.golden_version.number,
        before=rate_of(same[0]),
        after=rate_of(same[1]),
        overall=difference(figures.get("overall"), pairs("overall")),
        new=difference(groups.get("new"), pairs("new")),
        target=difference(groups.get("target"), pairs("target")),
        protected=difference(groups.get("protected"), pairs("protected")),
        reasons=tuple(clean(reason) for reason in (figures.get("reasons") or [])[:MOST]),
        label_more=int(more),
        deployed=cycle.state == State.LIVE and cycle.candidate_id == comparison.candidate_id,
        source=f.Source("comparisons", f"comparison {comparison.pk}"),
    )


def rulings(month: ModelMonth) -> tuple[f.Ruling, ...]:
    """Every decision about the month's cycles, in order; then what was repaired."""
    decisions = Decision.objects.filter(cycle__in=month.cycles).select_related(
        "cycle__candidate", "cycle__diagnosis"
    )
    decided = tuple(
        f.Ruling(
            day=month.day(decision.at),
            kind=decision.kind,
            by=name(decision.by),
            reason=clean(decision.reason),
            subject=decision.cycle.candidate.name if decision.cycle.candidate else "",
            advice=_advice(decision),
        )
        for decision in decisions.order_by("at", "pk")
    )
    return decided + repairs(month)


def _advice(decision: Decision) -> str:
    """What was overruled: the diagnosis's verdict, or how the gate left the candidate."""
    if decision.kind != Decision.Kind.OVERRULE:
        return ""
    cycle = decision.cycle
    signed = cycle.decisions.filter(kind=Decision.Kind.OVERRULE).order_by("pk")
    steps = cycle.transitions.filter(
        Q(from_state__in=DIAGNOSED, to_state=State.COLLECTING)
        | Q(from_state__in=JUDGED, to_state=State.PENDING_APPROVAL)
    ).order_by("pk")
    # Each signature made one step, in the same transaction.
    for other, step in zip(signed, steps, strict=False):
        if other.pk == decision.pk:
            return cycle.diagnosis.verdict if step.from_state in DIAGNOSED else step.from_state
    return ""


def repairs(month: ModelMonth) -> tuple[f.Ruling, ...]:
    """What staff mended in the view of the month's rows, and what they took back."""
    told: list[f.Ruling] = []
    rows = AppliedRepair.objects.filter(cycle__in=month.cycles).order_by("applied_at", "pk")
    for row in rows:
        days = (row.repair.since, row.repair.until - timedelta(days=1))
        ruling = f.Ruling(
            day=month.day(row.applied_at),
            kind=f"repair.{row.repair.how}",
            by=name(row.applied_by),
            reason=clean(row.reason),
            subject=name(row.subject),
            since=days[0].isoformat(),
            until=days[1].isoformat(),
        )
        told.append(ruling)
        if row.withdrawn_at is not None:
            back = {"kind": "repair.withdrawn", "day": month.day(row.withdrawn_at)}
            said = {"by": name(row.withdrawn_by), "reason": clean(row.withdrawn_reason)}
            told.append(replace(ruling, **back, **said))
    return tuple(told)


def not_done(month: ModelMonth) -> tuple[f.NotDone, ...]:
    """The checks that changed nothing, and why."""
    return tuple(not_done_of(c, month) for c in month.cycles if c.state != State.LIVE)


def not_done_of(cycle: Cycle, month: ModelMonth) -> f.NotDone:
    found = cycle.diagnosis if hasattr(cycle, "diagnosis") else None
    cause = main_cause(found.findings, found.verdict) if found else ""
    if cycle.state == State.ADVISED and cycle.tier.get("retrain_every_days") is not None:
        cause = "unsupported_category"
    return f.NotDone(
        day=month.last_day(cycle),
        outcome=outcome(cycle),
        verdict=found.verdict if found else "",
        cause=cause,
        reasons=_reasons(cycle),
        source=f.Source("outcomes", f"cycle {cycle.pk}"),
    )


def _reasons(cycle: Cycle) -> tuple[str, ...]:
    """What the gate or the person said; errors of ours stay with us."""
    if cycle.state == State.REFUSED:
        refusals = cycle.decisions.filter(kind=Decision.Kind.REFUSE)
        return tuple(f"{name(d.by)}: {clean(d.reason)}" for d in refusals)
    if cycle.state in (State.REJECTED, State.UNDECIDED):
        last = cycle.transitions.order_by("pk").last()
        if last is not None and last.from_state == State.PENDING_APPROVAL:
            return (f"{name(last.by)}: {clean(last.reason)}",)
        comparison = cycle.comparisons.order_by("-attempt").first()
        if comparison is not None:
            return tuple(clean(r) for r in (comparison.figures.get("reasons") or [])[:MOST])
    return ()


def outcome(cycle: Cycle) -> str:
    """The state that a reader is told: all work in progress is one."""
    working = {
        *(State.MONITORING, State.DIAGNOSING, State.COLLECTING),
        *(State.RETRAINING, State.COMPARING, State.ROLLING_OUT),
    }
    return "working" if cycle.state in working else str(cycle.state)
