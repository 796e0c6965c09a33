"""Freeze the facts of a month, render them, publish them. The same facts are never frozen twice."""

from dataclasses import replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from agency.base import files
from agency.base.clock import local_day, zone_of
from agency.base.errors import Conflict, Corrupt, DomainError
from agency.base.jobs import advance
from clients.models import Client
from reports import canonical
from reports.changes import changes
from reports.facts import Edition, Report, Source
from reports.model_page import DENSITIES
from reports.models import MonthlyReport
from reports.pages import to_html
from reports.pdf import Pdf, PdfError, to_pdf
from reports.provenance import said
from reports.queries import gather

MOST_PAGES = 5
"""For up to three models; each further one may take a page more."""
BY = "report"


class NotRendered(DomainError):
    """The report's facts are kept, but its pages could not be made."""

    code = "not_rendered"


def freeze(*, client: Client, month: date, at: datetime) -> MonthlyReport:
    """The facts of the client's month as known at ``at``, as a numbered revision.

    The last revision is returned where it says the same; otherwise a new one is made that says what
    changed. Raises ``BadInput`` for a month that has not begun, ``Conflict`` where somebody else
    froze the same month at the same moment.
    """
    first = month.replace(day=1)
    found = gather(client=client, month=first, at=at)
    last = client.reports.filter(month=first).order_by("-revision").first()
    before = _facts_or_none(last)
    if last is not None and before is not None:
        if canonical.sha256_of(said(before)) == canonical.sha256_of(said(found)):
            MonthlyReport.objects.filter(pk=last.pk).update(compared_at=at)
            return last
    edition = Edition(
        revision=last.revision + 1 if last else 1,
        dated=local_day(at, zone_of(client.timezone)).isoformat(),
        changes=changes(before, found) if before else (),
        source=Source("earlier_revision", f"report {last.pk if last and before else 0}"),
    )
    facts = replace(found, edition=edition)
    try:
        with transaction.atomic():
            return MonthlyReport.objects.create(
                client=client,
                month=first,
                revision=edition.revision,
                state=MonthlyReport.State.FROZEN,
                provisional=bool(facts.provisional),
                facts=canonical.plain(facts),
                facts_sha256=canonical.sha256_of(facts),
                created_at=at,
                compared_at=at,
            )
    except IntegrityError as error:
        raise Conflict(f"{client.slug} {first:%Y-%m} is being reported by somebody else") from error


def render(report: MonthlyReport) -> MonthlyReport:
    """HTML and PDF from the frozen facts alone; a report that has them already stays as it is.

    Raises ``Corrupt`` where the facts no longer match their hash, ``NotRendered`` where the pages
    cannot be made; the report is then failed and can be rendered again.
    """
    if report.state == MonthlyReport.State.RENDERED:
        return report
    facts = facts_of(report)
    try:
        html, pdf = _pages(facts)
    except PdfError as error:
        if report.state != MonthlyReport.State.FAILED:
            failed = MonthlyReport.State.FAILED
            advance(report, to=failed, by=BY, at=report.created_at, reason=str(error))
        raise NotRendered(f"{report}: {error}") from error
    digests = {
        "html_sha256": files.store(html.encode(), suffix=".html"),
        "pdf_sha256": files.store(pdf.content, suffix=".pdf"),
    }
    _finish(report, digests, reason=f"{pdf.pages} pages")
    return report


def _finish(report: MonthlyReport, digests: dict[str, str], *, reason: str) -> None:
    """A command and a worker may render at once: the bytes are the same, so either may finish."""
    for _ in range(2):
        try:
            rendered = MonthlyReport.State.RENDERED
            advance(report, to=rendered, by=BY, at=report.created_at, reason=reason, fields=digests)
            return
        except Conflict:
            report.refresh_from_db()
            if report.state == MonthlyReport.State.RENDERED:
                return
    raise Conflict(f"{report} is being rendered by somebody else")


def publish(*, client: Client, month: date, at: datetime) -> MonthlyReport:
    """Freeze and render: the month's report, as a new revision only where it says something new."""
    try:
        report = freeze(client=client, month=month, at=at)
    except Conflict:
        report = freeze(client=client, month=month, at=at)  # the other's says the same by now
    return render(report)


def facts_of(report: MonthlyReport) -> Report:
    """The report's facts, checked against their hash; ``Corrupt`` where they do not match."""
    try:
        facts = canonical.from_json(report.facts)
    except canonical.FactsError as error:
        raise Corrupt(f"the facts of {report} cannot be read: {error}") from error
    if canonical.sha256_of(facts) != report.facts_sha256:
        raise Corrupt(f"the facts of {report} no longer match their SHA-256")
    return facts


def _facts_or_none(report: MonthlyReport | None) -> Report | None:
    """The facts of an earlier revision; None where it is of a form that we no longer read."""
    if report is None:
        return None
    try:
        return canonical.from_json(report.facts)
    except canonical.FactsError:
        return None


def _pages(facts: Report) -> tuple[str, Pdf]:
    """As much as fits: the small print gives way first, and sooner with several models."""
    models = len(facts.models)
    most = MOST_PAGES + max(0, models - 3)
    for density in DENSITIES[min(models, 3) - 1 :]:
        html = to_html(facts, density=density)
        pdf = to_pdf(html)
        if pdf.pages <= most:
            break
    if pdf.pages == 1:
        html = to_html(facts, density=density, roomy=True)
        pdf = to_pdf(html)
    return html, pdf
