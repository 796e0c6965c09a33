"""The review page: one row, one decision, the next row.

Every button is a plain form, so the page works without JavaScript; with it, htmx fetches the next row
alone and keys press the buttons. A request costs at most ten queries, sign-in included.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from agency.base import clock
from agency.base.admin import ModelAdmin
from agency.base.errors import BadInput, Conflict, DomainError
from retraining import services
from retraining.admin.readable import readable
from retraining.admin.review_words import REASONS, Last, agreement_words, label_shown, why_here
from retraining.models import Cycle, Proposal, ReviewOpinion, State
from retraining.services.review import OPEN_IN, Turn

LIVE = ("policy", "tier", "registered", "monitor", "collected")
SKIPPED_MOST = 500
OPINIONS = frozenset(ReviewOpinion.Action.values)


@dataclass(frozen=True)
class Visit:
    """One request to the page: who asks in which queue, and what is to be said of the row before."""

    page: ModelAdmin
    request: HttpRequest
    cycle: Cycle
    at: datetime
    skipped: tuple[int, ...] = ()
    last: Last | None = None
    error: str = ""
    unknown: str = ""
    note: str = ""
    given: Turn | None = field(default=None)

    @property
    def by(self) -> str:
        return self.request.user.get_username()

    @property
    def partial(self) -> bool:
        return bool(self.request.headers.get("HX-Request"))


def review(page: ModelAdmin, request: HttpRequest, cycle_pk: int) -> HttpResponse:
    """Show the next row, or take what was decided of the one before."""
    if not page.has_decide_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        cycle = _cycle(cycle_pk)
        visit = Visit(page, request, cycle, clock.now(), _numbers(request.GET.get("skipped")))
        last = request.GET.get("last", "")
        if last.isdecimal():
            said = ReviewOpinion.objects.filter(
                proposal=int(last), proposal__cycle=cycle, by=visit.by
            )
            opinion = said.select_related("proposal").first()
            visit = replace(visit, last=Last.of(opinion) if opinion else None)
        return _show(visit)
    return _posted(page, request, cycle_pk)


def hold(page: ModelAdmin, request: HttpRequest, cycle_pk: int) -> HttpResponse:
    """Somebody is still at work on the row: their claim begins anew."""
    if not page.has_decide_permission(request) or request.method != "POST":
        raise PermissionDenied
    by = request.user.get_username()
    try:
        key, _ = _read(request.POST.get("token", ""), by)
    except BadInput:
        return HttpResponse(status=400)
    held = services.renew_claim(proposal_id=key, by=by, at=clock.now())
    return HttpResponse(status=204 if held else 409)


def _posted(page: ModelAdmin, request: HttpRequest, cycle_pk: int) -> HttpResponse:
    do, by = request.POST.get("do", ""), request.user.get_username()
    proposal, since = None, None
    error = ""
    if do in OPINIONS or do == "skip":
        try:
            key, since = _read(request.POST.get("token", ""), by)
            joined = Proposal.objects.select_related("cycle__model__client", "cycle__incumbent")
            lean = joined.defer(*(f"cycle__{name}" for name in LIVE), "cycle__incumbent__reference")
            proposal = lean.filter(pk=key, cycle=cycle_pk).first()
        except BadInput as refused:
            error = str(refused)
    cycle = proposal.cycle if proposal is not None else None
    visit = Visit(
        page, request, cycle or _cycle(cycle_pk), clock.now(),
        _numbers(request.POST.get("skipped")), error=error,
    )  # fmt: skip
    if error:
        return _show(visit)
    try:
        if do in OPINIONS and proposal is not None and since is not None:
            return _opinion(visit, Turn(proposal, since), do)
        return _other(visit, do, proposal)
    except DomainError as refused:
        return _show(replace(visit, error=str(refused)))


def _opinion(visit: Visit, turn: Turn, do: str) -> HttpResponse:
    """The person labelled or rejected the row; a category that nobody knows yet is asked about."""
    post, row = visit.request.POST, turn.proposal
    label, reason = post.get("label", "").strip(), _reason(post)
    if do == ReviewOpinion.Action.ACCEPT and turn.from_scratch:
        raise BadInput("this row is labelled from scratch: choose its category")
    if do == ReviewOpinion.Action.RELABEL and label and not post.get("new"):
        at_hand = {row.label, *row.cycle.incumbent.categories} if row.cycle else {row.label}
        if label not in at_hand and label not in services.known_categories(row.model):
            return _show(replace(visit, unknown=label, given=turn))
    opinion = services.give_opinion(
        proposal=row, by=visit.by, action=do, label=label, reason=reason,
        since=turn.since, at=visit.at,
    )  # fmt: skip
    what = opinion.label or opinion.reason
    visit.page.log_change(visit.request, row, f"Review, {opinion.get_action_display()}: {what}")
    return _onward(replace(visit, last=Last.of(opinion)), last=row.pk)


def _other(visit: Visit, do: str, proposal: Proposal | None) -> HttpResponse:
    """Skip, undo, show what was skipped, hand in labels."""
    if do == "skip" and proposal is not None:
        services.release(proposal_id=proposal.pk, by=visit.by)
        return _onward(replace(visit, skipped=(*visit.skipped, proposal.pk)[-SKIPPED_MOST:]))
    if do == "undo":
        row = services.undo_opinion(cycle=visit.cycle, by=visit.by, at=visit.at)
        visit.page.log_change(visit.request, row, "Review: own opinion taken back")
        rest = tuple(key for key in visit.skipped if key != row.pk)
        return _onward(replace(visit, skipped=rest, note="Taken back. Here is the row again."))
    if do == "again":
        return _onward(replace(visit, skipped=()))
    if do == "hand_in":
        count = services.hand_in_labels(cycle=visit.cycle, at=visit.at)
        told = f"Handed in {count} labels that the comparison asked for"
        person: Any = visit.request.user
        LogEntry.objects.log_actions(person.pk, [visit.cycle], CHANGE, told)
        visit.page.message_user(visit.request, f"{told}.")
        return _onward(visit)
    raise Conflict("this row is not in the queue any more; here is the next one")


def _onward(visit: Visit, *, last: int | None = None) -> HttpResponse:
    """To the next row: as a part of the page, or by a redirect that a reload does not repeat."""
    if visit.partial:
        return _show(visit)
    asked = [f"skipped={','.join(map(str, visit.skipped))}"] if visit.skipped else []
    asked += [f"last={last}"] if last else []
    return redirect(f"{_address(visit.cycle)}?{'&'.join(asked)}")


def _show(visit: Visit) -> HttpResponse:
    """The row that this person has or gets now, whole page or part of it."""
    cycle, by = visit.cycle, visit.by
    open_now = cycle.state in OPEN_IN
    if open_now and not visit.partial:
        if cycle.state == State.UNDECIDED:
            services.bring_asked_rows(cycle=cycle)
        else:
            services.share(cycle=cycle)
    turn = visit.given
    if turn is None and open_now:
        turn = services.next_row(cycle=cycle, by=by, at=visit.at, skipped=visit.skipped)
    context = {
        "visit": visit,
        "cycle": cycle,
        "asked": cycle.state == State.UNDECIDED,
        "open_now": open_now,
        "turn": turn,
        "progress": services.progress(cycle=cycle, by=by, at=visit.at),
        "reasons": list(enumerate(REASONS, start=1)),
        "address": _address(cycle),
        "hold": reverse("admin:retraining_proposal_review_hold", args=[cycle.pk]),
        "skipped": ",".join(map(str, visit.skipped)),
    }
    if turn is not None:
        context |= _row(turn, by)
    if visit.unknown:
        context["near"] = get_close_matches(
            visit.unknown, services.known_categories(cycle.model), n=3, cutoff=0.6
        )
    if turn is None and cycle.state == State.UNDECIDED:
        context["to_hand_in"] = len(services.to_hand_in(cycle))
    if visit.partial:
        return TemplateResponse(visit.request, "admin/review/row.html", context)
    context |= {
        **visit.page.admin_site.each_context(visit.request),
        "opts": visit.page.model._meta,
        "title": f"Review: {cycle}",
        "categories": services.known_categories(cycle.model),
        "agreement": agreement_words(services.measure_agreement(cycle=cycle)),
        "agreement_ever": agreement_words(services.measure_agreement(model=cycle.model)),
    }
    return TemplateResponse(visit.request, "admin/review/page.html", context)


def _row(turn: Turn, by: str) -> dict[str, Any]:
    row = turn.proposal
    return {
        "row": row,
        "content": readable(row.input) if row.input else "",
        "why": why_here(row),
        "label": label_shown(turn),
        "token": signing.dumps([row.pk, turn.since.timestamp()], salt=f"review:{by}"),
    }


def _read(token: str, by: str) -> tuple[int, datetime]:
    """The row that this person was shown, and since when; ``BadInput`` for what we did not sign."""
    try:
        key, since = signing.loads(token, salt=f"review:{by}")
    except signing.BadSignature as error:
        raise BadInput("this page is out of date; here is the row as it is now") from error
    return int(key), datetime.fromtimestamp(since, tz=UTC)


def _reason(post: Mapping[str, str]) -> str:
    number = post.get("reason", "")
    if number.isdecimal() and 1 <= int(number) <= len(REASONS):
        return REASONS[int(number) - 1]
    return post.get("other", "")


def _cycle(key: int) -> Cycle:
    rows = Cycle.objects.select_related("model__client", "incumbent")
    cycle = rows.defer(*LIVE, "incumbent__reference").filter(pk=key).first()
    if cycle is None:
        raise Http404(f"there is no cycle {key}")
    return cycle


def _address(cycle: Cycle) -> str:
    return reverse("admin:retraining_proposal_review", args=[cycle.pk])


def _numbers(given: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (given or "").split(",") if part.isdecimal())[-SKIPPED_MOST:]
