from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from agency.base import clock
from agency.base.exchange import ExportAdmin
from clients.exchange import StaffTimeExport
from clients.models import StaffTime


@admin.register(StaffTime)
class StaffTimeAdmin(ExportAdmin):
    """Where our minutes went. The review queue writes its own; everything else is entered here."""

    export_resource = StaffTimeExport
    list_display = ("model", "by", "kind", "minutes", "note", "at")
    list_filter = ("kind", "by", "model__client")
    search_fields = ("by", "note", "model__slug", "model__client__name")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    autocomplete_fields = ("model",)
    fields = ("model", "kind", "minutes", "note", "by", "at")
    readonly_fields = ("by", "at")
    date_hierarchy = "at"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.by, obj.at = request.user.get_username(), clock.now()
        super().save_model(request, obj, form, change)
