"""The staff's pages of what tells people about alerts: webhooks, subscriptions, notices."""

import secrets
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from agency.base import clock
from agency.base.admin import ModelAdmin, ReadOnlyAdmin, ReadOnlyInline
from clients.models import AlertSubscription, Notice, NoticeTransition, Webhook


class NoticeTransitionInline(ReadOnlyInline):
    model = NoticeTransition
    fields = ("from_state", "to_state", "by", "reason", "at")
    verbose_name_plural = "steps"


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("alert", "event", "email", "webhook", "state", "created_at", "sent_at")
    list_filter = ("state", "event", "alert__model__client")
    search_fields = ("email", "alert__message", "alert__model__client__name")
    list_select_related = ("alert", "webhook")
    inlines = (NoticeTransitionInline,)


@admin.register(NoticeTransition)
class NoticeTransitionAdmin(ReadOnlyAdmin):
    list_display = ("job", "from_state", "to_state", "by", "reason", "at")
    list_filter = ("to_state",)
    search_fields = ("job__email", "by", "reason")
    list_select_related = ("job__alert", "job__webhook")


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    list_display = ("url", "form", "client", "active", "by", "created_at")
    list_filter = ("active", "form", "client")
    search_fields = ("url", "client__name", "by")
    list_select_related = ("client",)
    autocomplete_fields = ("client",)
    fields = ("client", "url", "form", "active", "secret", "by", "created_at")
    readonly_fields = ("secret", "by", "created_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look could sign in our name, if they saw what signs."""
        if self.has_change_permission(request, obj):
            return self.fields
        return [name for name in self.fields if name != "secret"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.by, obj.created_at = request.user.get_username(), clock.now()
            obj.secret = secrets.token_urlsafe(32)
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
