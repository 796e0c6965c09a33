"""The staff's page of alerts: who looks after one, and not before when it shows again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base import clock
from agency.base.admin import ReadOnlyAdmin, ReadOnlyInline, SelectWidget, ask, by_hand, display
from clients import notices
from clients.models import Alert, Notice


class SnoozeForm(forms.Form):
    """How long."""

    days = forms.TypedChoiceField(
        coerce=int,
        choices=[(1, "one day"), (3, "three days"), (7, "a week"), (30, "thirty days")],
        widget=SelectWidget,
        help_text="It stays open, and comes back to the first page after that.",
    )


class NoticeInline(ReadOnlyInline):
    model = Notice
    fields = ("event", "email", "webhook", "state", "sent_at")
    verbose_name_plural = "who was told"


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Something that somebody should know, open until it no longer holds."""

    list_display = (
        *("message", "severity_shown", "model", "opened_at", "acknowledged_by"),
        *("snoozed_until", "closed_at"),
    )
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "severity", "model__client")
    search_fields = ("message", "key", "model__slug", "model__client__name")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    date_hierarchy = "opened_at"
    inlines = (NoticeInline,)
    actions_detail = ("acknowledge", "snooze")

    @display(
        description="severity",
        ordering="severity",
        label={"watch": "info", "act": "warning", "fault": "danger"},
    )
    def severity_shown(self, alert: Alert) -> tuple[str, str]:
        return alert.severity, alert.get_severity_display()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """An alert that is over needs nobody."""
        alert = Alert.objects.filter(pk=object_id, closed_at__isnull=True).first()
        fits = set() if alert is None else {"clients_alert_snooze"}
        if alert is not None and not alert.acknowledged_by:
            fits.add("clients_alert_acknowledge")
        shown = super().get_actions_detail(request, object_id)
        return [each for each in shown if each.action_name in fits]

    @by_hand(description="Acknowledge", icon="check")
    def acknowledge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def service(alert: Alert, answers: dict[str, Any]) -> str:
            by = request.user.get_username()
            notices.acknowledge(alert=alert, by=by, at=clock.now())
            return "You look after this alert now."

        note = (
            "Your name stands beside it from now on. It closes by itself when it no longer holds."
        )
        return self._decide(request, object_id, service, "Acknowledge", forms.Form, note)

    @by_hand(description="Snooze", icon="snooze")
    def snooze(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def service(alert: Alert, answers: dict[str, Any]) -> str:
            by, at = request.user.get_username(), clock.now()
            until = at + timedelta(days=answers["days"])
            notices.snooze(alert=alert, until=until, by=by, at=at)
            return f"It comes back on {until:%Y-%m-%d}."

        return self._decide(request, object_id, service, "Snooze", SnoozeForm, "")

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        service: Callable[[Alert, dict[str, Any]], str],
        verb: str,
        form: type[forms.Form],
        note: str,
    ) -> HttpResponse:
        alert = self.get_object(request, object_id)
        if alert is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return ask(
            self,
            request,
            title=f"{verb}: {alert}",
            submit=verb,
            note=note,
            perform=lambda answers: service(alert, answers),
            form_class=form,
            back=reverse("admin:clients_alert_change", args=[alert.pk]),
        )
