"""DIAGNOSE: what is the matter, and is a retrain the cure?"""

from dataclasses import replace
from datetime import datetime, timedelta

from agency.base.clock import local_day, zone_of
from clients import services as client_services
from clients.models import Alert
from retraining.causes.registry import Diagnosed, diagnose
from retraining.evidence import Gathered, gather, windows_of
from retraining.growth import Opportunity, curve_gain, opportunity
from retraining.models import Cycle, Diagnosis, State
from retraining.policy import wait_days
from retraining.queries import last_trained
from retraining.step import Step

V = Diagnosis.Verdict
ENDS = {
    V.FIX_UPSTREAM: State.UPSTREAM,
    V.WAIT: State.WAITING,
    V.COLLECT_LABELS: State.NEEDS_LABELS,
    V.NO_ACTION: State.HEALTHY,
}
SEVERITIES = {
    V.FIX_UPSTREAM: Alert.Severity.ACT,
    V.RETRAIN: Alert.Severity.ACT,
    V.COLLECT_LABELS: Alert.Severity.WATCH,
}


def run(cycle: Cycle, *, at: datetime) -> Step:
    """The causes' verdict; a retrain goes on where the tier allows it, growth in its window."""
    gathered = gather(cycle)
    found = diagnose(gathered.evidence)
    growth, curve = None, None
    if found.verdict == V.NO_ACTION and window_is_due(cycle):
        growth, curve = opportunity(cycle, gathered), curve_gain(cycle, gathered)
        growth = replace(growth, curve=curve) if growth else None
    to, why, reason = _next(cycle, gathered, found, growth)
    findings = found.as_dict()
    findings["excluded_windows"] = windows_of(cycle, findings["excluded_days"])
    findings["opportunity"] = growth.as_dict() if growth else None
    findings["learning_curve"] = curve.as_dict() if curve else None
    findings["wait_until"] = wait_until(cycle) if found.verdict == V.WAIT else None

    def write() -> None:
        Diagnosis.objects.create(
            cycle=cycle, verdict=found.verdict, findings=findings, created_at=at
        )
        _alert(cycle, found, to, at)

    return Step(to, why, write, {"reason": reason} if reason else {})


def wait_until(cycle: Cycle) -> str:
    """The client's day from which on what still differs is taken for lasting."""
    days = wait_days(
        domain=cycle.model.client.domain, check_every_days=cycle.tier["check_every_days"]
    )
    zone = zone_of(cycle.model.client.timezone)
    return (local_day(cycle.window_end, zone) + timedelta(days=days)).isoformat()


def window_is_due(cycle: Cycle) -> bool:
    """Is the tier's retrain window open: has nothing been retrained for its number of days?

    30 days stand for a calendar month, so a few days are forgiven to February.
    """
    days = cycle.tier["retrain_every_days"]
    if days is None:
        return False
    last = last_trained(cycle)
    allowed = timedelta(days=days - 3 if days >= 28 else days)
    return last is None or cycle.window_end - last.window_end >= allowed


def _next(
    cycle: Cycle, gathered: Gathered, found: Diagnosed, growth: Opportunity | None
) -> tuple[str, str, str]:
    """(state, reason in words, decay or growth or nothing)."""
    if found.verdict == V.RETRAIN:
        decay = Cycle.Reason.DECAY
        if cycle.tier["retrain_every_days"] is None:
            return State.ADVISED, "the tier has no right to a retrain", decay
        if _only_unsupported_categories(cycle, found):
            return State.ADVISED, "the tier does not support new categories", decay
        return State.COLLECTING, "the diagnosis calls for a retrain", decay
    if growth is not None and growth.worth_it(gathered.evidence.policy):
        gain = f"{growth.expected_gain * 100:.1f} points expected from {growth.rows} new rows"
        return State.COLLECTING, gain, Cycle.Reason.GROWTH
    causes = ", ".join(dict.fromkeys(finding.cause for finding in found.findings))
    return ENDS[V(found.verdict)], causes or "nothing changed", ""


def _only_unsupported_categories(cycle: Cycle, found: Diagnosed) -> bool:
    """New categories are the only reason, the tier lacks them, and no person has let one in.

    Golden rows of a category are a person's decision to have it, whatever the tier finds by itself.
    """
    if cycle.tier["new_category_support"]:
        return False
    acting = [f for f in found.findings if f.acts and f.cause != "new_category"]
    if any(f.cause in ("weak_category", "concept_change") for f in acting):
        return False
    new = {name for f in found.findings if f.cause == "new_category" for name in f.categories}
    golden = set(
        cycle.model.datasets.get(kind="golden")
        .all_rows.filter(removed_in__isnull=True)
        .values_list("label", flat=True)
    )
    return not new & golden


def _alert(cycle: Cycle, found: Diagnosed, to: str, at: datetime) -> None:
    verdict = V(found.verdict)
    acting = [f for f in found.findings if f.acts] if verdict in SEVERITIES else []
    keys = set()
    for finding in acting:
        names = [*finding.categories, *(f.field for f in finding.fields)]
        names += [f"{s.key}={s.value}" for s in finding.segments]
        key = f"cause:{finding.cause}:{','.join(names)}"[:200]
        keys.add(key)
        message = f"{finding.evidence} {finding.fix}"
        if to == State.ADVISED:
            message += (
                " The tier does not include it: overrule with a reason, or talk to the client."
            )
        client_services.raise_alert(
            model=cycle.model, key=key, severity=SEVERITIES[verdict], message=message, at=at
        )
    client_services.close_alerts(model=cycle.model, keys_still_true=keys, prefix="cause:", at=at)
