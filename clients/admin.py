"""The staff's pages of what clients gave us; a client's own page stands in agency/cockpit."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from rest_framework_api_key.models import APIKey

from agency.base.admin import HistoryAdmin, ModelAdmin, ReadOnlyAdmin, display
from agency.base.exchange import ExportAdmin, ImportAdmin
from clients import alert_admin, intake_admin, notice_admin, staff_time_admin
from clients.api_key_admin import ApiKeyAdmin
from clients.exchange import (
    DatasetRowExport,
    KnownEventExport,
    KnownEventImporter,
    LogExport,
)
from clients.models import (
    AgencySettings,
    Contact,
    Dataset,
    DatasetRow,
    DatasetVersion,
    KnownEvent,
    Membership,
    PredictionLog,
    Tier,
    UploadBatch,
)
from clients.quarantine_admin import QuarantinedRowAdmin

__all__ = [
    "ApiKeyAdmin",
    "QuarantinedRowAdmin",
    "alert_admin",
    "intake_admin",
    "notice_admin",
    "staff_time_admin",
]

# The key without a client, which the package brings: nothing of ours accepts it.
admin.site.unregister(APIKey)


@admin.register(AgencySettings)
class AgencySettingsAdmin(HistoryAdmin):
    """The agency itself, one row."""

    list_display = ("name", "sender", "primary_colour", "accent_colour")
    search_fields = ("name", "sender")

    def has_add_permission(self, request: HttpRequest) -> bool:
        if not super().has_add_permission(request):
            return False
        # Every page of the admin asks several times who may add what.
        if "has_agency" not in request.META:
            request.META["has_agency"] = AgencySettings.objects.exists()
        return not request.META["has_agency"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(Tier)
class TierAdmin(HistoryAdmin):
    list_display = (
        *("name", "price", "check_every_days", "retrain_every_days"),
        *("new_category_support", "ab_testing", "staff_minutes_budget"),
    )
    list_filter = ("new_category_support", "ab_testing")
    search_fields = ("name", "slug")

    @display(description="US dollars a month", ordering="price_low")
    def price(self, tier: Tier) -> str:
        return f"{tier.price_low} to {tier.price_high}"


@admin.register(Contact)
class ContactAdmin(ModelAdmin):
    list_display = ("name", "email", "client", "receives_reports")
    list_filter = ("receives_reports", "client")
    search_fields = ("name", "email", "client__name")
    list_select_related = ("client",)
    autocomplete_fields = ("client",)


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    list_display = ("user", "client", "role")
    list_filter = ("role", "client")
    search_fields = ("user__username", "user__email", "client__name")
    list_select_related = ("user", "client")
    autocomplete_fields = ("user", "client")


@admin.register(KnownEvent)
class KnownEventAdmin(ImportAdmin, HistoryAdmin):
    export_resource = KnownEventExport
    importer = KnownEventImporter
    import_note = "Rows with an id change that event, rows without one are new."
    list_display = ("title", "kind", "client", "model", "starts_at", "ends_at", "declared_by")
    list_filter = ("kind", "client")
    search_fields = ("title", "client__name", "model__slug", "declared_by")
    list_select_related = ("client", "model__client")
    list_defer = ("model__schema",)
    autocomplete_fields = ("client", "model")
    readonly_fields = ("declared_by",)
    date_hierarchy = "starts_at"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.declared_by = request.user.get_username()
        super().save_model(request, obj, form, change)


@admin.register(UploadBatch)
class UploadBatchAdmin(ReadOnlyAdmin):
    list_display = (
        *("name", "kind", "model", "received_at", "accepted", "duplicates", "labels"),
        *("pending", "rejected"),
    )
    list_filter = ("kind", "model__client")
    search_fields = ("name", "sha256", "model__slug", "model__client__name")
    list_select_related = ("model__client",)
    list_defer = ("model__schema", "ignored_keys")
    date_hierarchy = "received_at"


@admin.register(PredictionLog)
class PredictionLogAdmin(ExportAdmin, ReadOnlyAdmin):
    export_resource = LogExport
    list_display = (
        *("row_id", "model", "at", "model_version", "prediction", "confidence_shown"),
        *("label", "source", "thumbs"),
    )
    list_filter = ("answered", "label_source", "thumbs", "model__client")
    search_fields = ("row_id", "prediction", "label")
    list_select_related = ("model__client",)
    list_defer = ("input", "context", "signals", "model__schema")
    # Both would count or scan every row that ever came in.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    @display(description="time", ordering="timestamp")
    def at(self, log: PredictionLog) -> str:
        return f"{log.timestamp:%Y-%m-%d %H:%M}"

    @display(description="label source", ordering="label_source")
    def source(self, log: PredictionLog) -> str:
        return log.label_source or "-"

    @display(description="confidence", ordering="confidence")
    def confidence_shown(self, log: PredictionLog) -> str:
        return "-" if log.confidence is None else f"{log.confidence:.2f}"


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ("model", "kind", "rows")
    list_filter = ("kind", "model__client")
    search_fields = ("model__slug", "model__client__name")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)

    @display(description="rows")
    def rows(self, dataset: Dataset) -> str:
        address = reverse("admin:clients_datasetrow_changelist")
        return format_html(
            '<a class="ws-link" href="{}?dataset__id__exact={}">browse</a>', address, dataset.pk
        )


@admin.register(DatasetVersion)
class DatasetVersionAdmin(ReadOnlyAdmin):
    list_display = (
        *("dataset", "number", "rows", "added", "removed", "short_hash", "by", "created_at"),
    )
    list_filter = ("dataset__kind", "dataset__model__client")
    search_fields = ("sha256", "reason", "by", "dataset__model__slug")
    list_select_related = ("dataset__model__client",)
    list_defer = ("dataset__model__schema",)
    date_hierarchy = "created_at"

    @display(description="SHA-256", ordering="sha256")
    def short_hash(self, version: DatasetVersion) -> str:
        return version.sha256[:12]


@admin.register(DatasetRow)
class DatasetRowAdmin(ExportAdmin, ReadOnlyAdmin):
    export_resource = DatasetRowExport
    list_display = ("row_id", "dataset", "label", "source", "added_in", "removed_in", "added_by")
    list_filter = ("dataset__kind", "source", "dataset__model__client")
    search_fields = ("row_id", "label", "log_row_id")
    list_select_related = ("dataset__model__client",)
    list_defer = ("input", "dataset__model__schema")
    # The salt is what makes an erased row's digest unguessable.
    hidden = ("salt",)
    show_full_result_count = False
