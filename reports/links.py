"""The link in a report's mail: whoever holds it reads that one revision, as a page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from agency.base import clock, files
from agency.base.errors import DomainError
from reports import sending
from reports.stored_page import POLICY


@require_GET
def mailed(request: HttpRequest, token: str) -> HttpResponse:
    """The report's own HTML, which runs nothing and loads nothing; kept by no cache, found by no search."""
    try:
        report = sending.opened(token=token, at=clock.now())
        content = files.fetch(report.html_sha256, suffix=".html")
    except DomainError as error:
        raise Http404 from error
    return HttpResponse(
        content,
        headers={
            "Content-Security-Policy": POLICY,
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        },
    )


urlpatterns = [path("r/<str:token>/", mailed, name="mailed-report")]
