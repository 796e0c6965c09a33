from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base import clock
from agency.base.admin import (
    ActionVariant,
    ask,
    by_hand,
    display,
    folded,
    rate,
    to_go_live,
)
from retraining import services
from retraining.admin.causes import causes_view, growth_view
from retraining.admin.comparison_view import comparison_view
from retraining.admin.draw_labels import draw_labels
from retraining.admin.measured import measured_view
from retraining.admin.repair import HOW_WORDS, in_words
from retraining.admin.review_words import agreement_words
from retraining.admin.side_by_side import SideBySide, approval_note
from retraining.admin.standing import STATE_LABELS, state_name
from retraining.models import AppliedRepair, Cycle, Diagnosis, State
from retraining.models.cycle import AT_WORK, DIAGNOSED

# Which decisions a state is open to; the services refuse them in any other.
OPEN_TO = {
    "approve": frozenset({State.PENDING_APPROVAL}),
    "refuse": frozenset({State.PENDING_APPROVAL, State.UNDECIDED}),
    "ask_for_labels": frozenset({State.PENDING_APPROVAL}),
    "overrule": DIAGNOSED | {State.REJECTED, State.UNDECIDED},
    "finish_curation": frozenset({State.CURATING}),
    "look_again": frozenset({State.UNDECIDED}),
    "draw_labels": frozenset({State.NEEDS_LABELS}),
    "repair": frozenset({State.UPSTREAM}),
    "repair_and_retrain": frozenset({State.UPSTREAM}),
    "withdraw_repairs": frozenset(State) - AT_WORK,
}


@admin.register(Cycle)
class CycleAdmin(SideBySide):
    """One pass of the loop: the way it took, what it found, and the decision it waits for."""

    list_display = ("model", "window", "state_shown", "reason", "verdict", "opened", "candidate")
    list_filter = ("state", "reason", "model__client", "model__tier")
    search_fields = ("model__slug", "model__name", "model__client__name", "model__client__slug")
    list_select_related = ("model__client", "diagnosis", "candidate")
    list_defer = (
        *(
            "policy",
            "tier",
            "registered",
            "monitor",
            "collected",
            "model__schema",
            "diagnosis__findings",
        ),
        *(f"candidate__{name}" for name in ("arms", "parameters", "categories", "reference")),
    )
    date_hierarchy = "window_end"
    fields = (
        *("model", "window_start", "window_end", "reason", "incumbent", "candidate", "strategy"),
        *("auto_curate", "approve_as", "seed", "attempts", "error", "created_at"),
        *(folded(name) for name in ("registered", "monitor", "collected", "policy", "tier")),
    )
    overview_template = "admin/overview/cycle.html"
    actions_detail = (
        *("approve", "refuse", "ask_for_labels", "repair_and_retrain", "repair"),
        *("withdraw_repairs", "draw_labels", "overrule", "finish_curation", "look_again"),
    )

    @display(description="window", ordering="window_end")
    def window(self, cycle: Cycle) -> str:
        return f"{cycle.window_start:%Y-%m-%d} to {cycle.window_end:%Y-%m-%d}"

    @display(description="state", ordering="state", label=dict(STATE_LABELS))
    def state_shown(self, cycle: Cycle) -> tuple[str, str]:
        return cycle.state, state_name(cycle.state)

    @display(description="verdict")
    def verdict(self, cycle: Cycle) -> str:
        found = getattr(cycle, "diagnosis", None)
        return found.get_verdict_display() if found else "-"

    @display(description="opened", ordering="created_at")
    def opened(self, cycle: Cycle) -> str:
        return f"{cycle.created_at:%Y-%m-%d %H:%M}"

    def overview(self, request: HttpRequest, obj: Cycle) -> dict[str, Any]:
        monitor = obj.monitor or {}
        found = Diagnosis.objects.filter(cycle=obj).first()
        return {
            "cycle": obj,
            "model": obj.model,
            "label": STATE_LABELS.get(obj.state, ""),
            "state": state_name(obj.state),
            "steps": _steps(obj),
            "golden": rate(monitor.get("golden")),
            "audit": rate(monitor.get("audit")),
            "measured": measured_view(monitor),
            "tripped": [s for s in monitor.get("signals") or () if s.get("tripped")],
            "diagnosis": found,
            "causes": causes_view(found.findings) if found else [],
            "growth": growth_view(found.findings) if found else "",
            "comparisons": [
                comparison_view(row)
                for row in obj.comparisons.select_related(
                    "candidate", "incumbent", "golden_version"
                ).order_by("-attempt")
            ],
            "decisions": list(obj.decisions.all()),
            "repairs": [(row, in_words(row)) for row in obj.repairs.order_by("pk")],
            "offered": _offered(obj),
            "agreement": agreement_words(services.measure_agreement(cycle=obj)),
            "queue": dict(obj.proposals.values_list("state").annotate(Count("pk"))),
            "waits_for_curation": obj.state == State.CURATING,
        }

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only the decisions that the cycle is open to now."""
        state = Cycle.objects.filter(pk=object_id).values_list("state", flat=True).first()
        fits = {name for name, states in OPEN_TO.items() if state in states}
        mended = AppliedRepair.objects.filter(cycle=object_id, withdrawn_at__isnull=True).exists()
        fits -= {"repair"} if mended else {"withdraw_repairs"}
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            shown
            for shown in super().get_actions_detail(request, object_id)
            if shown.action_name.removeprefix(prefix) in fits
        ]

    @to_go_live(description="Approve", icon="check", variant=ActionVariant.SUCCESS)
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.approve,
            verb="Approve",
            note=approval_note,
        )

    @to_go_live(description="Refuse", icon="close", variant=ActionVariant.DANGER)
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.refuse,
            verb="Refuse",
            note="The candidate will never go live; what is live stays. Refusal is one-way.",
            danger=True,
        )

    @to_go_live(description="Ask for labels", url_path="ask-for-labels", icon="label")
    def ask_for_labels(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.ask_for_labels,
            verb="Ask for labels",
            note="Rows on which the two differ go to the queue, without either answer. Once they are "
            "labelled the same candidate is compared again; until then what is live stays.",
        )

    @to_go_live(description="Overrule", icon="gavel", variant=ActionVariant.WARNING)
    def overrule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.overrule,
            verb="Overrule",
            note="The cycle goes on against its diagnosis or the gate. The client's report says so.",
            danger=True,
        )

    @by_hand(description="Repair, then retrain", url_path="repair-and-retrain", icon="healing")
    def repair_and_retrain(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.repair_and_retrain,
            verb="Repair, then retrain",
            note="The broken fields are mended in a view of the rows, and the cycle goes on to "
            "collect from it. The stored rows stay as they came. The client's report says so.",
        )

    @by_hand(description="Repair only", icon="build")
    def repair(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.apply_repairs,
            verb="Repair",
            note="The broken fields are mended in a view of the rows that later cycles learn from. "
            "The stored rows stay as they came, and the repair can be withdrawn.",
        )

    @by_hand(description="Withdraw repairs", url_path="withdraw-repairs", icon="undo")
    def withdraw_repairs(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.withdraw_repairs,
            verb="Withdraw repairs",
            note="From now on the rows are seen as they came. Versions that learned from repaired "
            "rows stay as they are.",
        )

    @by_hand(description="Finish curation", url_path="finish-curation", icon="playlist_add_check")
    def finish_curation(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.finish_curation,
            verb="Finish curation",
            note="What was accepted or relabelled enters the dataset and the retraining begins. "
            "All rows have to be decided first.",
            form_class=forms.Form,
        )

    @by_hand(description="Compare again", url_path="look-again", icon="balance")
    def look_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            services.look_again,
            verb="Compare again",
            note="The same candidate, on the golden rows that came since and the labels that were asked "
            "for. Each attempt is kept.",
        )

    @by_hand(description="Draw rows to label", url_path="draw-labels", icon="casino")
    def draw_labels(self, request: HttpRequest, object_id: str) -> HttpResponse:
        cycle = self.get_object(request, object_id)
        if cycle is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return draw_labels(self, request, cycle)

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        service: Callable[..., Cycle],
        *,
        verb: str,
        note: str | Callable[[Cycle], str],
        **asked: Any,
    ) -> HttpResponse:
        cycle = self.get_object(request, object_id)
        if cycle is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

        def perform(answers: dict[str, Any]) -> str:
            after = service(cycle=cycle, by=request.user.get_username(), at=clock.now(), **answers)
            return f"{verb}: {cycle} is now {state_name(after.state)}."

        return ask(
            self,
            request,
            title=f"{verb}: {cycle}",
            submit=verb,
            note=note if isinstance(note, str) else note(cycle),
            perform=perform,
            back=reverse("admin:retraining_cycle_change", args=[cycle.pk]),
            **asked,
        )


def _offered(cycle: Cycle) -> list[str]:
    """What a repair would do, for a cycle that waits for one."""
    if cycle.state != State.UPSTREAM:
        return []
    return [f"{repair.subject}: {HOW_WORDS[repair.how]}" for repair in services.offered(cycle)]


def _steps(cycle: Cycle) -> list[dict[str, Any]]:
    """The way the cycle took: where it began, then every transition."""
    steps = list(cycle.transitions.all())
    first = state_name(steps[0].from_state if steps else cycle.state)
    return [{"name": first, "at": cycle.created_at, "by": "", "reason": ""}] + [
        {"name": state_name(s.to_state), "at": s.at, "by": s.by, "reason": s.reason} for s in steps
    ]
