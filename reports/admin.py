"""The staff's pages of monthly reports: facts and state to be read, the files to be opened."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from agency.base import clock
from agency.base.admin import ActionVariant, ReadOnlyAdmin, ReadOnlyInline, ask, by_hand, display
from agency.base.errors import DomainError
from agency.base.files import fetch
from reports import delivery_admin, sending
from reports.models import Delivery, MonthlyReport, ReportTransition
from reports.stored_page import POLICY

__all__ = ["MonthlyReportAdmin", "ReportTransitionAdmin", "delivery_admin", "report_links"]

TYPES = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}
# The page is a document: it runs no script, sends no form and loads nothing from anywhere. Browsers
# show no PDF in a sandbox; a PDF is no page of ours to attack from.
POLICIES = {
    "html": POLICY,
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


class DeliveryInline(ReadOnlyInline):
    model = Delivery
    fields = ("name", "email", "state", "sent_at", "opened_at")


class ToReadFilter(admin.SimpleListFilter):
    """Those that wait for a reader of ours."""

    title = "reading"
    parameter_name = "reading"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waits", "waits to be read")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[MonthlyReport]
    ) -> QuerySet[MonthlyReport]:
        if self.value() == "waits":
            return queryset.filter(pk__in=sending.to_read().order_by().values("pk"))
        return queryset


@admin.register(MonthlyReport)
class MonthlyReportAdmin(ReadOnlyAdmin):
    list_display = (
        *("client", "month_shown", "revision", "state_shown", "provisional", "read_shown"),
        "files",
    )
    list_filter = (ToReadFilter, "state", "provisional", "client")
    search_fields = ("client__name", "client__slug", "facts_sha256")
    list_select_related = ("client",)
    list_defer = ("facts",)
    date_hierarchy = "month"
    inlines = (DeliveryInline, ReportTransitionInline)
    actions_detail = ("read_and_send", "send_to_new")

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("reports.send_monthlyreport")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """A report is sent once it was read; later contacts get it when somebody says so."""
        unread = sending.to_read().filter(pk=object_id).exists()
        read = MonthlyReport.objects.filter(pk=object_id).exclude(read_by="").exists()
        fits = {"reports_monthlyreport_read_and_send"} if unread else set()
        fits |= {"reports_monthlyreport_send_to_new"} if read else set()
        shown = super().get_actions_detail(request, object_id)
        return [each for each in shown if each.action_name in fits]

    @by_hand(
        description="Read: send it",
        url_path="read-and-send",
        icon="send",
        variant=ActionVariant.SUCCESS,
    )
    def read_and_send(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._send(
            request,
            object_id,
            verb="Send",
            note="You have read the report. It goes out by mail to the contacts below, and from now on "
            "it stands in the client's portal.",
        )

    @by_hand(description="Send to new contacts", url_path="send-to-new", icon="forward_to_inbox")
    def send_to_new(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._send(
            request,
            object_id,
            verb="Send to new contacts",
            note="It goes out to those below who have not been sent it.",
        )

    def _send(self, request: HttpRequest, object_id: str, *, verb: str, note: str) -> HttpResponse:
        report = self.get_object(request, object_id)
        if report is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        people = report.client.contacts.filter(receives_reports=True)

        def perform(answers: dict[str, Any]) -> str:
            if report.read_by:
                sent = sending.send_to_new(report=report, at=clock.now())
            else:
                by = request.user.get_username()
                sent = sending.mark_read(report=report, by=by, at=clock.now())
            return f"{report} goes out to {len(sent)} of the client's contacts."

        names = ", ".join(str(person) for person in people) or "nobody: no contact receives reports"
        return ask(
            self,
            request,
            title=f"{verb}: {report}",
            submit=verb,
            note=f"{note} Contacts: {names}.",
            perform=perform,
            form_class=forms.Form,
            back=reverse("admin:reports_monthlyreport_change", args=[report.pk]),
        )

    @display(description="read by", ordering="read_by")
    def read_shown(self, report: MonthlyReport) -> str:
        return report.read_by or "not yet"

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
