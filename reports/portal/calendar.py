"""The client's calendar: what they announce, so that a diagnosis knows of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency.base import clock
from clients.models import KnownEvent
from reports.portal import queries
from reports.portal.access import Visit, portal_page, show
from reports.portal.forms import EventForm, as_typed

PAST_SHOWN = 50


@require_safe
@portal_page()
def calendar(request: HttpRequest, visit: Visit) -> HttpResponse:
    now, events = clock.now(), queries.events(visit.client)
    ahead = list(events.filter(ends_at__gt=now).order_by("starts_at"))
    mine = visit.name if visit.may("announce") else None
    context = {
        "ahead": [
            {"event": event, "own": event.declared_by == mine and event.starts_at > now}
            for event in ahead
        ],
        "past": events.filter(ends_at__lte=now).order_by("-ends_at")[:PAST_SHOWN],
    }
    return show(request, visit, "calendar.html", context, section="calendar")


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(needs="announce", reads=False)
def announce(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = EventForm(
        request.POST or None, visit=visit, models=list(queries.own_models(visit.client))
    )
    if request.method == "POST" and form.is_valid():
        event = KnownEvent.objects.create(
            client=visit.client, declared_by=visit.name, **form.values()
        )
        visit.record(event, "announced")
        messages.success(request, _("Thank you: “%(name)s” is announced.") % {"name": event.title})
        return redirect("portal:calendar", visit.client.slug)
    return show(request, visit, "event.html", {"form": form, "event": None}, section="calendar")


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(needs="announce", reads=False)
def edit(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """One's own, until it begins: from then on it may be part of a diagnosis."""
    event = queries.own_future_event(visit.client, pk, by=visit.name)
    form = EventForm(
        request.POST or None,
        visit=visit,
        models=list(queries.own_models(visit.client)),
        initial=as_typed(event, visit),
    )
    if request.method == "POST" and form.is_valid():
        for name, value in form.values().items():
            setattr(event, name, value)
        event.save()
        visit.record(event, "changed")
        messages.success(request, _("“%(name)s” is changed.") % {"name": event.title})
        return redirect("portal:calendar", visit.client.slug)
    return show(request, visit, "event.html", {"form": form, "event": event}, section="calendar")


@require_POST
@portal_page(needs="announce")
def withdraw(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    event = queries.own_future_event(visit.client, pk, by=visit.name)
    title = event.title
    event.delete()
    messages.success(request, _("“%(name)s” is withdrawn.") % {"name": title})
    return redirect("portal:calendar", visit.client.slug)
