from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from agency.base.admin import HistoryAdmin
from clients.models import DatasetRow
from retraining.models import MustPass


class MustPassForm(forms.ModelForm):
    """Refuses a row that is in no golden set of the model: it could never be checked."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        model, row_id = given.get("model"), given.get("row_id")
        golden = DatasetRow.objects.filter(
            dataset__model=model, dataset__kind="golden", removed_in__isnull=True, row_id=row_id
        )
        if model is not None and not golden.exists():
            self.add_error("row_id", f"{model} has no golden row {row_id!r}.")
        return given


@admin.register(MustPass)
class MustPassAdmin(HistoryAdmin):
    """Golden rows with zero tolerance: a candidate that gets one wrong is rejected."""

    form = MustPassForm
    list_display = ("model", "row_id", "reason", "by")
    list_filter = ("model__client",)
    search_fields = ("row_id", "reason", "model__slug", "model__client__name")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    autocomplete_fields = ("model",)
    fields = ("model", "row_id", "reason", "by")
    readonly_fields = ("by",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.by = request.user.get_username()
        super().save_model(request, obj, form, change)
