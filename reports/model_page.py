"""One model's part of the page: its sentences, figures and pictures, ready for the template."""

import base64
from dataclasses import dataclass
from typing import Any

from reports import charts
from reports.category_part import categories_part
from reports.facts import Brand, Event, Model, NotDone, Point, Report, Trial
from reports.headline import headline
from reports.wording import Wording, sections, story
from reports.wording.care import care_lines

OF_THE_GATE = "The gate says "
"""How a reason begins that nobody wrote: the service approved in a named person's name."""


@dataclass(frozen=True)
class Density:
    """How much room a model may take, so that a report has two to five pages whatever is in it."""

    listed: int
    """Categories in the table, and in the annex."""
    annexed: int
    sentences: int
    """Causes, faults, comparisons and rulings, each."""
    small: bool = False
    """Small letters, and what another section says too is left out."""


DENSITIES = (
    Density(listed=14, annexed=330, sentences=8),
    Density(listed=9, annexed=72, sentences=4, small=True),
    Density(listed=6, annexed=0, sentences=2, small=True),
    Density(listed=3, annexed=0, sentences=1, small=True),
)


def model_page(model: Model, report: Report, density: Density, w: Wording) -> dict[str, Any]:
    """All that the template shows of ``model``."""
    return {
        "name": model.name,
        "heading": w.t("h.month", month=w.month(report.month)),
        "sentences": story.three_sentences(model, w),
        "headline": _headline(model, report.brand, w),
        "tiles": _tiles(model, w),
        "asks": sections.asks(model, w),
        "asks_none": w.t("ask.nothing"),
        "accuracy": _accuracy(model, report.brand, w, small=density.small),
        "found": _found(model, density, w),
        "did": _did(model, density, w),
        "not_done": _not_done(model, density, w),
        "rulings": _rulings(model, density, w),
        "categories": categories_part(
            model.categories, report.brand, most=density.listed, annexed=density.annexed, w=w
        ),
        "data": _data(model, report.brand, density, w),
        "service": sections.service_lines(model.service, model, w) + care_lines(model.care, w),
        "checks": []
        if density.small
        else [
            (w.day(check.day, year=False), w.known(f"outcome.{check.outcome}", check.outcome))
            for check in model.service.checks
        ],
        "events": []
        if density.small
        else [sections.event_line(event, w) for event in this_month(model.events, report.month)],
        "next": [sections.next_line(item, w) for item in model.next],
    }


def this_month(events: tuple[Event, ...], month: str) -> list[Event]:
    """The events of which some part falls into ``month`` (``YYYY-MM``)."""
    return [event for event in events if event.starts[:7] <= month <= event.ends[:7]]


def _headline(model: Model, brand: Brand, w: Wording) -> dict[str, str]:
    shown = headline(model, brand, w)
    return {**shown, "src": picture_of(shown.pop("svg"))}


def _tiles(model: Model, w: Wording) -> list[dict[str, str]]:
    """Three figures beside the one: the reference rows, the traffic, and what answers it."""
    measured = model.measured or model.version
    scored = model.version if model.after_golden else measured
    golden = model.after_golden or model.golden
    about = w.t("tile.golden.about", version=scored, set=model.golden_version)
    if model.after_golden and model.golden:
        before = w.t("tile.golden.before", version=measured, rate=w.rate(model.golden))
        about = f"{about} {before}"
    reference = {
        "label": w.t("tile.golden"),
        "big": w.percent(golden.estimate) if golden else "\u2013",
        "small": f"{w.span(golden)}, {w.rows(golden.n)}" if golden else "",
        "about": about if golden else w.t("tile.golden.none"),
    }
    service = model.service
    labels = service.reviewed + service.corrected + service.targeted
    rows = {
        "label": w.t("tile.rows", task=w.t(f"Task.{model.task}")),
        "big": w.number(service.rows),
        "about": w.t("tile.rows.about", labels=w.number(labels)),
    }
    deployed = story.last_deployment(model)
    about = w.t("tile.version.same")
    if deployed is not None:
        values = {"day": w.day(deployed.day), "before": deployed.replaced}
        about = w.t("tile.version.new" if deployed.replaced else "tile.version.first", **values)
    live = {"label": w.t("tile.version"), "big": model.version, "about": about}
    return [reference, rows, live]


def _accuracy(model: Model, brand: Brand, w: Wording, *, small: bool) -> dict[str, str] | None:
    if not any(point.audit or point.golden for point in model.points):
        return None
    points = " ".join(line for point in model.points[-6:] for line in _point_lines(point, w))
    events = [
        f"{letter}: {sections.event_line(event, w)}." for letter, event in charts.year_events(model)
    ]
    return {
        "src": picture_of(charts.accuracy_over_time(model, brand, w, low=small)),
        "narrow": picture_of(charts.accuracy_over_time(model, brand, w, width=charts.NARROW)),
        "alt": w.t("alt.accuracy", points=" ".join([points, *events])),
        "caption": " ".join([w.t("chart.caption"), *events]),
    }


def _point_lines(point: Point, w: Wording) -> list[str]:
    rates = {"audit": point.audit, "golden": point.golden}
    return [
        w.t(f"alt.accuracy.{key}", day=w.day(point.day), rate=w.rate(rate))
        for key, rate in rates.items()
        if rate is not None
    ]


def own_words(w: Wording) -> bool:
    """May the checks' own words be quoted? They are English; a report speaks one language."""
    return w.language == "en"


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
            "evidence": cause.evidence if own_words(w) and density.sentences > 1 else "",
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
        if signed and reason.startswith(OF_THE_GATE) and not own_words(w):
            signed = w.t("deploy.by_rule", by=by)
        deployed.append({"line": sections.deployment_line(deployment, w), "signed": signed})
    return {
        "deployed": deployed[-density.sentences :],
        "nothing": w.t("nothing_changed", version=model.version),
        "trials": [
            {
                "line": sections.trial_line(trial, w),
                "rows": _trial_rows(trial, density, w),
                # A candidate that stays out has its reasons under what was not done.
                "reasons": (
                    trial.reasons[: density.sentences] if trial.deployed and own_words(w) else ()
                ),
            }
            for trial in model.trials[-density.sentences :]
        ],
    }


def _trial_rows(trial: Trial, density: Density, w: Wording) -> list[tuple[str, str]]:
    """All figures of a comparison; where room is short, both scores and the difference; or that."""
    rows = sections.trial_rows(trial, w)
    if not density.small:
        return rows
    return rows[2:3] if density.sentences == 1 and len(rows) > 2 else rows[:3]


def _not_done(model: Model, density: Density, w: Wording) -> list[dict[str, Any]]:
    """What was left alone, and why; checks that ended alike are told together."""
    alike: dict[tuple[object, ...], list[NotDone]] = {}
    for item in model.not_done:
        alike.setdefault((item.outcome, item.cause, item.verdict, item.reasons), []).append(item)
    items = []
    for same in list(alike.values())[-density.sentences :]:
        what, why = sections.not_done_line(same[-1], w, days=[item.day for item in same])
        reasons = same[-1].reasons[: density.sentences] if own_words(w) else ()
        items.append({"what": what, "why": why, "reasons": reasons})
    return items


def _rulings(model: Model, density: Density, w: Wording) -> list[dict[str, str]]:
    """Decisions that are not told already beside the version that they let go live."""
    told = {("approve", d.version) for d in model.deployments if d.this_month}
    rest = [ruling for ruling in model.rulings if (ruling.kind, ruling.subject) not in told]
    return [
        {"line": sections.ruling_line(ruling, w), "reason": w.t("quoted", text=ruling.reason)}
        for ruling in rest[-3 * density.sentences :]
    ]


def _data(model: Model, brand: Brand, density: Density, w: Wording) -> dict[str, Any]:
    steps = model.data.steps
    picture = None
    if len({(step.training_rows, step.golden_rows) for step in steps}) > 1 and not density.small:
        first, last = steps[0], steps[-1]
        picture = {
            "src": picture_of(charts.data_growth(steps, brand, w)),
            "narrow": picture_of(charts.data_growth(steps, brand, w, width=charts.NARROW)),
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
