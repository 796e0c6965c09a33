"""The first page: how each model does, this month in three sentences, what needs the client."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from agency.base import clock
from reports.portal import queries
from reports.portal.access import Visit, clients_of, portal_page, show


@require_safe
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """The client's own page; a choice for whoever belongs to several; staff come from the admin."""
    user: Any = request.user
    clients = clients_of(user)
    if len(clients) == 1:
        return redirect("portal:home", clients[0].slug)
    if user.is_staff and not clients:
        return redirect("admin:index")
    return render(request, "portal/start.html", {"clients": clients})


@require_safe
@portal_page()
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    # Not at the top: what gathers figures loads the libraries of statistics.
    from reports.portal.standing import standing

    client, w = visit.client, visit.words
    told = queries.newest_facts(client)
    alerts = queries.open_alerts(client)
    now = clock.now()
    standings = [
        standing(model, told=told, alerts=alerts, at=now, w=w)
        for model in queries.own_models(client)
    ]
    context = {
        "standings": standings,
        "told": told,
        "month": w.month(told.month) if told else "",
        "newest": queries.months(client)[:1],
        "coming": queries.events(client).filter(ends_at__gt=now).order_by("starts_at")[:3],
    }
    return show(request, visit, "home.html", context, section="home")
