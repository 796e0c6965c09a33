"""Gathers the facts of a client and a local calendar month from rows."""

from datetime import date, datetime

from agency.base.clock import local_day, zone_of
from agency.base.errors import BadInput
from clients.models import AgencySettings, Client, MaintainedModel
from reports import facts as f
from reports.colours import checked
from reports.gathering import care, categories, data, found, record, time_line
from reports.gathering.figures import rate, rate_of, scored
from reports.gathering.month import ModelMonth
from reports.text import clean, name
from retraining.models import Cycle

FORMAT = 2
"""2: every figure names its source. Facts of 1 are read as they are."""
LOGO_LIMIT = 200_000
"""Characters of an SVG logo; a larger one is left out rather than printed slowly."""


def gather(*, client: Client, month: date, at: datetime) -> f.Report:
    """The facts of ``client``'s ``month`` (any day in it), as known at ``at``; not numbered yet.

    Raises ``BadInput`` for a month that has not begun and for a client without models.
    """
    first = month.replace(day=1)
    zone = zone_of(client.timezone)
    if first > local_day(at, zone):
        raise BadInput(f"the month {first:%Y-%m} has not begun for {client.slug}")
    models = list(
        MaintainedModel.objects.filter(client=client)
        .select_related("client", "tier")
        .order_by("name", "slug")
    )
    if not models:
        raise BadInput(f"the client {client.slug!r} has no model to report on")
    months = [ModelMonth(model=model, first=first, at=at) for model in models]
    if all(model.created_at >= months[0].window[1] for model in models):
        raise BadInput(f"nothing of {client.slug} was maintained yet in {first:%Y-%m}")
    reasons = set().union(*(record.provisional(each) for each in months))
    return f.Report(
        format=FORMAT,
        brand=_brand(),
        client=f.Reader(
            slug=client.slug,
            name=name(client.name),
            domain=client.domain,
            language=client.language,
            timezone=client.timezone,
            paper=client.paper,
        ),
        month=f"{first:%Y-%m}",
        provisional=tuple(sorted(reasons)),
        edition=f.Edition(revision=0, dated="", changes=()),
        models=tuple(_model(each) for each in months if each.model.created_at < each.window[1]),
    )


def _brand() -> f.Brand:
    settings = AgencySettings.current()
    logo = "".join(c for c in settings.logo_svg.strip() if c.isprintable() or c in "\n\t")
    return f.Brand(
        name=name(settings.name),
        logo_svg=logo if logo.startswith("<") and len(logo) <= LOGO_LIMIT else "",
        primary=checked(settings.primary_colour, otherwise="#1f4e79"),
        accent=checked(settings.accent_colour, otherwise="#c8102e"),
        footer=clean(settings.footer, limit=120),
    )


def _model(month: ModelMonth) -> f.Model:
    points = time_line.points(month)
    golden, golden_version = _golden(month, points)
    live = [cycle for cycle in month.cycles if cycle.state == "live"]
    return f.Model(
        slug=month.model.slug,
        name=name(month.model.name),
        task=month.model.task,
        version=month.rollouts[-1].version.name if month.rollouts else "\u2013",
        measured=month.cycles[-1].incumbent.name if month.cycles else "",
        golden=golden,
        golden_version=golden_version,
        audit=_audit(month, month.cycles),
        audit_before=_audit(month, month.before),
        after_golden=(rate_of(month.golden_run(live[-1], live[-1].candidate_id)) if live else None),
        points=points,
        deployments=time_line.deployments(month),
        findings=found.findings(month),
        trials=found.trials(month),
        rulings=found.rulings(month),
        not_done=found.not_done(month),
        categories=categories.categories(month),
        data=data.data(month),
        service=record.service(month),
        events=record.events(month),
        next=record.coming(month),
        care=care.care(month),
        source=golden.source if golden else None,
    )


def _audit(month: ModelMonth, cycles: list[Cycle]) -> f.Rate | None:
    """The last that was measured: its evidence is the trailing month, however often we looked."""
    for cycle in reversed(cycles):
        section = (cycle.monitor or {}).get("audit")
        if section:
            return rate(section, scored(month.monitored(cycle, "audit")))
    return None


def _golden(month: ModelMonth, points: tuple[f.Point, ...]) -> tuple[f.Rate | None, int | None]:
    """The reference score of the month's last check; in a month without one, of the last before."""
    for cycle in reversed(month.cycles):
        section = (cycle.monitor or {}).get("golden")
        if section:
            run = month.monitored(cycle, "golden")
            return rate(section, scored(run)), section.get("version")
    measured = [point for point in points if point.golden]
    return (measured[-1].golden, measured[-1].golden_version) if measured else (None, None)
