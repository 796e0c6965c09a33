"""The monthly reports that went out: the list, the page, the PDF."""

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from agency.base.errors import DomainError
from agency.base.files import fetch
from reports.models import MonthlyReport
from reports.portal import queries
from reports.portal.access import Visit, portal_page, show
from reports.stored_page import POLICY

log = logging.getLogger(__name__)

# Only our own page may frame it.
FRAMED = f"{POLICY}; frame-ancestors 'self'"


@require_safe
@portal_page()
def reports(request: HttpRequest, visit: Visit) -> HttpResponse:
    w = visit.words
    months = [
        {
            "report": month.report,
            "name": w.month(f"{month.report.month:%Y-%m}"),
            "earlier": month.earlier,
        }
        for month in queries.months(visit.client)
    ]
    return show(request, visit, "reports.html", {"months": months}, section="reports")


@require_safe
@portal_page()
def report(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    found = queries.sent_report(visit.client, pk)
    newest = queries.sent_reports(visit.client).filter(month=found.month).first()
    context = {
        "report": found,
        "name": visit.words.month(f"{found.month:%Y-%m}"),
        "newest": newest if newest != found else None,
    }
    return show(request, visit, "report.html", context, section="reports")


@require_safe
@xframe_options_sameorigin
@portal_page()
def page(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """The stored page as it is, under a policy of its own."""
    found = queries.sent_report(visit.client, pk)
    response = HttpResponse(_stored(found, "html"), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = FRAMED
    return response


@require_safe
@portal_page()
def pdf(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    found = queries.sent_report(visit.client, pk)
    name = f"{visit.client.slug}-{found.month:%Y-%m}-r{found.revision}.pdf"
    response = HttpResponse(_stored(found, "pdf"), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _stored(report: MonthlyReport, kind: str) -> bytes:
    """The file's bytes, checked against their hash; 404 where the report has none."""
    digest = getattr(report, f"{kind}_sha256")
    if not digest:
        raise Http404
    try:
        return fetch(digest, suffix=f".{kind}")
    except DomainError as error:
        log.exception("%s cannot be shown", report)
        raise Http404 from error
