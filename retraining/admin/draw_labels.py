"""Rows to label blind, drawn at random: asked for where too few labels can tell what goes on."""

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agency.base import clock
from agency.base.admin import ModelAdmin, TextInput, ask
from retraining import services
from retraining.models import AuditSample, Cycle, Diagnosis

MOST = 2000
USUAL = 100


class HowMany(forms.Form):
    """How many rows."""

    n = forms.IntegerField(
        label="Rows", min_value=1, max_value=MOST, widget=TextInput(attrs={"inputmode": "numeric"})
    )


def draw_labels(page: ModelAdmin, request: HttpRequest, cycle: Cycle) -> HttpResponse:
    """Ask how many, then draw them from the month before the window's end."""
    zone = clock.zone_of(cycle.model.client.timezone)
    end = cycle.window_end
    start = min(cycle.window_start, clock.month_before(end, zone))  # what the next check reads too

    def perform(answers: dict[str, Any]) -> str:
        drawn = AuditSample.objects.filter(model=cycle.model, window_end=end).count()
        sample = services.draw_audit_sample(
            model=cycle.model,
            start=start,
            end=end,
            n=answers["n"],
            seed=cycle.seed + drawn,
            by=request.user.get_username(),
            at=clock.now(),
        )
        return f"{sample.n} of {sample.population} rows were drawn: they wait for their labels."

    found = Diagnosis.objects.filter(cycle=cycle).first()
    of_client = f"?model__client__id__exact={cycle.model.client_id}"
    return ask(
        page,
        request,
        title=f"Draw rows to label: {cycle}",
        submit="Draw rows",
        note="Drawn at random from the month's rows that nobody has reviewed, and labelled without "
        "seeing the answer, they are a fair sample: the next check measures on them. Send their "
        "labels as feedback with the source review.",
        form_class=partial(HowMany, initial={"n": needed(found)}),
        perform=perform,
        back=reverse("admin:retraining_auditsample_changelist") + of_client,
    )


def needed(found: Diagnosis | None) -> int:
    """How many labels the diagnosis says would settle it; a usual audit where it does not say."""
    causes = (found.findings if found else {}).get("causes") or ()
    asked = [(cause.get("numbers") or {}).get("labels_needed") for cause in causes]
    return min(max((int(n) for n in asked if n), default=USUAL), MOST)
