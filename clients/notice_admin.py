"""The staff's pages of what tells people about alerts: webhooks, subscriptions, notices."""

import secrets
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from agency.base import clock
from agency.base.admin import ModelAdmin, ReadOnlyAdmin, ReadOnlyInline, TextInput
from agency.base.errors import BadInput
from agency.base.outbound_admin import OutboundAdmin
from agency.base.webhook import check_address
from clients import notices
from clients.models import AlertSubscription, Notice, NoticeTransition, Webhook


class NoticeTransitionInline(ReadOnlyInline):
    model = NoticeTransition
    fields = ("from_state", "to_state", "by", "reason", "at")
    verbose_name_plural = "steps"


@admin.register(Notice)
class NoticeAdmin(OutboundAdmin):
    """An alert on its way to one address."""

    list_display = ("alert", "event", "email", "webhook", "state_shown", "created_at", "sent_at")
    list_filter = ("state", "event", "alert__model__client")
    search_fields = ("email", "alert__message", "alert__model__client__name")
    list_select_related = ("alert", "webhook")
    inlines = (NoticeTransitionInline,)

    def sent_again(self, job: Notice, *, by: str, reason: str) -> Notice | None:
        return notices.tell(notice_id=job.pk, by=by, reason=reason, again=True)


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
