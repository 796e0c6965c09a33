"""Accuracy over time, and what went live when."""

from datetime import date, timedelta

from reports import facts as f
from reports.gathering.figures import rate, rate_of, scored
from reports.gathering.month import ModelMonth
from reports.text import clean, name

# Older checks are in older reports.
MOST = 40
YEAR = timedelta(days=340)
"""From a month's first day back to eleven months before it, and some days."""


def points(month: ModelMonth) -> tuple[f.Point, ...]:
    """Launch, every check, and the reference score of every version that went live."""
    found = _launch_points(month)
    for cycle in month.history:
        monitor = cycle.monitor or {}
        golden, audit = monitor.get("golden"), monitor.get("audit")
        if golden or audit:
            found.append(
                f.Point(
                    day=month.last_day(cycle),
                    version=cycle.incumbent.name,
                    golden=rate(golden, scored(month.monitored(cycle, "golden"))),
                    golden_version=(golden or {}).get("version"),
                    audit=rate(audit, scored(month.monitored(cycle, "audit"))),
                    source=scored(month.monitored(cycle, "golden")),
                )
            )
        if cycle.state == "live" and cycle.candidate is not None:
            run = month.golden_run(cycle, cycle.candidate_id)
            rollout = next((r for r in month.rollouts if r.cycle_id == cycle.pk), None)
            if run is not None and rollout is not None and run.golden_version is not None:
                day = month.day(rollout.started_at)
                number = run.golden_version.number
                version = cycle.candidate.name
                found.append(f.Point(day, version, rate_of(run), number, None, scored(run)))
    return tuple(_year(sorted(found, key=lambda point: point.day), month.first))


def _year(points: list[f.Point], first: date) -> list[f.Point]:
    """Twelve months of points: all where they are few; else each earlier month's last check and
    every version's first score, and all of this month's."""
    since = (first - YEAR).isoformat()
    points = [point for point in points if point.day >= since]
    if len(points) > MOST:
        last = {point.day[:7]: point for point in points if point.audit}
        points = [
            point
            for point in points
            if point.day >= first.isoformat() or point.audit is None or point is last[point.day[:7]]
        ]
    return points[-MOST:]


def _launch_points(month: ModelMonth) -> list[f.Point]:
    if not month.rollouts:
        return []
    first = month.rollouts[0]
    run = month.golden_run(None, first.version_id)
    if run is None or run.golden_version is None:
        return []
    day = month.day(first.started_at)
    number = run.golden_version.number
    return [f.Point(day, first.version.name, rate_of(run), number, None, scored(run))]


def deployments(month: ModelMonth) -> tuple[f.Deployment, ...]:
    """Every version that went live so far; ``this_month`` marks those that this report tells of."""
    found = []
    for i, rollout in enumerate(month.rollouts):
        kind = "rolled_back" if rollout.strategy == "rollback" else "deployed"
        found.append(
            f.Deployment(
                day=month.day(rollout.started_at),
                version=rollout.version.name,
                replaced=month.rollouts[i - 1].version.name if i else "",
                kind="launch" if i == 0 else kind,
                by=name(rollout.by),
                reason=clean(rollout.reason),
                this_month=month.began_here(rollout),
                source=f.Source("rollouts", f"rollout {rollout.pk}"),
            )
        )
    return tuple(found[-MOST:])
