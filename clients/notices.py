"""Telling people about alerts: once per change and address, by mail or webhook; and their answers."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from agency.base import clock, mail, outbound, webhook
from agency.base.dispatch import enqueue
from agency.base.errors import BadInput, Conflict
from agency.base.outbound import NotSent, PerhapsSent
from clients.alert_words import for_client
from clients.models import AgencySettings, Alert, AlertSubscription, Notice, Webhook

BY = "notices"
RANK = {"watch": 0, "act": 1, "fault": 2}


def announce(*, alert: Alert, event: str, at: datetime) -> int:
    """Write a notice for everybody who wants to hear of it, and ask workers to send them; how many.

    Mail goes to those who subscribed to the client from this severity on and still belong to it; our
    own faults are told to staff alone. Webhooks of the client and of the agency are called. The end
    of an alert is told to those who were told of its beginning.
    """
    if event == Notice.Event.CLOSED:
        told = Notice.objects.filter(alert=alert, event=Notice.Event.OPENED)
        wanted = [{"email": each.email, "webhook": each.webhook} for each in told]
    else:
        wanted = [*_readers(alert), *_hooks(alert)]
    notices = [
        Notice(alert=alert, event=event, state=Notice.State.DUE, created_at=at, **each)
        for each in wanted
    ]
    for notice in Notice.objects.bulk_create(notices):
        enqueue("clients.tell", notice.pk)
    return len(notices)


def _readers(alert: Alert) -> list[dict[str, Any]]:
    client = alert.model.client_id
    people = AlertSubscription.objects.filter(client=client, user__is_active=True)
    staff = Q(user__is_staff=True)
    if not _told_to_client(alert):
        people = people.filter(staff)
    else:
        people = people.filter(staff | Q(user__memberships__client=client))
    found = people.select_related("user").distinct()
    # Two people may share a mailbox: it is told once.
    addresses = {
        each.user.email.lower(): {"email": each.user.email}
        for each in found
        if each.user.email and RANK[each.severity_from] <= RANK[alert.severity]
    }
    return list(addresses.values())


def _told_to_client(alert: Alert) -> bool:
    return for_client(alert, language=alert.model.client.language) != ""


def message_for(notice: Notice) -> str:
    """What the one at that address is told: the client's people in their words, staff in ours."""
    alert = notice.alert
    if notice.webhook is not None:
        ours = notice.webhook.client_id is None
    else:
        ours = get_user_model().objects.filter(email__iexact=notice.email, is_staff=True).exists()
    words = for_client(alert, language=alert.model.client.language)
    return alert.message if ours or not words else words


def _hooks(alert: Alert) -> list[dict[str, Any]]:
    ours = Q(client__isnull=True)
    theirs = Q(client=alert.model.client_id)
    whose = ours | theirs if _told_to_client(alert) else ours
    return [{"webhook": each} for each in Webhook.objects.filter(whose, active=True)]


def tell(*, notice_id: int, by: str = BY, reason: str = "", again: bool = False) -> Notice | None:
    """Send one notice, if it is due. ``again``: a person wants what perhaps arrived to go out anew."""
    return outbound.attempt(Notice, notice_id, by=by, send=_send, again=again, reason=reason)


def sweep(*, at: datetime) -> list[int]:
    """What waits is asked for again, and what lost its sender is laid before a person."""
    return outbound.sweep(Notice, "clients.tell", at=at, by=BY)


def acknowledge(*, alert: Alert, by: str, at: datetime) -> Alert:
    """``by`` has seen it and looks after it. ``Conflict`` where it is over or in other hands."""
    free = Alert.objects.filter(pk=alert.pk, closed_at__isnull=True, acknowledged_by="")
    if free.update(acknowledged_by=by, acknowledged_at=at) != 1:
        alert.refresh_from_db()
        if alert.closed_at is not None:
            raise Conflict("this alert is over")
        raise Conflict(f"{alert.acknowledged_by} has acknowledged this alert already")
    alert.refresh_from_db()
    return alert


def snooze(*, alert: Alert, until: datetime, by: str, at: datetime) -> Alert:
    """Not to be shown again before ``until``; ``by`` acknowledges it with that if nobody has."""
    if until <= at:
        raise BadInput("snooze an alert until a time that is still to come")
    if Alert.objects.filter(pk=alert.pk, closed_at__isnull=True).update(snoozed_until=until) != 1:
        raise Conflict("this alert is over")
    Alert.objects.filter(pk=alert.pk, acknowledged_by="").update(
        acknowledged_by=by, acknowledged_at=at
    )
    alert.refresh_from_db()
    return alert


def _send(notice: Notice) -> None:
    notice = Notice.objects.select_related("alert__model__client", "webhook").get(pk=notice.pk)
    if notice.webhook is not None:
        _call(notice, notice.webhook)
    else:
        _mail(notice)


def _call(notice: Notice, hook: Webhook) -> None:
    """A signed call carries its number, so the other side can tell a second one from the first."""
    if not hook.active:
        raise NotSent("the webhook was switched off")
    slack = hook.form == Webhook.Form.SLACK
    body = json.dumps(slack_payload(notice) if slack else payload(notice)).encode()
    headers = {"User-Agent": "whetstone", "X-Whetstone-Notice": str(notice.pk)}
    if not slack:
        signed = webhook.signature(secret=hook.secret, at=clock.now(), body=body)
        headers["X-Whetstone-Signature"] = signed
    try:
        webhook.post(url=hook.url, body=body, headers=headers)
    except PerhapsSent as error:
        if slack:
            raise
        raise NotSent(f"{error}; it is called again with the same number") from error


def payload(notice: Notice) -> dict[str, Any]:
    """What a signed webhook is told."""
    alert = notice.alert
    when = alert.closed_at if notice.event == Notice.Event.CLOSED else alert.opened_at
    return {
        "id": notice.pk,
        "event": f"alert.{notice.event}",
        "alert": alert.pk,
        "client": alert.model.client.slug,
        "model": alert.model.slug,
        "severity": alert.severity,
        "message": message_for(notice),
        "at": clock.rfc3339(when or notice.created_at),
    }


def slack_payload(notice: Notice) -> dict[str, Any]:
    """The same as Slack and what is compatible with it read it; ``&<>`` would be commands there."""
    alert = notice.alert
    over = "Over: " if notice.event == Notice.Event.CLOSED else ""
    text = f"{over}{alert.model.client.name}, {alert.model.name}: {message_for(notice)}"
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, written)
    return {"text": text[:3000]}


def _mail(notice: Notice) -> None:
    alert, agency = notice.alert, AgencySettings.current()
    client = alert.model.client
    with translation.override(client.language):
        context = {
            "alert": alert,
            "message": message_for(notice),
            "client": client,
            "over": notice.event == Notice.Event.CLOSED,
            "agency": agency,
            "link": f"{settings.PUBLIC_URL}/portal/",
        }
        subject = render_to_string("mail/alert.subject.txt", context)
        text = render_to_string("mail/alert.txt", context)
        html = render_to_string("mail/alert.html", context)
    mail.send(
        sender=(agency.name, agency.sender),
        to=("", notice.email),
        subject=subject,
        text=text,
        html=html,
        message_id=f"<notice-{notice.pk}@{agency.sender.partition('@')[2]}>",
    )


def settled(*, notice: Notice, by: str, at: datetime, reason: str) -> None:
    """A person has found out that it was taken after all."""
    outbound.arrived(notice, by=by, at=at, reason=reason)
