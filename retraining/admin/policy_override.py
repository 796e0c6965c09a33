from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from agency.base.admin import HistoryAdmin, TextInput
from retraining.models import PolicyOverride
from retraining.policy import Policy


@admin.register(PolicyOverride)
class PolicyOverrideAdmin(HistoryAdmin):
    """One threshold of one model; the default stands beside it."""

    list_display = ("model", "name", "value", "default", "reason", "by")
    list_filter = ("name", "model__client")
    search_fields = ("name", "reason", "model__slug", "model__client__name")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    autocomplete_fields = ("model",)
    fields = ("model", "name", "value", "reason", "by")
    readonly_fields = ("by",)

    @admin.display(description="default of the policy")
    def default(self, override: PolicyOverride) -> Any:
        return getattr(Policy(), override.name, None)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "value":
            return forms.JSONField(help_text="A number, e.g. 0.05.", widget=TextInput())
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.by = request.user.get_username()
        super().save_model(request, obj, form, change)
