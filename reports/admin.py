"""The staff's pages of monthly reports: facts and state to be read, the files to be opened."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from agency.base.admin import ReadOnlyAdmin, ReadOnlyInline, display
from agency.base.errors import DomainError
from agency.base.files import fetch
from reports import delivery_admin
from reports.models import MonthlyReport, ReportTransition

__all__ = ["MonthlyReportAdmin", "ReportTransitionAdmin", "delivery_admin", "report_links"]

TYPES = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}
# The page is a document: it runs no script, sends no form and loads nothing from anywhere. Browsers
# show no PDF in a sandbox; a PDF is no page of ours to attack from.
POLICIES = {
    "html": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:",
    "pdf": "frame-ancestors 'none'",
}


def report_links(report: MonthlyReport) -> str:
    """Links to the stored files of a report."""
    if report.state != MonthlyReport.State.RENDERED:
        return "not rendered yet"
    return format_html(
        '<a class="ws-link" href="{}" target="_blank">PDF</a> &nbsp; '
        '<a class="ws-link" href="{}" target="_blank">HTML</a>',
        *(reverse("admin:reports_monthlyreport_file", args=[report.pk, kind]) for kind in TYPES),
    )


class ReportTransitionInline(ReadOnlyInline):
    model = ReportTransition
    fields = ("from_state", "to_state", "by", "reason", "at")
    verbose_name_plural = "steps"


@admin.register(MonthlyReport)
class MonthlyReportAdmin(ReadOnlyAdmin):
    list_display = ("client", "month_shown", "revision", "state_shown", "provisional", "files")
    list_filter = ("state", "provisional", "client")
    search_fields = ("client__name", "client__slug", "facts_sha256")
    list_select_related = ("client",)
    list_defer = ("facts",)
    date_hierarchy = "month"
    inlines = (ReportTransitionInline,)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["files", *super().get_fields(request, obj)]

    @display(description="month", ordering="month")
    def month_shown(self, report: MonthlyReport) -> str:
        return f"{report.month:%B %Y}"

    @display(
        description="state",
        ordering="state",
        label={"rendered": "success", "frozen": "info", "failed": "danger"},
    )
    def state_shown(self, report: MonthlyReport) -> tuple[str, str]:
        return report.state, report.state

    @display(description="files")
    def files(self, report: MonthlyReport) -> str:
        return report_links(report)

    def get_urls(self) -> list[URLPattern]:
        file = self.admin_site.admin_view(self.file_view)
        name = "reports_monthlyreport_file"
        return [path("<int:pk>/file/<str:kind>/", file, name=name), *super().get_urls()]

    def file_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """The stored bytes of a report, checked against their hash; for staff only."""
        report = MonthlyReport.objects.select_related("client").filter(pk=pk).first()
        if not self.has_view_permission(request, report):
            raise PermissionDenied
        digest = getattr(report, f"{kind}_sha256", "") if kind in TYPES else ""
        if report is None or not digest:
            raise Http404
        try:
            content = fetch(digest, suffix=f".{kind}")
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("admin:reports_monthlyreport_change", pk)
        name = f"{report.client.slug}-{report.month:%Y-%m}-r{report.revision}.{kind}"
        return HttpResponse(
            content,
            content_type=TYPES[kind],
            headers={
                "Content-Disposition": f'inline; filename="{name}"',
                "Content-Security-Policy": POLICIES[kind],
                "X-Content-Type-Options": "nosniff",
            },
        )


@admin.register(ReportTransition)
class ReportTransitionAdmin(ReadOnlyAdmin):
    list_display = ("job", "from_state", "to_state", "by", "reason", "at")
    list_filter = ("to_state", "job__client")
    search_fields = ("job__client__name", "by", "reason")
    list_select_related = ("job__client",)
    list_defer = ("job__facts",)
    ordering = ("-pk",)
