"""The staff's pages of what tells people about alerts: webhooks, subscriptions, notices."""

import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base import clock, outbound
from agency.base.admin import (
    ActionVariant,
    ModelAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    TextInput,
    ask,
    by_hand,
    display,
)
from agency.base.errors import BadInput, Conflict
from agency.base.webhook import check_address
from clients import notices
from clients.models import AlertSubscription, Notice, NoticeTransition, Webhook

STATE_LABELS = {
    "due": "info",
    "sending": "info",
    "sent": "success",
    "unknown": "danger",
    "failed": "danger",
}
OPEN_TO = {"it_arrived": {"unknown"}, "tell_again": {"unknown", "failed"}}


class NoticeTransitionInline(ReadOnlyInline):
    model = NoticeTransition
    fields = ("from_state", "to_state", "by", "reason", "at")
    verbose_name_plural = "steps"


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """An alert on its way to one address. What may have gone out waits here for a person's word."""

    list_display = ("alert", "event", "email", "webhook", "state_shown", "created_at", "sent_at")
    list_filter = ("state", "event", "alert__model__client")
    search_fields = ("email", "alert__message", "alert__model__client__name")
    list_select_related = ("alert", "webhook")
    inlines = (NoticeTransitionInline,)
    actions_detail = ("it_arrived", "tell_again")

    @display(description="state", ordering="state", label=STATE_LABELS)
    def state_shown(self, notice: Notice) -> tuple[str, str]:
        return notice.state, Notice.State(notice.state).label

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what the notice is open to now."""
        state = Notice.objects.filter(pk=object_id).values_list("state", flat=True).first()
        fits = {f"clients_notice_{name}" for name, states in OPEN_TO.items() if state in states}
        shown = super().get_actions_detail(request, object_id)
        return [each for each in shown if each.action_name in fits]

    @by_hand(description="It arrived", url_path="it-arrived", icon="mark_email_read")
    def it_arrived(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def perform(notice: Notice, reason: str) -> None:
            by = request.user.get_username()
            outbound.arrived(notice, by=by, at=clock.now(), reason=reason)

        return self._decide(request, object_id, perform, verb="It arrived")

    @by_hand(
        description="Tell again", url_path="tell-again", icon="send", variant=ActionVariant.WARNING
    )
    def tell_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def perform(notice: Notice, reason: str) -> None:
            by = request.user.get_username()
            told = notices.tell(notice_id=notice.pk, by=by, reason=reason, again=True)
            if told is None:
                raise Conflict(f"{notice} is on its way or has gone out")
            if told.state != Notice.State.SENT:
                raise Conflict(f"{notice} was not sent: {told.error}")

        return self._decide(request, object_id, perform, verb="Tell again", danger=True)

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        service: Callable[[Notice, str], None],
        *,
        verb: str,
        danger: bool = False,
    ) -> HttpResponse:
        notice = self.get_object(request, object_id)
        if notice is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

        def perform(answers: dict[str, Any]) -> str:
            service(notice, answers["reason"])
            return f"{verb}: {notice}."

        back = reverse("admin:clients_notice_change", args=[notice.pk])
        title = f"{verb}: {notice}"
        return ask(
            self, request, title=title, submit=verb, perform=perform, back=back, danger=danger
        )


@admin.register(NoticeTransition)
class NoticeTransitionAdmin(ReadOnlyAdmin):
    list_display = ("job", "from_state", "to_state", "by", "reason", "at")
    list_filter = ("to_state",)
    search_fields = ("job__email", "by", "reason")
    list_select_related = ("job__alert", "job__webhook")


class WebhookForm(forms.ModelForm):
    """Refuses an address that nothing would ever be sent to."""

    url = forms.URLField(max_length=500, assume_scheme="https", widget=TextInput)

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            check_address(url)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error
        return url


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    """Addresses that are told of alerts. What signs the calls is shown once, when it is made."""

    form = WebhookForm
    list_display = ("url", "form", "client", "active", "by", "created_at")
    list_filter = ("active", "form", "client")
    search_fields = ("url", "client__name", "by")
    list_select_related = ("client",)
    autocomplete_fields = ("client",)
    fields = ("client", "url", "form", "active", "by", "created_at")
    readonly_fields = ("by", "created_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look could sign in our name, if they saw what signs."""
        if self.has_change_permission(request, obj):
            return self.fields
        return [name for name in self.fields if name != "secret"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.by, obj.created_at = request.user.get_username(), clock.now()
            obj.secret = secrets.token_urlsafe(32)
            if obj.form == Webhook.Form.SIGNED:
                told = f"Calls are signed with {obj.secret}. It is shown this once: note it now."
                messages.warning(request, told)
        super().save_model(request, obj, form, change)


@admin.register(AlertSubscription)
class AlertSubscriptionAdmin(ModelAdmin):
    list_display = ("user", "client", "severity_from", "created_at")
    list_filter = ("severity_from", "client")
    search_fields = ("user__username", "user__email", "client__name")
    list_select_related = ("user", "client")
    autocomplete_fields = ("user", "client")
    readonly_fields = ("created_at",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = clock.now()
        super().save_model(request, obj, form, change)
