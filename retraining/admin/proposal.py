from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

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
from agency.base.exchange import ImportAdmin
from clients.models import MaintainedModel
from retraining import services
from retraining.admin.proposal_exchange import LabelImporter, LabelsForm, ProposalExport
from retraining.admin.readable import readable
from retraining.admin.review import hold, review
from retraining.admin.review_words import row_line
from retraining.models import Comparison, Cycle, Proposal, State

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


def _line(proposal: Proposal) -> str:
    return f"{proposal.label}: {row_line(proposal.input)}"


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
class ProposalAdmin(ImportAdmin, ReadOnlyAdmin):
    """The queue. The model's own answer is shown only after the decision: people label blind."""

    list_display = ("read", "label", "model", "kind", "source", "doubt_shown", "state_shown")
    list_filter = (InState, OfCuratingCycle, "kind", "source", "model__client")
    search_fields = ("row_id", "label", "final_label", "input", "why", "model__slug")
    list_select_related = ("model__client",)
    list_defer = ("model__schema",)
    ordering = ("cycle", F("doubt").desc(nulls_last=True), "pk")
    actions = ("accept", "relabel", "reject")
    list_before_template = "admin/review/open_queues.html"
    export_resource = ProposalExport
    importer = LabelImporter
    import_form = LabelsForm
    import_note = (
        "Labels given offline for the rows of one queue: export it, fill in the column label, or the "
        "column reason to reject a row, and choose the file here. Rows with neither stay open."
    )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "review/<int:cycle_pk>/",
                wrap(partial(review, self)),
                name="retraining_proposal_review",
            ),
            path(
                "review/<int:cycle_pk>/hold",
                wrap(partial(hold, self)),
                name="retraining_proposal_review_hold",
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        queues = _open_queues() if self.has_decide_permission(request) else []
        return super().changelist_view(request, {**(extra_context or {}), "open_queues": queues})

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
        at, keys = clock.now(), _keys(rows)
        with told(request):
            count = services.accept_proposals(proposals=rows, by=request.user.get_username(), at=at)
            _remember(request, keys, at, "Accepted in the list")
            messages.success(request, f"Accepted {count}.")

    @by_hand(description="Relabel ...")
    def relabel(self, request: HttpRequest, rows: QuerySet[Proposal]) -> HttpResponse | None:
        models = list(MaintainedModel.objects.filter(pk__in=rows.order_by().values("model")))
        if len(models) != 1:
            messages.error(request, "Choose rows of one model: each has its own categories.")
            return None

        def perform(answers: dict[str, Any]) -> str:
            at, keys = clock.now(), _keys(rows)
            with transaction.atomic():
                for row in rows:
                    services.relabel_proposal(
                        proposal=row,
                        label=answers["label"],
                        by=request.user.get_username(),
                        at=at,
                    )
            _remember(request, keys, at, f"Relabelled in the list: {answers['label']}")
            return f"Relabelled {len(rows)} as {answers['label']}."

        return ask(
            self,
            request,
            title="Relabel",
            submit="Relabel",
            perform=perform,
            form_class=relabel_form(services.known_categories(models[0])),
            rows=rows,
            line=_line,
            back=request.get_full_path(),
        )

    @by_hand(description="Reject ...")
    def reject(self, request: HttpRequest, rows: QuerySet[Proposal]) -> HttpResponse:
        def perform(answers: dict[str, Any]) -> str:
            at, keys = clock.now(), _keys(rows)
            count = services.reject_proposals(
                proposals=rows,
                by=request.user.get_username(),
                reason=answers["reason"],
                at=at,
            )
            _remember(request, keys, at, f"Rejected in the list: {answers['reason']}")
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


def _keys(rows: QuerySet[Proposal]) -> list[int]:
    """Of the chosen rows, before they are decided: a list of those that wait loses them then."""
    return list(rows.order_by().values_list("pk", flat=True))


def _remember(request: HttpRequest, keys: list[int], at: datetime, what: str) -> None:
    """Into the history of each row that was decided now."""
    by: Any = request.user
    decided = Proposal.objects.filter(decided_by=by.get_username(), decided_at=at)
    for start in range(0, len(keys), 500):
        part = decided.filter(pk__in=keys[start : start + 500]).only("row_id", "label")
        LogEntry.objects.log_actions(by.pk, list(part), CHANGE, what)


def _open_queues() -> QuerySet[Cycle]:
    """Cycles with rows to label: proposals, or rows that a comparison or a person asked for."""
    waiting = Count("proposals", filter=Q(proposals__state=Proposal.State.PROPOSED))
    asked = Q(state=State.UNDECIDED) & (
        Q(pk__in=Comparison.objects.exclude(figures__label_more=None).values("cycle"))
        | Q(pk__in=Proposal.objects.filter(kind=Proposal.Kind.ASKED).values("cycle"))
    )
    cycles = Cycle.objects.select_related("model__client").defer(
        *("policy", "tier", "registered", "monitor", "collected", "model__schema")
    )
    return cycles.annotate(waiting=waiting).filter(asked | Q(state=State.CURATING, waiting__gt=0))


class ShortReasonForm(forms.Form):
    """Why these rows stay out; it is kept on each of them."""

    reason = forms.CharField(max_length=200, widget=TextInput(attrs={"autofocus": True}))
