"""Candidate and live version on the same golden rows: a page of each cycle that compared."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property

from agency.base.admin import ReadOnlyAdmin
from agency.base.clock import local_day, zone_of
from clients.models import MaintainedModel, PredictionLog
from clients.schema import Schema
from retraining.admin.accuracy import last_day
from retraining.admin.comparison_view import LABELS
from retraining.admin.found import buttons, input_text
from retraining.admin.gate_words import gate_view
from retraining.admin.golden_rows import (
    KINDS,
    Pair,
    Wanted,
    chosen,
    counts_of,
    inputs_of,
    pairs_of,
    segments_of,
)
from retraining.admin.standing import STATE_LABELS, state_name
from retraining.admin.trying import asked_of, try_both
from retraining.models import Comparison, Cycle, Proposal, Rollout, State
from retraining.queries import find_cycle

PER_PAGE = 25
LONGEST = 2000
TO_LABEL = 15
"""Rows to label that the page lists; the queue holds all of them."""


class SideBySide(ReadOnlyAdmin):
    """Mixed into the cycle's admin: its page ``.../side-by-side/``."""

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "<int:pk>/side-by-side/",
            self.admin_site.admin_view(self.side_by_side),
            name="retraining_cycle_side_by_side",
        )
        return [page, *super().get_urls()]

    def side_by_side(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page; posted to, it also answers the text or the values that were typed."""
        cycle = Cycle.objects.filter(pk=pk).exists() and find_cycle(pk)
        if not cycle:
            raise Http404
        if not self.has_view_permission(request, cycle):
            raise PermissionDenied
        comparisons = list(
            cycle.comparisons.select_related("candidate", "incumbent", "golden_version")
        )
        number = request.GET.get("attempt", "")
        named = [c for c in comparisons if str(c.attempt) == number]
        comparison = (named or comparisons)[-1] if comparisons else None
        zone = zone_of(cycle.model.client.timezone)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": f"Side by side: {cycle.model.path}",
            "cycle": cycle,
            "first": local_day(cycle.window_start, zone),
            "last": last_day(cycle.window_end, zone),
            "model": cycle.model,
            "state": state_name(cycle.state),
            "state_label": STATE_LABELS.get(cycle.state, ""),
            "comparison": comparison,
            "attempts": [c.attempt for c in comparisons],
            "decisions": buttons(self.get_actions_detail(request, pk), cycle),
        }
        if comparison is not None:
            context |= self._compared(request, cycle, comparison)
        return TemplateResponse(request, "admin/side_by_side.html", context)

    def _compared(
        self, request: HttpRequest, cycle: Cycle, comparison: Comparison
    ) -> dict[str, Any]:
        comparison.cycle = cycle
        shown = Shown(cycle.model, pairs_of(comparison), request.GET)
        asked = asked_of(cycle.model, request.POST if request.method == "POST" else None)
        start_with = request.GET.get("try", "")
        if request.method != "POST" and start_with in {pair.row_id for pair in shown.pairs}:
            asked = replace(asked, given=inputs_of(cycle.model, [start_with])[start_with] or {})
        return {
            "verdict_label": LABELS.get(comparison.verdict, ""),
            "gate": gate_view(comparison),
            "goes_live": goes_live(cycle, comparison),
            "missed": [pair for pair in shown.pairs if pair.wrong_must_pass],
            # The gate asked for what was named before the training began.
            "asked_to_pass": (comparison.figures.get("registered") or {}).get("must_pass") or (),
            "to_label": rows_to_label(cycle, comparison),
            "shown": shown,
            "schema": Schema.from_dict(cycle.model.schema),
            "asked": asked,
            "tried": try_both(comparison, asked) if request.method == "POST" else None,
        }


class Shown:
    """The golden rows of the page: filtered, counted, a page of them with their inputs."""

    def __init__(self, model: MaintainedModel, pairs: list[Pair], given: Mapping[str, str]) -> None:
        self.model, self.pairs, self.given = model, pairs, given
        kind = given.get("kind", "")
        self.wanted = Wanted(
            kind=kind if kind in KINDS else "",
            category=given.get("category", ""),
            segment=given.get("segment", ""),
            words=given.get("q", "").strip()[:200],
        )

    @cached_property
    def segments(self) -> dict[str, dict[str, str]]:
        return segments_of(self.model, [pair.row_id for pair in self.pairs])

    @cached_property
    def segment_names(self) -> list[str]:
        """Every ``key=value`` of the rows; empty where none came from production."""
        found = {f"{key}={v}" for own in self.segments.values() for key, v in own.items()}
        return sorted(found)

    @property
    def categories(self) -> list[str]:
        return sorted({pair.label for pair in self.pairs})

    @cached_property
    def _but_kind(self) -> list[Pair]:
        inputs: dict[str, str] = {}
        if self.wanted.words:
            stored = inputs_of(self.model, [pair.row_id for pair in self.pairs])
            inputs = {i: input_text(given, longest=LONGEST) for i, given in stored.items()}
        return chosen(
            self.pairs, replace(self.wanted, kind=""), segments=self.segments, inputs=inputs
        )

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """All rows and each kind: how many fit the other filters, and the link to them."""
        rows = self._but_kind
        kinds = [("", "All", len(rows)), *counts_of(rows)]
        return [
            {"kind": kind, "name": name, "n": n, "href": self.link(kind=kind)}
            for kind, name, n in kinds
        ]

    def link(self, **changed: Any) -> str:
        """The page's query with these values changed, on its first page."""
        kept = {k: self.given.get(k, "") for k in ("attempt", "kind", "category", "segment", "q")}
        return "?" + urlencode({k: v for k, v in {**kept, **changed}.items() if v})

    @cached_property
    def page(self) -> Any:
        kind = self.wanted.kind
        rows = [pair for pair in self._but_kind if not kind or pair.kind == kind]
        return Paginator(rows, PER_PAGE).get_page(self.given.get("page"))

    @property
    def rows(self) -> list[dict[str, Any]]:
        inputs = inputs_of(self.model, [pair.row_id for pair in self.page])
        return [
            {
                "pair": pair,
                "kind": KINDS[pair.kind],
                "input": input_text(inputs.get(pair.row_id), longest=LONGEST),
                "segment": ", ".join(
                    f"{k}={v}" for k, v in self.segments.get(pair.row_id, {}).items()
                ),
                "try": self.link(**{"try": pair.row_id}) + "#try",
            }
            for pair in self.page
        ]

    @property
    def earlier(self) -> str:
        return self.link(page=self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def later(self) -> str:
        return self.link(page=self.page.next_page_number()) if self.page.has_next() else ""


def goes_live(cycle: Cycle, comparison: Comparison) -> str:
    """What an approval does, in words: which version, for whom, instead of which, and the way back."""
    model, candidate, live = cycle.model, comparison.candidate, comparison.incumbent
    spell = Rollout.objects.filter(model=model, version=live, ended_at__isnull=True).first()
    if spell is None:
        return (
            f"{live}, which {candidate} was compared with, is live no more: it can't be approved."
        )
    since = local_day(spell.started_at, zone_of(model.client.timezone))
    return (
        f"{candidate} goes live for {model.client.name}, {model.name} ({model.path}), instead of "
        f"{live} (live since {since}): it answers every row from then on. To undo "
        f"it, roll back on the model's page with a reason: {live} answers again at once."
    )


def approval_note(cycle: Cycle) -> str:
    """What is confirmed with an approval; a cycle without a comparison can't be approved."""
    last = cycle.comparisons.select_related("candidate", "incumbent").last()
    done = goes_live(cycle, last) if last else "There is no candidate."
    return f"{done} Approval is one-way and stands in the client's report."


def rows_to_label(cycle: Cycle, comparison: Comparison) -> dict[str, Any]:
    """The rows that would decide, without any answer to them; empty where the gate has decided."""
    more = comparison.figures.get("label_more") or {}
    if cycle.state == State.UNDECIDED and not more:
        more = _asked_by_a_person(cycle, comparison)
    if cycle.state != State.UNDECIDED or not more:
        return {}
    logs = PredictionLog.objects.filter(
        client_id=cycle.model.client_id, model=cycle.model, row_id__in=more.get("rows") or ()
    )
    found = {i: (given, label) for i, given, label in logs.values_list("row_id", "input", "label")}
    given = set(
        cycle.proposals.filter(
            kind=Proposal.Kind.ASKED, state=Proposal.State.RELABELLED
        ).values_list("row_id", flat=True)
    )
    given = {i for i in given if i in found and not found[i][1]}
    waiting = [
        i for i in more.get("rows") or () if i in found and not found[i][1] and i not in given
    ]
    return {
        "n": more.get("n"),
        "by_person": more.get("by_person", False),
        "named": len(more.get("rows") or ()),
        "given": len(given),
        "labelled": sum(bool(label) for _, label in found.values()),
        "rows": [(i, input_text(found[i][0])) for i in waiting[:TO_LABEL]],
        "more": max(0, len(waiting) - TO_LABEL),
        "queue": reverse("admin:retraining_proposal_review", args=[cycle.pk]),
    }


def _asked_by_a_person(cycle: Cycle, comparison: Comparison) -> dict[str, Any]:
    """The rows of the queue that this comparison has not read: a person asked, the gate did not."""
    read = {row[0] for rows in (comparison.figures.get("asked") or {}).values() for row in rows}
    queued = cycle.proposals.filter(kind=Proposal.Kind.ASKED).order_by("pk")
    rows = [i for i in queued.values_list("row_id", flat=True) if i not in read]
    return {"n": len(rows), "rows": rows, "by_person": True} if rows else {}
