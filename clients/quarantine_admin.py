"""The staff's page of rows that could not be stored: to be mended, tried again or dropped."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from agency.base import clock
from agency.base.admin import ReadOnlyAdmin, ask, by_hand, display, told
from clients import quarantine
from clients.models import QuarantinedRow

STATE_LABELS = {"waiting": "warning", "stored": "success", "dropped": "danger"}


class SureForm(forms.Form):
    """Nothing to fill in: the rows are named, and the button says what happens."""


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(ReadOnlyAdmin):
    list_display = ("line", "batch", "model", "pointer", "code", "detail", "state_shown", "settled")
    list_filter = ("state", "code", "batch__kind", "batch__model__client")
    search_fields = ("code", "detail", "pointer", "batch__name")
    list_select_related = ("batch__model__client",)
    list_defer = ("content", "batch__ignored_keys", "batch__model__schema")
    actions = ("mend", "try_again", "drop")

    @display(description="model")
    def model(self, row: QuarantinedRow) -> str:
        return row.batch.model.path

    @display(description="state", ordering="state", label=STATE_LABELS)
    def state_shown(self, row: QuarantinedRow) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description="settled", ordering="settled_at")
    def settled(self, row: QuarantinedRow) -> str:
        at = row.settled_at
        return "-" if at is None else f"{row.settled_by}, {at:%Y-%m-%d %H:%M}"

    @by_hand(description="Mend one row ...")
    def mend(self, request: HttpRequest, rows: QuerySet[QuarantinedRow]) -> HttpResponse | None:
        chosen = list(rows[:2])
        if len(chosen) != 1:
            messages.error(request, "Choose one row: each is mended by itself.")
            return None
        (row,) = chosen

        class MendForm(forms.Form):
            content = forms.CharField(
                initial=row.content,
                max_length=quarantine.LONGEST,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 12, "autofocus": True}),
                help_text="The row as one JSON object. It is stored once it is right.",
            )

        def perform(answers: dict[str, Any]) -> str:
            quarantine.mend(row=row, content=answers["content"])
            self.log_change(request, row, "Mended.")
            return self._try([row], request)

        return ask(
            self,
            request,
            title="Mend a row",
            submit="Mend and store",
            perform=perform,
            form_class=MendForm,
            rows=rows,
            line=lambda row: f"{row}: {row.detail}",
            back=request.get_full_path(),
        )

    @by_hand(description="Try to store again")
    def try_again(self, request: HttpRequest, rows: QuerySet[QuarantinedRow]) -> None:
        with told(request):
            messages.success(request, self._try(list(rows), request))

    @by_hand(description="Drop ...")
    def drop(self, request: HttpRequest, rows: QuerySet[QuarantinedRow]) -> HttpResponse:
        def perform(answers: dict[str, Any]) -> str:
            count = quarantine.drop(rows=rows, by=request.user.get_username(), at=clock.now())
            return f"Dropped {count}."

        return ask(
            self,
            request,
            title="Drop rows",
            submit="Drop",
            perform=perform,
            form_class=SureForm,
            rows=rows,
            note="They stay here to be read, and are never stored.",
            back=request.get_full_path(),
            danger=True,
        )

    def _try(self, rows: list[QuarantinedRow], request: HttpRequest) -> str:
        done = quarantine.try_again(rows=rows, by=request.user.get_username(), at=clock.now())
        return f"Stored {done.stored}; {done.waiting} still wait."
