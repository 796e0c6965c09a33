"""Corrections: the client says which answer was wrong, and what the right one is."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agency.base import clock
from agency.base.errors import DomainError, NotFound
from clients.models import LabelSource, MaintainedModel, PredictionLog
from clients.services import LateLabel, attach_labels
from reports.portal import queries
from reports.portal.access import Visit, portal_page, show
from reports.portal.forms import CorrectionForm
from reports.text import clean

A_PAGE, MOST_PAGES = 25, 40
EXCERPT = 160
LONGEST_SHOWN = 5000


@require_safe
@portal_page(needs="correct", reads=False)
def choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Which model; with one model, its answers at once."""
    models = queries.own_models(visit.client)
    if len(models) == 1:
        return redirect("portal:answers", visit.client.slug, models[0].slug)
    return show(request, visit, "corrections.html", {"models": models}, section="corrections")


@require_safe
@portal_page(needs="correct", reads=False)
def answers(request: HttpRequest, visit: Visit, model: str) -> HttpResponse:
    """The last answers, or the rows whose id begins as was typed."""
    found = queries.own_model(visit.client, model)
    wanted = request.GET.get("row", "").replace("\x00", "").strip()[:200]
    rows = answered(found)
    if wanted:
        rows = rows.filter(row_id__startswith=wanted)
    pages = Paginator(rows[: A_PAGE * MOST_PAGES], A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "model": found,
        "wanted": wanted,
        "page": page,
        "rows": [{"row": row, "excerpt": clean(said(row.input), limit=EXCERPT)} for row in page],
    }
    return show(request, visit, "answers.html", context, section="corrections")


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(needs="correct", reads=False)
def correct(request: HttpRequest, visit: Visit, model: str, pk: int) -> HttpResponse:
    found = queries.own_model(visit.client, model)
    row = answered(found).filter(pk=pk).first()
    if row is None:
        raise NotFound("no such row")
    form = CorrectionForm(request.POST or None, model=found, answer=row.prediction)
    if request.method == "POST" and form.is_valid():
        label = LateLabel(row.row_id, form.cleaned_data["right"], LabelSource.OVERRIDE)
        try:
            attach_labels(model=found, labels=[label], at=clock.now())
        except DomainError:
            form.add_error(None, _("This row has been corrected otherwise in the meantime."))
        else:
            visit.record(row, f"{label.label!r} is the right answer")
            messages.success(request, _("Thank you: the correction is in."))
            return redirect("portal:answers", visit.client.slug, found.slug)
    context = {
        "model": found,
        "row": row,
        "form": form,
        "input": [(name, clean(value, limit=LONGEST_SHOWN)) for name, value in row.input.items()],
        "confidence": visit.words.percent(row.confidence, 0) if row.confidence is not None else "",
        "final": row.label_source in (LabelSource.OVERRIDE, LabelSource.REVIEW),
    }
    return show(request, visit, "correct.html", context, section="corrections")


def answered(model: MaintainedModel) -> Any:
    """The model's answered rows, the newest first."""
    return (
        PredictionLog.objects.filter(client_id=model.client_id, model=model)
        .exclude(answered=PredictionLog.Answered.NONE)
        .defer("context", "signals", "signals_at")
        .order_by("-timestamp", "-row_id")
    )


def said(given: dict[str, Any]) -> str:
    """A row's input in one line: the text alone, or the fields by name."""
    if list(given) == ["text"]:
        return str(given["text"])
    return ", ".join(f"{name}: {'–' if value is None else value}" for name, value in given.items())
