"""One model's part of the page: its sentences, figures and pictures, ready for the template."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports import charts
from reports.category_chart import category_chart
from reports.facts import Brand, Category, Model, Point, Rate, Report
from reports.text import shorten
from reports.wording import Wording, sections, story

# How much of the categories fits: as a picture, and as a list after it.
CHARTED = 12
ANNEXED = 100
ANNEX_COLUMNS = 2


@dataclass(frozen=True)
class Density:
    """How much room a model may take, so that a report has two to five pages whatever is in it."""

    charted: int
    annexed: int
    sentences: int
    glossary: bool


DENSITIES = (
    Density(charted=CHARTED, annexed=ANNEXED, sentences=8, glossary=True),
    Density(charted=8, annexed=40, sentences=5, glossary=True),
    Density(charted=4, annexed=0, sentences=3, glossary=True),
    Density(charted=0, annexed=0, sentences=1, glossary=False),
)


def model_page(model: Model, report: Report, density: Density, w: Wording) -> dict[str, Any]:
    """All that the template shows of ``model``."""
    return {
        "name": model.name,
        "heading": w.t("h.month", month=w.month(report.month)),
        "sentences": story.three_sentences(model, w),
        "tiles": _tiles(model, w),
        "asks": sections.asks(model, w),
        "asks_none": w.t("ask.nothing"),
        "accuracy": _accuracy(model, report.brand, w),
        "found": _found(model, density, w),
        "did": _did(model, density, w),
        "not_done": _not_done(model, density, w),
        "rulings": _rulings(model, density, w),
        "categories": _categories(model, report.brand, density, w),
        "data": _data(model, report.brand, density, w),
        "service": sections.service_lines(model.service, model, w),
        "checks": [
            (w.day(check.day, year=False), w.known(f"outcome.{check.outcome}", check.outcome))
            for check in model.service.checks
        ],
        "events": [sections.event_line(event, w) for event in model.events],
        "next": [sections.next_line(item, w) for item in model.next],
    }


def _tiles(model: Model, w: Wording) -> list[dict[str, str]]:
    """The four figures at the head: each with its interval and what it is."""
    measured = model.measured or model.version
    scored = model.version if model.after_golden else measured
    golden_about = w.t("tile.golden.about", version=scored, set=model.golden_version)
    if model.after_golden and model.golden:
        before = w.t("tile.golden.before", version=measured, rate=w.rate(model.golden))
        golden_about = f"{golden_about} {before}"
    audit = _rate_tile("audit", model.audit, w.t("tile.audit.about", version=measured), w)
    golden = _rate_tile("golden", model.after_golden or model.golden, golden_about, w)
    service = model.service
    labels = service.reviewed + service.corrected + service.targeted
    rows = {
        "label": w.t("tile.rows", task=w.t(f"Task.{model.task}")),
        "big": w.number(service.rows),
        "small": "",
        "about": w.t("tile.rows.about", labels=w.number(labels)),
    }
    deployed = story.last_deployment(model)
    about = w.t("tile.version.same")
    if deployed is not None:
        values = {"day": w.day(deployed.day), "before": deployed.replaced}
        about = w.t("tile.version.new" if deployed.replaced else "tile.version.first", **values)
    live = {"label": w.t("tile.version"), "big": model.version, "small": "", "about": about}
    return [audit, golden, rows, live]


def _rate_tile(key: str, rate: Rate | None, about: str, w: Wording) -> dict[str, str]:
    return {
        "label": w.t(f"tile.{key}"),
        "big": w.percent(rate.estimate) if rate else "\u2013",
        "small": f"({w.span(rate)}, {w.rows(rate.n)})" if rate else "",
        "about": about if rate else w.t(f"tile.{key}.none"),
    }


def _accuracy(model: Model, brand: Brand, w: Wording) -> dict[str, str] | None:
    if not any(point.audit or point.golden for point in model.points):
        return None
    points = " ".join(line for point in model.points[-6:] for line in _point_lines(point, w))
    return {
        "src": picture_of(charts.accuracy_over_time(model, brand, w)),
        "alt": w.t("alt.accuracy", points=points),
        "caption": w.t("chart.caption"),
    }


def _point_lines(point: Point, w: Wording) -> list[str]:
    rates = {"audit": point.audit, "golden": point.golden}
    return [
        w.t(f"alt.accuracy.{key}", day=w.day(point.day), rate=w.rate(rate))
        for key, rate in rates.items()
        if rate is not None
    ]


def _found(model: Model, density: Density, w: Wording) -> dict[str, Any] | None:
    findings = model.findings
    if findings is None:
        return None
    signals = w.t("signals.quiet", n=findings.signals_checked)
    if findings.signals_tripped:
        plain = [s.removesuffix("_psi") for s in findings.signals_tripped]
        names = ", ".join(w.known(f"signal.{signal}", signal) for signal in plain)
        tripped = len(findings.signals_tripped)
        signals = w.t("signals", n=findings.signals_checked, tripped=tripped, names=names)
    causes = [
        {
            "title": story.cause_title(cause, w),
            "since": story.cause_days(cause, w),
            "plain": story.found_cause_sentence(cause, model, findings, w),
            "evidence": cause.evidence,
        }
        for cause in findings.causes[: density.sentences]
    ]
    if not causes:
        sentence = story.cause_sentence("nothing", model, findings, w)
        causes = [{"title": w.t("cause.nothing"), "since": "", "plain": sentence, "evidence": ""}]
    excluded = [
        w.t("excluded", start=w.day(start), end=w.day(end)) for start, end in findings.excluded
    ]
    gain = findings.expected_gain
    return {
        "causes": causes,
        "faults": [story.fault_line(fault, w) for fault in findings.faults[: density.sentences]],
        "signals": signals if findings.signals_checked else "",
        "excluded": excluded[: density.sentences],
        "growth": w.t("growth", difference=w.difference(gain)) if gain else "",
    }


def _did(model: Model, density: Density, w: Wording) -> dict[str, Any]:
    approved = {(r.subject, r.kind): r for r in model.rulings}
    deployed = []
    for deployment in [d for d in model.deployments if d.this_month]:
        ruling = approved.get((deployment.version, "approve"))
        by, reason = (ruling.by, ruling.reason) if ruling else (deployment.by, deployment.reason)
        signed = w.t("deploy.by", by=by, reason=reason) if by and reason else ""
        deployed.append({"line": sections.deployment_line(deployment, w), "signed": signed})
    return {
        "deployed": deployed[-density.sentences :],
        "nothing": w.t("nothing_changed", version=model.version),
        "trials": [
            {
                "line": sections.trial_line(trial, w),
                "rows": sections.trial_rows(trial, w),
                # A candidate that stays out has its reasons under what was not done.
                "reasons": trial.reasons[: density.sentences] if trial.deployed else (),
            }
            for trial in model.trials[-density.sentences :]
        ],
    }


def _not_done(model: Model, density: Density, w: Wording) -> list[dict[str, Any]]:
    items = []
    for item in model.not_done[-density.sentences :]:
        what, why = sections.not_done_line(item, w)
        items.append({"what": what, "why": why, "reasons": item.reasons[: density.sentences]})
    return items


def _rulings(model: Model, density: Density, w: Wording) -> list[dict[str, str]]:
    """Decisions that are not told already beside the version that they let go live."""
    told = {("approve", d.version) for d in model.deployments if d.this_month}
    rest = [ruling for ruling in model.rulings if (ruling.kind, ruling.subject) not in told]
    return [
        {"line": sections.ruling_line(ruling, w), "reason": w.t("quoted", text=ruling.reason)}
        for ruling in rest[-3 * density.sentences :]
    ]


def _categories(model: Model, brand: Brand, density: Density, w: Wording) -> dict[str, Any] | None:
    categories = model.categories
    if categories is None or not categories.rows:
        return None
    charted = charted_rows(categories.rows, density.charted)
    rest = [row for row in categories.rows if row not in charted]
    alts = " ".join(
        w.t(
            "alt.category",
            name=row.name,
            rate=w.rate(row.after) if row.after else "\u2013",
            verdict=sections.category_verdict(row, categories, w) or w.t("cat.same"),
        )
        for row in charted
    )
    picture = {}
    if charted:
        picture = {
            "src": picture_of(category_chart(charted, categories, brand, w)),
            "alt": w.t("alt.categories", rows=alts),
        }
    left_out = max(0, len(rest) - density.annexed)
    return {
        "basis": sections.categories_basis(categories, w),
        "summary": sections.categories_summary(categories, w),
        "caption": w.t("chart.caption"),
        "picture": picture,
        "annex": _annex(rest[: density.annexed], categories.min_n, w),
        "annex_note": w.t("cat.annex", min_n=categories.min_n),
        "annex_more": w.t("cat.annex.more", n=w.number(left_out)) if left_out else "",
    }


def charted_rows(rows: Sequence[Category], most: int) -> list[Category]:
    """The rows worth a picture: all that moved, then the worst, the best, and thin ones if all fit."""
    if len(rows) <= most:
        return list(rows)
    moved = [row for row in rows if row.verdict in ("worse", "new", "better")][:most]
    level = [row for row in rows if row.verdict == "same"]
    room = most - len(moved)
    if len(level) > room:
        best = room // 3
        level = level[: room - best] + level[len(level) - best :]
    return moved + level


def _annex(rows: Sequence[Category], min_n: int, w: Wording) -> list[list[dict[str, str]]]:
    """The rows of a table of two columns, to be read downwards. (CSS columns cost a second.)"""
    cells = [_annex_cell(row, min_n, w) for row in rows]
    height = -(-len(cells) // ANNEX_COLUMNS)
    return [cells[i::height] for i in range(height)]


def _annex_cell(row: Category, min_n: int, w: Wording) -> dict[str, str]:
    rate = row.after or row.before
    shown = rate is not None and rate.n >= min_n
    figure = w.percent(rate.estimate, 0) if rate is not None and shown else "\u2013"
    return {
        "name": shorten(row.name, 40),
        "figure": figure,
        "n": w.rows(rate.n) if rate else w.rows(0),
        "mark": {"better": "▲", "worse": "▼"}.get(row.verdict, ""),
    }


def _data(model: Model, brand: Brand, density: Density, w: Wording) -> dict[str, Any]:
    steps = model.data.steps
    picture = None
    if len(steps) > 1 and density.charted:
        first, last = steps[0], steps[-1]
        picture = {
            "src": picture_of(charts.data_growth(steps, brand, w)),
            "alt": w.t(
                "alt.data",
                first=w.number(first.training_rows),
                last=w.number(last.training_rows),
                golden_first=w.number(first.golden_rows),
                golden_last=w.number(last.golden_rows),
            ),
        }
    return {"lines": sections.data_lines(model.data, w), "picture": picture}


def picture_of(svg: str) -> str:
    """The SVG as the address of an image: drawn only, whatever scripts or links it holds."""
    if not svg:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
