"""A client whose portal has something on every page, and the people who may and may not look."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from agency.base import clock
from agency.base.files import store
from clients import models as c
from reports import models as p
from reports.services import freeze
from tests import factories as make
from tests.reports.report_world import deployed

READ_AT = datetime(2025, 4, 3, tzinfo=UTC)
MARCH = date(2025, 3, 1)


@dataclass
class World:
    """A client with one model that was retrained in March, a report that went out, an alert."""

    client: c.Client
    model: c.MaintainedModel
    report: p.MonthlyReport
    unread: p.MonthlyReport
    event: c.KnownEvent
    row: c.PredictionLog
    alert: c.Alert


def make_portal_world(slug="harbour", *, language="en", announced_by="mia"):
    """Everything of one client. ``unread`` is a revision that no person of ours has read."""
    client = make.ClientFactory(
        slug=slug, name=f"{slug.title()} Bank", timezone="Europe/Berlin", language=language
    )
    model = make.MaintainedModelFactory(
        client=client, slug=f"intents-{slug}", name=f"Intents of {slug}"
    )
    version = make.ModelVersionFactory(model=model, number=0)
    golden = make.DatasetVersionFactory(
        dataset=make.DatasetFactory(model=model, kind="golden"), number=1
    )
    make.RolloutFactory(version=version)
    rows = [
        make.PredictionLogFactory(
            model=model,
            row_id=f"{slug}-{n}",
            timestamp=make.MARCH + timedelta(days=n),
            input={"text": f"where is my parcel, {slug}?"},
        )
        for n in range(3)
    ]
    deployed(model, version, golden)
    report = sent(freeze(client=client, month=MARCH, at=READ_AT), slug)
    unread = p.MonthlyReport.objects.get(pk=report.pk)
    unread.pk, unread.revision, unread.read_by, unread.read_at = None, 2, "", None
    unread.save(force_insert=True)
    coming = clock.now() + timedelta(days=30)
    event = c.KnownEvent.objects.create(
        client=client,
        kind="campaign",
        title=f"Sale of {slug}",
        starts_at=coming,
        ends_at=coming + timedelta(days=2),
        declared_by=announced_by,
    )
    alert = make.AlertFactory(model=model, key=f"cause:new_category:refund_{slug}")
    return World(client, model, report, unread, event, rows[-1], alert)


def sent(report, slug):
    """As rendering and a reader of ours leave it."""
    p.MonthlyReport.objects.filter(pk=report.pk).update(
        state="rendered",
        html_sha256=store(
            f'<!doctype html><html lang="en"><title>{slug}</title><h1>{slug}</h1>'.encode(),
            suffix=".html",
        ),
        pdf_sha256=store(f"%PDF-1.7 of {slug}".encode(), suffix=".pdf"),
        read_by="anna",
        read_at=READ_AT,
    )
    report.refresh_from_db()
    return report
