from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse

from agency.base import clock
from agency.base.admin import (
    HistoryAdmin,
    ReadOnlyInline,
    TabularInline,
    TextInput,
    action,
    ask,
    display,
)
from agency.base.errors import BadInput
from agency.cockpit import progress
from agency.cockpit.invitation import ask_whom
from clients.models import Client, Contact, Erasure, Membership, RedactionRule
from reports.admin import report_links
from reports.models import MonthlyReport
from retraining.admin.standing import standings


class ContactInline(TabularInline):
    model = Contact
    extra = 0
    tab = True


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    tab = True
    autocomplete_fields = ("user",)


class RedactionRuleInline(TabularInline):
    model = RedactionRule
    extra = 0
    tab = True
    verbose_name_plural = "masked before storing"


class ErasureInline(ReadOnlyInline):
    model = Erasure
    fields = ("at", "by", "touched")
    tab = True


class MonthForm(forms.Form):
    """Which month of the client's calendar."""

    month = forms.CharField(help_text="YYYY-MM", widget=TextInput(attrs={"placeholder": "2025-03"}))

    def clean_month(self) -> date:
        try:
            return clock.parse_month(self.cleaned_data["month"].strip())
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Client)
class ClientAdmin(HistoryAdmin):
    """A client: their models, how each does, and what they last read from us."""

    list_display = ("name", "domain", "models", "alerts", "last_report", "timezone", "language")
    list_filter = ("domain", "language", "maintained_models__tier")
    search_fields = ("name", "slug", "contacts__name", "contacts__email")
    fields = (
        *("name", "slug", "domain", "timezone", "language", "created_at"),
        *("requests_a_minute", "rows_a_day", "keep_rows_days"),
    )
    inlines = (ContactInline, MembershipInline, RedactionRuleInline, ErasureInline)
    overview_template = "admin/overview/client.html"
    actions_detail = ("publish_report", "invite_person", "see_portal")

    def get_urls(self) -> list[URLPattern]:
        return [*progress.urls(), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # The slug stands in commands, addresses and what clients have configured.
        return ("created_at",) if obj is None else ("created_at", "slug")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_invite_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("clients.add_membership")

    def has_make_report_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("reports.add_monthlyreport")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = clock.now()
        super().save_model(request, obj, form, change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        open_alerts = Q(maintained_models__alerts__closed_at__isnull=True)
        there = Q(maintained_models__alerts__isnull=False)
        return (
            super()
            .get_queryset(request)
            .annotate(
                model_count=Count("maintained_models", distinct=True),
                alert_count=Count(
                    "maintained_models__alerts", filter=open_alerts & there, distinct=True
                ),
                report_month=Max("reports__month"),
            )
        )

    @display(description="models", ordering="model_count")
    def models(self, client: Any) -> int:
        return int(client.model_count)

    @display(description="open alerts", ordering="alert_count")
    def alerts(self, client: Any) -> int:
        return int(client.alert_count)

    @display(description="last report", ordering="report_month")
    def last_report(self, client: Any) -> str:
        return "-" if client.report_month is None else f"{client.report_month:%B %Y}"

    def overview(self, request: HttpRequest, obj: Client) -> dict[str, Any]:
        models = obj.maintained_models.select_related("client", "tier").defer("schema")
        reports_of = MonthlyReport.objects.filter(client=obj).defer("facts")
        return {
            "standings": standings(list(models)),
            "reports": [(report, report_links(report)) for report in reports_of[:6]],
        }

    @action(
        description="Invite a person",
        url_path="invite-person",
        icon="person_add",
        permissions=["invite"],
    )
    def invite_person(self, request: HttpRequest, object_id: str) -> HttpResponse:
        client = self.get_object(request, object_id)
        if client is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return ask_whom(self, request, client)

    @action(description="As the client sees it", url_path="see-portal", icon="visibility")
    def see_portal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        client = self.get_object(request, object_id)
        if client is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return redirect("portal:home", client.slug)

    @action(
        description="Make a report",
        url_path="publish-report",
        icon="description",
        permissions=["make_report"],
    )
    def publish_report(self, request: HttpRequest, object_id: str) -> HttpResponse:
        client = self.get_object(request, object_id)
        if client is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

        def perform(answers: dict[str, Any]) -> str:
            # Not at the top: few pages need what reads the evidence and draws the charts.
            from reports import services as report_services

            report = report_services.publish(client=client, month=answers["month"], at=clock.now())
            return f"{report} is ready."

        return ask(
            self,
            request,
            title=f"Make a report for {client}",
            submit="Make the report",
            note="Facts are gathered and frozen. If they are those of the last revision, that one "
            "stands; otherwise a new dated revision is made.",
            perform=perform,
            form_class=MonthForm,
            back=reverse("admin:clients_client_change", args=[client.pk]),
        )
