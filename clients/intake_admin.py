"""The staff's pages of what else comes in and is kept: outcomes, labels that wait, days, quotas, privacy."""

from django import forms
from django.contrib import admin

from agency.base.admin import HistoryAdmin, ReadOnlyAdmin, display
from clients.models import (
    Erasure,
    IdempotentRequest,
    LogDay,
    Outcome,
    PendingFeedback,
    RedactionRule,
    Usage,
)


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = ("row_id", "model", "name", "value", "observed_at", "received_at")
    list_filter = ("model__client",)
    search_fields = ("row_id", "name")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    show_full_result_count = False


@admin.register(PendingFeedback)
class PendingFeedbackAdmin(ReadOnlyAdmin):
    list_display = ("row_id", "model", "received_at")
    list_filter = ("model__client",)
    search_fields = ("row_id",)
    list_select_related = ("model__client",)
    list_defer = ("content", "model__schema")


@admin.register(LogDay)
class LogDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "model", "changed_at", "labelled_at", "counted")
    list_filter = ("model__client",)
    search_fields = ("model__slug", "model__client__name")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    date_hierarchy = "day"

    @display(description="profile", label={"up to date": "success", "behind": "warning"})
    def counted(self, day: LogDay) -> tuple[str, str]:
        said = "up to date" if day.changes == day.profiled else "behind"
        return said, said


@admin.register(Usage)
class UsageAdmin(ReadOnlyAdmin):
    list_display = ("client", "kind", "starts_at", "used")
    list_filter = ("kind", "client")
    search_fields = ("client__name", "client__slug")
    list_select_related = ("client",)


@admin.register(IdempotentRequest)
class IdempotentRequestAdmin(ReadOnlyAdmin):
    list_display = ("key", "client", "address", "status", "started_at")
    list_filter = ("client",)
    search_fields = ("key", "address")
    list_select_related = ("client",)
    list_defer = ("answer",)


class RuleForm(forms.ModelForm):
    class Meta:
        model = RedactionRule
        fields = ("client", "kind", "value")
        help_texts = {
            "kind": "Rows that come from now on are masked before they are stored.",
            "value": "For a regular expression, or a field (input.NAME, context.NAME); else empty.",
        }


@admin.register(RedactionRule)
class RedactionRuleAdmin(HistoryAdmin):
    form = RuleForm
    list_display = ("client", "kind", "value")
    list_filter = ("kind", "client")
    search_fields = ("client__name", "client__slug", "value")
    list_select_related = ("client",)


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    list_display = ("client", "by", "at", "what")
    list_filter = ("client",)
    search_fields = ("client__name", "by", "subject_sha256")
    list_select_related = ("client",)

    @display(description="touched")
    def what(self, erasure: Erasure) -> str:
        counts = [f"{kind}: {found['n']}" for kind, found in erasure.touched.items()]
        return ", ".join(counts) or "nothing"
