"""How far the mix of answers has moved, day by day, from the first weeks of the live version.

Read from stored daily profiles alone: nothing is counted for a page.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from agency.base.clock import local_day, zone_of
from clients.models import MaintainedModel
from retraining.admin import charts
from retraining.models import DailyProfile, Rollout
from retraining.policy import Policy

BASELINE_DAYS = 28
"""Days of the live version that later ones are held against: four whole weeks."""
DAYS_SHOWN, WEEKS_SHOWN = 60, 26
ROWS_A_DAY = 50
"""Fewer rows a day than this, and chance hides nearly any drift of one day: weeks are shown then."""
DRAWS = 1000
REST = "(all others)"


def drift_view(model: MaintainedModel, live: Rollout | None, *, policy: Policy) -> dict[str, Any]:
    """The picture and the table of the drift; ``{"why": ...}`` where there is nothing to hold against.

    One query. A part of time trips where its PSI is both at least the policy's ``psi_investigate``
    and beyond the critical value, which chance exceeds once in 1 / ``drift_alpha`` parts.
    """
    if live is None:
        return {"why": "Nothing is live."}
    since = local_day(live.started_at, zone_of(model.client.timezone))
    days = _answers_by_day(model, since if live.cycle_id is not None else None)
    if not days:
        return {"why": "No day has been counted since the version went live."}
    stop = min(days) + timedelta(days=BASELINE_DAYS)
    baseline = _total(mix for day, mix in days.items() if day < stop)
    later = {day: mix for day, mix in days.items() if day >= stop}
    if not later:
        return {
            "why": f"The first {BASELINE_DAYS} days, which later ones are held against, last on."
        }
    daily = sum(sum(mix.values()) for mix in later.values()) >= ROWS_A_DAY * len(later)
    size, most = (1, DAYS_SHOWN) if daily else (7, WEEKS_SHOWN)
    points = [
        _point(baseline, mix, first, size, policy) for first, mix in _parts(later, size, most)
    ]
    return {
        "unit": "day" if daily else "week",
        "points": points,
        "tripped": [point for point in points if point["tripped"]],
        "baseline": {"first": min(days), "last": stop - timedelta(days=1), "n": baseline.total()},
        "threshold": policy.psi_investigate,
        "one_in": round(1 / policy.drift_alpha),
        **_picture(points, policy.psi_investigate),
    }


def _answers_by_day(model: MaintainedModel, since: date | None) -> dict[date, Counter[str]]:
    """Day -> rows by predicted category, of the days whose counts are stored."""
    stored = DailyProfile.objects.filter(
        client_id=model.client_id, model=model, segment="", kind=DailyProfile.Kind.GIVEN
    )
    if since is not None:
        stored = stored.filter(day__gte=since)
    chosen: dict[date, int] = {}
    found: dict[date, Counter[str]] = {}
    columns = ("day", "baseline_id", "counts__answers")
    for day, baseline, answers in stored.order_by("day", "pk").values_list(*columns):
        # A day may be counted on more than one version's bins: one set of it is enough.
        if answers is None or chosen.setdefault(day, baseline) != baseline:
            continue
        mix = found.setdefault(day, Counter())
        mix.update(answers["named"])
        if answers["rest"]:
            mix[REST] += answers["rest"]
    return {day: mix for day, mix in found.items() if mix}


def _total(mixes: Any) -> Counter[str]:
    total: Counter[str] = Counter()
    for mix in mixes:
        total.update(mix)
    return total


def _parts(
    days: Mapping[date, Counter[str]], size: int, most: int
) -> list[tuple[date, Counter[str]]]:
    """The newest parts of ``size`` days each, counted back from the last day, the oldest first."""
    last = max(days)
    parts: dict[int, Counter[str]] = {}
    for day, mix in days.items():
        number = (last - day).days // size
        if number < most:
            parts.setdefault(number, Counter()).update(mix)
    return [
        (last - timedelta(days=number * size + size - 1), parts[number])
        for number in sorted(parts, reverse=True)
    ]


def _point(
    baseline: Mapping[str, int], mix: Counter[str], first: date, size: int, policy: Policy
) -> dict[str, Any]:
    from retraining.stats.drift import psi_test  # scipy, which only this page has a use for

    names = sorted({*baseline, *mix})
    test = psi_test(
        reference=[baseline.get(name, 0) for name in names],
        current=[mix.get(name, 0) for name in names],
        alpha=policy.drift_alpha,
        draws=DRAWS,
        seed=first.toordinal(),
    )
    n_before = sum(baseline.values())
    moved = sorted(
        names, key=lambda name: mix.get(name, 0) / test.n_current - baseline.get(name, 0) / n_before
    )
    tripped = test.tripped_at(policy.psi_investigate)
    return {
        "first": first,
        "last": first + timedelta(days=size - 1),
        "test": test.as_dict(),
        "tripped": tripped,
        "more": moved[-1] if tripped else "",
        "less": moved[0] if tripped else "",
    }


def _picture(points: Sequence[Mapping[str, Any]], threshold: float) -> dict[str, Any]:
    criticals = [point["test"]["critical"] or 0.0 for point in points]
    highest = max(*(point["test"]["value"] for point in points), *criticals, 2 * threshold)
    axis = charts.widened(points[0]["first"], points[-1]["last"])
    height = charts.Height(0.0, highest * 1.08, bottom=150, top=12)
    step = next((s for s in (0.05, 0.1, 0.2, 0.5, 1, 2) if highest / s <= 5), 5)
    marks = []
    for point in points:
        middle = point["first"] + (point["last"] - point["first"]) / 2
        critical = point["test"]["critical"]
        marks.append(
            {
                **point,
                "x": axis.at(middle),
                "y": height.at(point["test"]["value"]),
                "critical_y": height.at(critical) if critical is not None else None,
                "left": axis.at(point["first"]),
                "right": axis.at(point["last"] + timedelta(days=1)),
            }
        )
    return {
        "marks": marks,
        "line": charts.path(marks),
        "months": axis.months(),
        "grid": charts.grid(height, step),
    }
