"""Who is told of an alert, how often, and what happens where telling fails."""

import hashlib
import hmac
import http.server
import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.urls import reverse

from agency.base import clock, outbound
from agency.base.errors import BadInput, Conflict
from clients import notices, services
from clients.alert_words import CAUSES, for_client
from clients.models import Alert, AlertSubscription, Membership, Notice, Webhook
from tests import factories as make


@pytest.fixture
def model(db):
    return make.MaintainedModelFactory(client=make.ClientFactory(slug="harbour", name="Harbour"))


def subscriber(model, name, *, member=True, severity="act", **user):
    person = make.UserFactory(username=name, email=f"{name}@harbour.invalid", **user)
    if member:
        Membership.objects.create(client=model.client, user=person)
    AlertSubscription.objects.create(
        client=model.client, user=person, severity_from=severity, created_at=clock.now()
    )
    return person


def raised(model, severity="act", key="accuracy:act"):
    return services.raise_alert(
        model=model, key=key, severity=severity, message="Accuracy <fell> by 8 points.",
        at=clock.now(),
    )  # fmt: skip


def told():
    return sorted(Notice.objects.values_list("email", "event"))


@contextmanager
def hook_server(status=200, answers=True):
    """A webhook on loopback; ``calls`` holds headers and bodies."""
    calls = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append((dict(self.headers), body))
            if answers:
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/hooks?a=b"
        try:
            yield SimpleNamespace(url=address, calls=calls)
        finally:
            server.shutdown()
            thread.join()


def hook(url, client=None, form="signed"):
    return Webhook.objects.create(
        client=client, url=url, form=form, secret="s3cret", by="lee", created_at=clock.now()
    )


def test_those_who_subscribed_are_told_once_of_each_change(model):
    subscriber(model, "ada")
    raised(model)
    raised(model)
    assert told() == [("ada@harbour.invalid", "opened")]
    services.close_alerts(model=model, keys_still_true=(), prefix="accuracy:", at=clock.now())
    assert told() == [("ada@harbour.invalid", "closed"), ("ada@harbour.invalid", "opened")]


def test_each_is_told_from_the_severity_on_that_they_chose(model):
    subscriber(model, "ada", severity="watch")
    subscriber(model, "bob", severity="act")
    raised(model, severity="watch")
    assert told() == [("ada@harbour.invalid", "opened")]


def test_our_own_faults_are_told_to_staff_alone(model):
    subscriber(model, "ada", severity="watch")
    subscriber(model, "kim", member=False, is_staff=True)
    hook("https://hooks.example.org/theirs", client=model.client)
    ours = hook("https://hooks.example.org/ours")
    raised(model, severity="fault")
    assert {(n.email, n.webhook) for n in Notice.objects.all()} == {
        ("kim@harbour.invalid", None),
        ("", ours),
    }


def test_who_no_longer_belongs_to_the_client_is_told_nothing(model):
    person = subscriber(model, "ada")
    person.memberships.all().delete()
    subscriber(model, "eve", is_active=False)
    raised(model)
    assert told() == []


def test_another_client_s_people_and_webhooks_hear_nothing(model):
    other = make.MaintainedModelFactory(client=make.ClientFactory(slug="other"))
    subscriber(other, "mallory", severity="watch")
    hook("https://hooks.example.org/", client=other.client)
    raised(model)
    assert not Notice.objects.exists()


def test_a_mail_names_the_alert_and_is_escaped(model):
    subscriber(model, "ada", is_staff=True)
    raised(model)
    notice = notices.tell(notice_id=Notice.objects.get().pk)
    assert notice.state == "sent"
    (sent,) = mail.outbox
    assert sent.to == ["ada@harbour.invalid"]
    assert "Accuracy <fell> by 8 points." in sent.body
    assert "Accuracy &lt;fell&gt; by 8 points." in sent.alternatives[0].content
    assert notices.tell(notice_id=notice.pk) is None


def test_a_webhook_is_signed_over_its_time_and_body(model, settings):
    settings.WEBHOOKS_MAY_BE_PRIVATE = True
    with hook_server() as server:
        hook(server.url)
        alert = raised(model)
        assert notices.tell(notice_id=Notice.objects.get().pk).state == "sent"
    ((headers, body),) = server.calls
    stamp, signed = headers["X-Whetstone-Signature"].split(",")
    expected = hmac.new(b"s3cret", stamp[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert signed == f"v1={expected}"
    assert json.loads(body)["alert"] == alert.pk
    assert json.loads(body)["message"] == "Accuracy <fell> by 8 points."


def test_the_client_s_people_read_their_words_and_not_ours(model, settings):
    subscriber(model, "ada")
    hook("https://hooks.example.org/theirs", client=model.client)
    raised(model, key="cause:new_category:<b>parcel</b>")
    words = "Your users ask for something the model was never taught: <b>parcel</b>."
    by_mail, by_hook = Notice.objects.order_by("webhook_id")
    if by_mail.webhook_id:
        by_mail, by_hook = by_hook, by_mail
    assert notices.payload(by_hook)["message"] == words
    notices.tell(notice_id=by_mail.pk)
    assert words in mail.outbox[0].body
    assert "&lt;b&gt;parcel" in mail.outbox[0].alternatives[0].content


@pytest.mark.parametrize("key", ["gate:3:undecided", "answering", "cycle:4", "cause:nothing:"])
def test_what_is_ours_to_look_after_is_not_told_to_clients(model, key):
    subscriber(model, "ada", severity="watch")
    raised(model, key=key)
    assert told() == []


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_cause_has_a_sentence_with_and_without_names(model, cause):
    for names in ("", "a,b", "x" * 500):
        words = for_client(raised(model, key=f"cause:{cause}:{names}"[:200]), language="en")
        assert words.endswith((".", "?")) and "%" not in words and len(words) < 240


def test_a_slack_webhook_gets_text_without_commands(model, settings):
    settings.WEBHOOKS_MAY_BE_PRIVATE = True
    with hook_server() as server:
        hook(server.url, form="slack")
        raised(model)
        notices.tell(notice_id=Notice.objects.get().pk)
    text = json.loads(server.calls[0][1])["text"]
    assert text.endswith("Accuracy &lt;fell&gt; by 8 points.")


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_says_no_is_called_again_later(model, settings, status):
    settings.WEBHOOKS_MAY_BE_PRIVATE = True
    with hook_server(status=status) as server:
        hook(server.url)
        raised(model)
        notice = notices.tell(notice_id=Notice.objects.get().pk)
    assert notice.state == "failed" and str(status) in notice.error
    assert len(server.calls) == 1
    assert notices.sweep(at=clock.now() + outbound.PAUSES[0] + timedelta(seconds=1)) == [notice.pk]


@pytest.mark.parametrize(("form", "state"), [("signed", "failed"), ("slack", "unknown")])
def test_silence_is_asked_again_only_where_the_number_tells_a_second_call(
    model, settings, form, state
):
    settings.WEBHOOKS_MAY_BE_PRIVATE = True
    with hook_server(answers=False) as server:
        hook(server.url, form=form)
        raised(model)
        assert notices.tell(notice_id=Notice.objects.get().pk).state == state


def test_a_webhook_into_our_own_network_is_not_called(model):
    with hook_server() as server:
        hook(server.url.replace("http:", "https:"))
        raised(model)
        notice = notices.tell(notice_id=Notice.objects.get().pk)
        assert notice.state == "failed" and "private" in notice.error
    assert server.calls == []


def test_somebody_acknowledges_an_alert_and_nobody_else_can(model):
    alert = notices.acknowledge(alert=raised(model), by="lee", at=clock.now())
    assert alert.acknowledged_by == "lee"
    with pytest.raises(Conflict, match="lee has acknowledged"):
        notices.acknowledge(alert=alert, by="kim", at=clock.now())
    Alert.objects.update(closed_at=clock.now())
    with pytest.raises(Conflict, match="over"):
        notices.acknowledge(alert=alert, by="kim", at=clock.now())


def test_a_snoozed_alert_stays_open_and_comes_back(model):
    now = clock.now()
    alert = notices.snooze(alert=raised(model), until=now + timedelta(days=3), by="lee", at=now)
    assert alert.closed_at is None and alert.snoozed_until == now + timedelta(days=3)
    assert alert.acknowledged_by == "lee"
    with pytest.raises(BadInput):
        notices.snooze(alert=alert, until=now, by="lee", at=now)


def test_staff_acknowledge_and_snooze_on_the_alert_s_page(admin_client, model):
    alert = raised(model)
    page = reverse("admin:clients_alert_change", args=[alert.pk])
    assert b"Acknowledge" in admin_client.get(page).content
    admin_client.post(page.replace("change/", "acknowledge/"), {"confirmed": "yes"})
    admin_client.post(page.replace("change/", "snooze/"), {"confirmed": "yes", "days": "7"})
    alert.refresh_from_db()
    assert alert.acknowledged_by == "admin" and alert.snoozed_until is not None
    shown = admin_client.get(page).content
    assert b"/acknowledge" not in shown


def test_the_secret_of_a_webhook_is_shown_once(admin_client, model):
    form = {"url": "https://hooks.example.org/x", "form": "signed", "active": "on", "client": ""}
    answer = admin_client.post(reverse("admin:clients_webhook_add"), form, follow=True)
    made = Webhook.objects.get()
    assert made.secret.encode() in answer.content
    page = reverse("admin:clients_webhook_change", args=[made.pk])
    assert made.secret.encode() not in admin_client.get(page).content
    bad = {**form, "url": "http://127.0.0.1/x"}
    assert (
        b"begins with https://"
        in admin_client.post(reverse("admin:clients_webhook_add"), bad).content
    )
