"""A model's accuracy check by check, overall and by category, for its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from agency.base.admin import rate
from agency.base.clock import local_day, zone_of
from clients.models import KnownEvent, MaintainedModel
from retraining.admin import charts
from retraining.models import Cycle, EvalRun, Rollout

MOST_CHECKS = 30
"""Checks that the page shows; the older ones stand in the reports."""
TILES = 12
"""Categories that get a picture of their own, the worst; the rest are a list."""
MOST_EVENTS = 20
EVENT_ROOM, VERSION_ROOM = 120, 46


@dataclass(frozen=True)
class Check:
    """A cycle's probes: the golden set, and the audited rows of the month before its window's end."""

    cycle: int
    day: date
    incumbent: str
    golden: EvalRun | None
    audit: EvalRun | None


def checks_of(model: MaintainedModel) -> list[Check]:
    """The newest checks, the oldest of them first. Two queries, whatever their number."""
    zone = zone_of(model.client.timezone)
    cycles = list(
        Cycle.objects.filter(model=model)
        .select_related("incumbent")
        .only("window_end", "incumbent__number", "model_id")
        .order_by("-window_end", "-pk")[:MOST_CHECKS]
    )
    found: dict[tuple[int | None, str], EvalRun] = {}
    runs = EvalRun.objects.filter(
        cycle__in=[cycle.pk for cycle in cycles], kind__in=("golden", "audit"), n__gt=0
    ).select_related("golden_version")
    incumbents = {cycle.pk: cycle.incumbent_id for cycle in cycles}
    for run in runs.order_by("-pk"):  # the first of a cycle is its monitor's, later ones the gate's
        if run.cycle_id is not None and run.version_id == incumbents[run.cycle_id]:
            found[run.cycle_id, run.kind] = run
    return [
        Check(
            cycle=cycle.pk,
            day=last_day(cycle.window_end, zone),
            incumbent=cycle.incumbent.name,
            golden=found.get((cycle.pk, "golden")),
            audit=found.get((cycle.pk, "audit")),
        )
        for cycle in reversed(cycles)
    ]


def last_day(window_end: datetime, zone: ZoneInfo) -> date:
    """The last day of a window that ends with that instant."""
    return local_day(window_end - timedelta(microseconds=1), zone)


def accuracy_view(
    model: MaintainedModel, checks: Sequence[Check], rollouts: Sequence[Rollout]
) -> dict[str, Any]:
    """The picture of both probes over time, with versions and known events, and its table."""
    shown = [check for check in checks if check.golden or check.audit]
    if not shown:
        return {}
    zone = zone_of(model.client.timezone)
    axis = charts.widened(shown[0].day, shown[-1].day)
    audits = [(check.day, figures(check.audit)) for check in shown if check.audit]
    goldens = [(check.day, figures(check.golden)) for check in shown if check.golden]
    height = charts.rates_height([found for _, found in (*audits, *goldens)])
    audit = charts.interval_marks(audits, axis, height, shift=-2)
    versions = [
        {"x": axis.at(day), "day": day, "name": rollout.version.name, "by": rollout.by}
        for rollout in rollouts
        if (day := local_day(rollout.started_at, zone)) >= axis.first
    ]
    return {
        "axis": axis.months(),
        "grid": charts.grid(height, 0.1 if height.low >= 0.5 else 0.2),
        "audit": audit,
        "audit_line": charts.path(audit),
        "audit_band": charts.band(audit),
        "golden": [
            {"marks": marks, "line": charts.path(marks), "version": part[0][1]["golden"]}
            for part in same_golden(goldens)
            for marks in [charts.interval_marks(part, axis, height, shift=2)]
        ],
        "versions": charts.in_lanes(versions, wide=VERSION_ROOM),
        "events": _events(model, axis, zone),
        "rows": [
            {
                "check": check,
                "audit": rate(figures(check.audit) if check.audit else None),
                "golden": rate(figures(check.golden) if check.golden else None),
                "set": check.golden.golden_version if check.golden else None,
            }
            for check in reversed(shown)
        ],
        "first": shown[0].day,
        "last": shown[-1].day,
    }


def figures(run: EvalRun) -> dict[str, Any]:
    """A run's rate with its interval, n, and which golden version it is of."""
    golden = run.golden_version.number if run.golden_version else None
    found = {"estimate": run.estimate, "low": run.low, "high": run.high, "n": run.n}
    return {**found, "golden": golden}


def same_golden(
    goldens: Sequence[tuple[date, dict[str, Any]]],
) -> list[list[tuple[date, dict[str, Any]]]]:
    """Runs of checks on one golden version: no line joins scores on different rows."""
    runs: list[list[tuple[date, dict[str, Any]]]] = []
    for day, found in goldens:
        if not runs or runs[-1][-1][1]["golden"] != found["golden"]:
            runs.append([])
        runs[-1].append((day, found))
    return runs


def _events(model: MaintainedModel, axis: charts.Axis, zone: ZoneInfo) -> list[dict[str, Any]]:
    own = Q(model=model) | Q(model__isnull=True)
    events = [
        {
            "event": event,
            "first": first,
            "last": last,
            "x": axis.at(first),
            # A name near the right edge is written to the left of its event.
            "flip": axis.at(first) > charts.RIGHT - EVENT_ROOM,
            "width": max(2.0, round(axis.at(last) - axis.at(first), 1)),
        }
        for event in KnownEvent.objects.filter(own, client=model.client_id).order_by("-starts_at")[
            :MOST_EVENTS
        ]
        if (last := last_day(event.ends_at, zone)) >= axis.first
        and (first := local_day(event.starts_at, zone)) <= axis.last
    ]
    return charts.in_lanes(events, wide=EVENT_ROOM)


def categories_view(checks: Sequence[Check]) -> dict[str, Any]:
    """Each category's accuracy over the checks, those that are surely low first.

    The order is that of the upper end of the newest check's interval, so that a category of two
    rows, both wrong, does not stand above one of fifty, half of them wrong. From audited rows;
    where none are, from the golden set.
    """
    with_audit = any(check.audit and check.audit.categories for check in checks)
    runs = [
        (check.day, run)
        for check in checks
        if (run := check.audit if with_audit else check.golden) and run.categories
    ]
    if not runs:
        return {}
    axis = charts.Axis(runs[0][0], max(runs[-1][0], runs[0][0] + timedelta(days=1)))
    newest: Mapping[str, Any] = runs[-1][1].categories
    worst = sorted(newest, key=lambda name: (newest[name]["high"], newest[name]["estimate"], name))
    rows = []
    for name in worst:
        series = [(day, run.categories[name]) for day, run in runs if name in run.categories]
        rows.append(
            {
                "name": name,
                "now": newest[name],
                "said": rate(newest[name]),
                "thin": newest[name]["thin"],
                "series": series,
            }
        )
    for row in rows[:TILES]:
        row["spark"] = charts.sparkline(row["series"], axis)
    return {
        "tiles": rows[:TILES],
        "rest": rows[TILES:],
        "basis": "audited rows of the month before each check" if with_audit else "golden rows",
        "last": runs[-1][0],
        "first": runs[0][0],
        "width": charts.TIP_WIDTH,
        "height": charts.TIP_HEIGHT,
    }
