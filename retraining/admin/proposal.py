from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from agency.base import clock
from agency.base.admin import (
    ReadOnlyAdmin,
    SelectWidget,
    TextInput,
    ask,
    by_hand,
    display,
    told,
)
from clients.models import MaintainedModel
from retraining import services
from retraining.models import Cycle, Proposal, State

STATE_LABELS = {
    "proposed": "warning",
    "accepted": "success",
    "relabelled": "info",
    "rejected": "danger",
}


class InState(admin.SimpleListFilter):
    """The queue shows what waits for a decision, unless asked for more."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*Proposal.State.choices, ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        chosen = self.value() or Proposal.State.PROPOSED
        for value, title in self.lookup_choices:
            yield {
                "selected": value == chosen,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
        chosen = self.value() or Proposal.State.PROPOSED
        return rows if chosen == "all" else rows.filter(state=chosen)


class OfCuratingCycle(admin.SimpleListFilter):
    """Cycles whose queue is open."""

    title = "open queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        cycles = Cycle.objects.filter(state=State.CURATING).select_related("model__client")
        return [(str(cycle.pk), str(cycle)) for cycle in cycles.defer("policy", "monitor")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
        chosen = self.value() or ""
        return rows.filter(cycle_id=chosen) if chosen.isdecimal() else rows


def readable(content: Any, *, length: int | None = None) -> str:
    """A row's input as a person reads it: its text, or its fields by name. Escaped."""
    if isinstance(content, dict) and set(content) == {"text"}:
        text = str(content["text"])
        return format_html(
            '<span class="ws-text">{}</span>', Truncator(text).chars(length) if length else text
        )
    items = list(content.items()) if isinstance(content, dict) else [("", content)]
    shown = items if length is None else items[: length // 20]
    more = "" if len(shown) == len(items) else f" and {len(items) - len(shown)} more"
    pairs = format_html_join(" ", "<span><b>{}</b> {}</span>", ((k, _plain(v)) for k, v in shown))
    return format_html('<span class="ws-fields">{}{}</span>', pairs, more)


def _plain(value: Any) -> str:
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _line(proposal: Proposal) -> str:
    content = proposal.input
    if not isinstance(content, dict):
        return f"{proposal.label}: {content}"
    read = content.get("text") or ", ".join(f"{k} {_plain(v)}" for k, v in content.items())
    return f"{proposal.label}: {read}"


def relabel_form(categories: Iterable[str]) -> type[forms.Form]:
    """One of the model's categories, or a new one."""
    options = [("", "Choose a category"), *((name, name) for name in categories)]

    class RelabelForm(forms.Form):
        label = forms.ChoiceField(
            choices=options, required=False, label="Category", widget=SelectWidget()
        )
        new = forms.CharField(
            max_length=200, required=False, label="Or a new category", widget=TextInput()
        )

        def clean(self) -> dict[str, Any]:
            answers = super().clean() or {}
            label, new = answers.get("label"), answers.get("new")
            if bool(label) == bool(new):
                raise forms.ValidationError("Choose a category or write a new one, not both.")
            return {"label": label or new}

    return RelabelForm


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """The queue. The model's own answer is shown only after the decision: people label blind."""

    list_display = ("read", "label", "model", "kind", "source", "doubt_shown", "state_shown")
    list_filter = (InState, OfCuratingCycle, "kind", "source", "model__client")
    search_fields = ("row_id", "label", "final_label", "input", "why", "model__slug")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    ordering = ("cycle", F("doubt").desc(nulls_last=True), "pk")
    actions = ("accept", "relabel", "reject")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        decided = ("prediction", "final_label", "reason", "decided_by", "decided_at")
        first = (
            "model",
            "cycle",
            "kind",
            "row_id",
            "source",
            "whole",
            "label",
            "why",
            "doubt",
            "state",
        )
        return first if obj is None or obj.state == Proposal.State.PROPOSED else (*first, *decided)

    @display(description="input")
    def read(self, proposal: Proposal) -> str:
        return readable(proposal.input, length=240)

    @display(description="input")
    def whole(self, proposal: Proposal) -> str:
        return readable(proposal.input)

    @display(description="doubt", ordering="doubt")
    def doubt_shown(self, proposal: Proposal) -> str:
        return "-" if proposal.doubt is None else f"{proposal.doubt:.2f}"

    @display(description="state", ordering="state", label=STATE_LABELS)
    def state_shown(self, proposal: Proposal) -> tuple[str, str]:
        return proposal.state, proposal.get_state_display()

    @by_hand(description="Accept with the label they came with")
    def accept(self, request: HttpRequest, rows: QuerySet[Proposal]) -> None:
        with told(request):
            count = services.accept_proposals(
                proposals=rows, by=request.user.get_username(), at=clock.now()
            )
            messages.success(request, f"Accepted {count}.")

    @by_hand(description="Relabel ...")
    def relabel(self, request: HttpRequest, rows: QuerySet[Proposal]) -> HttpResponse | None:
        models = list(MaintainedModel.objects.filter(pk__in=rows.order_by().values("model")))
        if len(models) != 1:
            messages.error(request, "Choose rows of one model: each has its own categories.")
            return None

        def perform(answers: dict[str, Any]) -> str:
            with transaction.atomic():
                for row in rows:
                    services.relabel_proposal(
                        proposal=row,
                        label=answers["label"],
                        by=request.user.get_username(),
                        at=clock.now(),
                    )
            return f"Relabelled {len(rows)} as {answers['label']}."

        return ask(
            self,
            request,
            title="Relabel",
            submit="Relabel",
            perform=perform,
            form_class=relabel_form(_categories(models[0])),
            rows=rows,
            line=_line,
            back=request.get_full_path(),
        )

    @by_hand(description="Reject ...")
    def reject(self, request: HttpRequest, rows: QuerySet[Proposal]) -> HttpResponse:
        def perform(answers: dict[str, Any]) -> str:
            count = services.reject_proposals(
                proposals=rows,
                by=request.user.get_username(),
                reason=answers["reason"],
                at=clock.now(),
            )
            return f"Rejected {count}."

        return ask(
            self,
            request,
            title="Reject",
            submit="Reject",
            perform=perform,
            form_class=ShortReasonForm,
            rows=rows,
            line=_line,
            back=request.get_full_path(),
            danger=True,
        )


class ShortReasonForm(forms.Form):
    """Why these rows stay out; it is kept on each of them."""

    reason = forms.CharField(max_length=200, widget=TextInput(attrs={"autofocus": True}))


def _categories(model: MaintainedModel) -> list[str]:
    """What a row can be: the categories of the model and its versions, and those that rows name."""
    known = set(model.schema.get("categories", ()))
    for categories in model.versions.values_list("categories", flat=True):
        known |= set(categories)
    for name in ("label", "final_label"):
        known |= set(model.proposals.order_by().values_list(name, flat=True).distinct())
    return sorted(known - {""})
