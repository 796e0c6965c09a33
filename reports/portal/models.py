"""One model: its accuracy over time, what is live and why, its data, its categories."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from agency.base import clock
from reports import facts as f
from reports.portal import queries
from reports.portal.access import Visit, portal_page, show
from reports.wording import Wording
from reports.wording.sections import (
    categories_basis,
    categories_summary,
    category_columns,
    category_verdict,
    trial_line,
    trial_rows,
)

if TYPE_CHECKING:
    from reports.gathering.month import ModelMonth

WIDE, NARROW = (840, 300), (350, 260)
MOST_STEPS = 12
MOST_CATEGORIES = 20


@require_safe
@portal_page()
def model(request: HttpRequest, visit: Visit, model: str) -> HttpResponse:
    # Not at the top: what gathers figures loads the libraries of statistics.
    from reports.gathering import categories, data, time_line
    from reports.portal.chart import over_time
    from reports.portal.standing import accuracy, last_checked, month_of

    found = queries.own_model(visit.client, model)
    w = visit.words
    month = month_of(found, clock.now())
    checked = last_checked(month)
    points = time_line.points(checked)
    deployments = time_line.deployments(month)
    context = {
        "model": found,
        "accuracy": accuracy(points, w),
        "charts": [
            {"chart": over_time(points, deployments, width=wide, height=high, w=w), "name": name}
            for name, (wide, high) in (("wide", WIDE), ("narrow", NARROW))
        ],
        "points": [_point(point, w) for point in reversed(points)],
        "deployments": _versions(month, deployments, w),
        "live": deployments[-1] if deployments else None,
        "live_since": w.day(deployments[-1].day) if deployments else "",
        "growth": _growth(data.data(month).steps, w),
        "categories": _categories(categories.categories(checked), w),
    }
    return show(request, visit, "model.html", context, section="models")


def _point(point: f.Point, w: Wording) -> dict[str, str]:
    return {
        "day": w.day(point.day),
        "version": point.version,
        "audit": w.rate(point.audit) if point.audit else "",
        "golden": w.rate(point.golden) if point.golden else "",
    }


def _versions(
    month: "ModelMonth", deployments: tuple[f.Deployment, ...], w: Wording
) -> list[dict[str, Any]]:
    """What went live, newest first: compared how, approved by whom; else the reason that was given."""
    from reports.gathering.found import trial

    found = []
    for one, rollout in zip(reversed(deployments), reversed(month.rollouts), strict=False):
        cycle = next((each for each in month.history if each.pk == rollout.cycle_id), None)
        compared: list[str] = []
        if cycle is not None and one.kind == "deployed":
            last = cycle.comparisons.select_related(
                "incumbent", "candidate", "golden_version"
            ).order_by("-attempt")
            for comparison in last[:1]:
                told = trial(comparison, cycle, month)
                rows = [f"{what}: {figure}" for what, figure in trial_rows(told, w)]
                compared = [trial_line(told, w), *rows]
        found.append(
            {
                **{name: getattr(one, name) for name in ("version", "replaced", "kind", "by")},
                "day": w.day(one.day),
                "compared": compared,
                "reason": "" if compared or one.kind == "launch" else one.reason,
            }
        )
    return found


def _growth(steps: tuple[f.Step, ...], w: Wording) -> list[dict[str, Any]]:
    """The sets' sizes after each check that changed one of them, newest first."""
    grown: list[f.Step] = []
    for step in steps:
        sizes = (step.training_rows, step.golden_rows)
        if not grown or sizes != (grown[-1].training_rows, grown[-1].golden_rows):
            grown.append(step)
    most = max((step.training_rows for step in grown), default=0) or 1
    return [
        {
            "day": w.day(step.day),
            "training": w.number(step.training_rows),
            "golden": w.number(step.golden_rows),
            "bar": round(100 * step.training_rows / most, 1),
        }
        for step in reversed(grown[-MOST_STEPS:])
    ]


def _categories(found: f.Categories | None, w: Wording) -> dict[str, Any]:
    if found is None:
        return {}
    before, after = category_columns(found, w)
    rows = [
        {
            "name": row.name,
            "before": w.rate(row.before) if row.before else "",
            "after": w.rate(row.after) if row.after else "",
            "difference": w.difference(row.difference) if row.difference else "",
            "verdict": category_verdict(row, found, w),
            "kind": row.verdict,
        }
        for row in found.rows
    ]
    return {
        "basis": categories_basis(found, w),
        "summary": categories_summary(found, w),
        "before": before,
        "after": after,
        "compared": found.basis != "golden",
        "shown": rows[:MOST_CATEGORIES],
        "rest": rows[MOST_CATEGORIES:],
    }
