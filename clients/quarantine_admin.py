"""The staff's page of rows that could not be stored: to be mended, tried again or dropped."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base import clock
from agency.base.admin import ActionVariant, ReadOnlyAdmin, ask, by_hand, display, told
from agency.base.errors import BadInput
from clients import quarantine
from clients.models import QuarantinedRow

STATE_LABELS = {"waiting": "warning", "stored": "success", "dropped": "danger"}


class SureForm(forms.Form):
    """Nothing to fill in: the rows are named, and the button says what happens."""


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(ReadOnlyAdmin):
    list_display = ("line", "batch", "of_model", "fault", "detail", "state_shown", "settled")
    list_filter = ("state", "code", "batch__kind", "batch__model__client")
    search_fields = ("code", "detail", "pointer", "batch__name")
    list_select_related = ("batch__model__client",)
    list_defer = ("content", "batch__ignored_keys", "batch__model__schema")
    actions = ("mend", "try_again", "drop")
    actions_detail = ("mend_this", "drop_this")

    # Not "model", which is the page's own: its class would be shown.
    @display(description="model")
    def of_model(self, row: QuarantinedRow) -> str:
        return row.batch.model.path

    @display(description="fault", ordering="code")
    def fault(self, row: QuarantinedRow) -> str:
        return f"{row.code} at {row.pointer}" if row.pointer else row.code

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
        return self._ask_mend(request, chosen[0], back=request.get_full_path(), rows=rows)

    @by_hand(description="Mend", icon="build")
    def mend_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self._ask_mend(request, row, back=_page(row))

    @by_hand(description="Drop", icon="delete", variant=ActionVariant.DANGER)
    def drop_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self._ask_drop(request, [row], back=_page(row))

    def _ask_mend(
        self,
        request: HttpRequest,
        row: QuarantinedRow,
        *,
        back: str,
        rows: QuerySet[QuarantinedRow] | None = None,
    ) -> HttpResponse:
        field = QuarantinedRow._meta.get_field("content")
        area = self.formfield_for_dbfield(field, request).widget  # as wide as all the admin's
        area.attrs |= {"rows": 12, "autofocus": True}

        class MendForm(forms.Form):
            content = forms.CharField(
                initial=row.content,
                max_length=quarantine.LONGEST,
                strip=False,
                widget=area,
                help_text="The row as one JSON object. It is stored once it is right.",
            )

            def clean_content(self) -> str:
                """Said beside what was typed, which is not lost."""
                try:
                    return quarantine.one_line(self.cleaned_data["content"])
                except BadInput as error:
                    raise forms.ValidationError(f"This is not stored: {error}.") from error

        def perform(answers: dict[str, Any]) -> str:
            quarantine.mend(row=row, content=answers["content"])
            self.log_change(request, row, "Mended.")
            said = self._try([row], request)
            row.refresh_from_db()
            if row.state == QuarantinedRow.State.WAITING:
                raise BadInput(f"still not stored: {row.detail}")
            return said

        return ask(
            self,
            request,
            title=f"Mend line {row.line} of {row.batch}",
            submit="Mend and store",
            perform=perform,
            form_class=MendForm,
            rows=rows,
            line=lambda row: f"{row}: {row.detail}",
            note="" if rows is not None else f"{row.code}: {row.detail}",
            back=back,
        )

    @by_hand(description="Try to store again")
    def try_again(self, request: HttpRequest, rows: QuerySet[QuarantinedRow]) -> None:
        with told(request):
            messages.success(request, self._try(list(rows), request))

    @by_hand(description="Drop ...")
    def drop(self, request: HttpRequest, rows: QuerySet[QuarantinedRow]) -> HttpResponse:
        return self._ask_drop(request, rows, back=request.get_full_path())

    def _ask_drop(
        self,
        request: HttpRequest,
        rows: QuerySet[QuarantinedRow] | list[QuarantinedRow],
        *,
        back: str,
    ) -> HttpResponse:
        def perform(answers: dict[str, Any]) -> str:
            count = quarantine.drop(rows=rows, by=request.user.get_username(), at=clock.now())
            return f"Dropped {count}."

        return ask(
            self,
            request,
            title="Drop rows" if isinstance(rows, QuerySet) else f"Drop {rows[0]}",
            submit="Drop",
            perform=perform,
            form_class=SureForm,
            rows=rows if isinstance(rows, QuerySet) else None,
            note="Kept here to be read, and never stored.",
            back=back,
            danger=True,
        )

    def _try(self, rows: list[QuarantinedRow], request: HttpRequest) -> str:
        done = quarantine.try_again(rows=rows, by=request.user.get_username(), at=clock.now())
        return f"Stored {done.stored}; {done.waiting} still wait."


def _page(row: QuarantinedRow) -> str:
    return reverse("admin:clients_quarantinedrow_change", args=[row.pk])
