"""What has changed, in plain words, and who is written to about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agency.base import clock
from clients.alert_words import for_client
from clients.models import Alert, AlertSubscription
from reports.portal import queries
from reports.portal.access import Visit, portal_page, show
from reports.portal.forms import SubscriptionForm


@require_safe
@portal_page()
def alerts(request: HttpRequest, visit: Visit) -> HttpResponse:
    own = AlertSubscription.objects.filter(client=visit.client, user=visit.user).first()
    context = {
        "open": _in_words(queries.open_alerts(visit.client), visit),
        "past": _in_words(queries.past_alerts(visit.client), visit),
        "subscription": own,
        "form": SubscriptionForm(
            initial={"severity_from": own.severity_from if own else Alert.Severity.ACT}
        ),
    }
    return show(request, visit, "alerts.html", context, section="alerts")


@require_POST
@portal_page(needs="subscribe")
def subscribe(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Mail to the person who asks, from a severity on, or no more mail."""
    own = AlertSubscription.objects.filter(client=visit.client, user=visit.user)
    if "stop" in request.POST:
        own.delete()
        messages.success(request, _("We write to you no more."))
        return redirect("portal:alerts", visit.client.slug)
    form = SubscriptionForm(request.POST)
    if not visit.user.email:
        messages.error(request, _("We know no mail address of yours: please tell us one."))
    elif form.is_valid():
        AlertSubscription.objects.update_or_create(
            client=visit.client,
            user=visit.user,
            defaults={"severity_from": form.cleaned_data["severity_from"]},
            create_defaults={
                "severity_from": form.cleaned_data["severity_from"],
                "created_at": clock.now(),
            },
        )
        messages.success(request, _("We write to %(mail)s.") % {"mail": visit.user.email})
    else:
        messages.error(request, _("Please say when we should write."))
    return redirect("portal:alerts", visit.client.slug)


def _in_words(found: list[Alert], visit: Visit) -> list[dict[str, Any]]:
    """Those that the client is told of; what is ours to look after is left out.

    Several alerts may be one thing in plain words: of one model and at one time it is said once.
    """
    told: list[dict[str, Any]] = []
    for alert in sorted(found, key=lambda each: each.opened_at):
        words = for_client(alert, language=visit.client.language)
        if not words:
            continue
        same = next(
            (
                one
                for one in told
                if (one["model"], one["words"]) == (alert.model, words)
                and (one["closed"] is None or one["closed"] >= alert.opened_at)
            ),
            None,
        )
        if same is None:
            told.append(_line(alert, words))
            continue
        ends = [at for at in (same["closed"], alert.closed_at) if at is not None]
        same["closed"] = max(ends) if len(ends) == 2 else None
        same["acknowledged"] = same["acknowledged"] and alert.acknowledged_at is not None
        if alert.severity == Alert.Severity.ACT:
            same["severity"] = alert.severity
    return told[::-1]


def _line(alert: Alert, words: str) -> dict[str, Any]:
    return {
        "model": alert.model,
        "words": words,
        "severity": alert.severity,
        "opened": alert.opened_at,
        "closed": alert.closed_at,
        "acknowledged": alert.acknowledged_at is not None,
    }
