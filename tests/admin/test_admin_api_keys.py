"""Keys on the staff's pages: issued, rotated and revoked, and shown once."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.admin.utils import quote
from django.contrib.messages import get_messages
from django.urls import reverse

from agency.base.clock import now
from clients.auth import checked_key
from clients.models import ApiKey


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def page(key, what="change"):
    return reverse(f"admin:clients_apikey_{what}", args=[quote(key.pk)])


def offered(client, key, what):
    """Where the key's page leads, as a browser goes there."""
    (address,) = re.findall(rf'href="([^"]*/{what}/?)"', client.get(page(key)).content.decode())
    return html.unescape(address)


def shown(answer):
    (line,) = [line for line in told(answer) if "is: " in line]
    return line.split("is: ")[1].split(". ")[0]


def valid(secret):
    return checked_key(secret.partition(".")[0], secret, at=now()) is not None


@pytest.fixture
def issue(client, staff, world):
    def post(**values):
        form = {"name": "nightly", "client": world.client.pk, "scopes": ["read", "predict"]}
        return client.post(reverse("admin:clients_apikey_add"), form | values)

    return post


def test_a_key_is_shown_once(client, issue, staff):
    answer = issue()
    key = ApiKey.objects.get(name="nightly")
    secret = shown(answer)
    assert valid(secret)
    assert (key.scopes, key.issued_by) == (["predict", "read"], staff.get_username())
    assert secret in client.get(page(key)).content.decode()
    client.get(reverse("admin:index"))
    assert secret not in client.get(page(key)).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"scopes": ["everything"]}, {"scopes": []}, {"expiry_date_0": "2020-01-01"}]
)
def test_a_key_that_cannot_be_is_not_issued(issue, wrong):
    if "expiry_date_0" in wrong:
        wrong["expiry_date_1"] = "10:00"
    answer = issue(**wrong)
    assert answer.status_code == 200
    assert not ApiKey.objects.filter(name="nightly").exists()


def test_of_a_key_the_name_alone_can_be_edited(client, staff, world):
    key = ApiKey.objects.get()
    client.post(page(key), {"name": "renamed", "client": 0, "scopes": ["read"], "revoked": "on"})
    before = (key.client, key.scopes, key.revoked)
    key.refresh_from_db()
    assert key.name == "renamed"
    assert (key.client, key.scopes, key.revoked) == before


def test_rotating_asks_first_and_leaves_two_valid_keys(client, issue, staff):
    old = shown(issue())
    key = ApiKey.objects.get(name="nightly")
    address = offered(client, key, "rotate")
    assert "valid for so many days" in client.get(address).content.decode()
    assert ApiKey.objects.filter(name="nightly").count() == 1
    new = shown(client.post(address, {"confirmed": "yes", "days": "3"}))
    assert new != old
    assert valid(old) and valid(new)
    key.refresh_from_db()
    assert timedelta(days=2, hours=23) < key.expiry_date - now() <= timedelta(days=3)
    assert key.replaced_by.prefix == new.partition(".")[0]


def test_a_revoked_key_is_refused_for_good(client, issue, staff):
    secret = shown(issue())
    key = ApiKey.objects.get(name="nightly")
    address = offered(client, key, "revoke")
    client.get(address)
    assert valid(secret)
    client.post(address, {"confirmed": "yes"})
    assert not valid(secret)
    again = client.post(address, {"confirmed": "yes"})
    assert "already" in told(again)[-1]
    key.refresh_from_db()
    assert key.revoked_by == staff.get_username()
