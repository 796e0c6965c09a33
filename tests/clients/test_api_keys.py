"""A client's keys: what they hold, how they are replaced, and what ends them."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command

from agency.base.errors import BadInput, Conflict, NotFound
from clients.api_keys import find_key, issue_key, revoke_key, rotate_key
from clients.auth import checked_key
from clients.models import ApiKey, Client, Scope

AT = datetime(2025, 4, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def acme(db):
    return Client.objects.create(slug="acme", name="Acme", domain="finance", created_at=AT)


def issue(client, **values):
    given = {"name": "nightly", "scopes": ["read"], "expires": None, "by": "ops", "at": AT}
    with time_machine.travel(AT, tick=False):
        return issue_key(client=client, **given | values)


def valid(issued, at):
    return checked_key(issued.key.partition(".")[0], issued.key, at=at) is not None


def run(*arguments):
    out = io.StringIO()
    call_command("api_key", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_key_holds_its_scopes_each_once_in_the_declared_order(acme):
    issued = issue(acme, scopes=["read", "logs:write", "read"])
    assert ApiKey.objects.get().scopes == ["logs:write", "read"]
    assert issued.api_key.issued_by == "ops"
    assert issued.key.partition(".")[2] not in str(ApiKey.objects.values().get())


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": []}, {"scopes": ["all"]}, {"name": " "}, {"name": "x" * 51}, {"expires": AT}],
)
def test_what_no_key_can_be_is_refused_and_nothing_is_stored(acme, wrong):
    with pytest.raises(BadInput):
        issue(acme, **wrong)
    assert not ApiKey.objects.exists()


def test_a_key_ends_at_its_expiry(acme):
    issued = issue(acme, expires=AT + WEEK)
    assert valid(issued, AT + WEEK - timedelta(seconds=1))
    assert not valid(issued, AT + WEEK)


def test_a_rotated_key_goes_on_for_the_grace_beside_the_new_one(acme):
    old = issue(acme, scopes=["read", "predict"], expires=AT + timedelta(days=90))
    later = AT + timedelta(days=30)
    with time_machine.travel(later, tick=False):
        new = rotate_key(api_key=old.api_key, by="ops", at=later)
    assert new.api_key.scopes == ["predict", "read"]
    assert new.api_key.expiry_date == later + timedelta(days=90)
    assert valid(old, later + WEEK - timedelta(seconds=1)) and valid(new, later)
    assert not valid(old, later + WEEK)
    assert valid(new, later + WEEK)


def test_rotating_never_makes_a_key_live_longer(acme):
    old = issue(acme, expires=AT + timedelta(days=2))
    rotate_key(api_key=old.api_key, by="ops", at=AT)
    assert not valid(old, AT + timedelta(days=2))


def test_a_key_is_replaced_once_and_only_while_it_is_valid(acme):
    old = issue(acme)
    rotate_key(api_key=old.api_key, by="ops", at=AT)
    with pytest.raises(Conflict, match="replaced already"):
        rotate_key(api_key=old.api_key, by="ops", at=AT)
    revoked = issue(acme)
    revoke_key(api_key=revoked.api_key, by="ops")
    with pytest.raises(Conflict, match="no longer valid"):
        rotate_key(api_key=revoked.api_key, by="ops", at=AT)
    assert ApiKey.objects.count() == 3


def test_a_revoked_key_is_refused_at_once(acme):
    issued = issue(acme)
    revoke_key(api_key=issued.api_key, by="anna")
    assert not valid(issued, AT)
    assert ApiKey.objects.get().revoked_by == "anna"
    with pytest.raises(Conflict):
        revoke_key(api_key=issued.api_key, by="anna")


def test_a_key_of_another_client_is_not_found(acme):
    other = Client.objects.create(slug="other", name="Other", domain="legal", created_at=AT)
    issued = issue(other)
    with pytest.raises(NotFound):
        find_key(client=acme, prefix=issued.api_key.prefix)


def test_the_command_issues_rotates_lists_and_revokes(acme):
    made = run("acme", "--issue", "nightly", "--scopes", "read", "predict")
    assert made["scopes"] == ["predict", "read"]
    new = run("acme", "--rotate", made["prefix"], "--grace-days", "1")
    assert new["prefix"] != made["prefix"]
    run("acme", "--revoke", made["prefix"])
    keys = {key["prefix"]: key for key in run("acme")["keys"]}
    assert {prefix: key["revoked"] for prefix, key in keys.items()} == {
        made["prefix"]: True,
        new["prefix"]: False,
    }
    assert all(key not in str(keys) for key in (made["key"], new["key"]))


def test_last_used_is_written_at_most_once_a_minute(acme, client):
    issued = issue(acme)
    used = []
    for seconds in (0, 30, 59, 60, 90):
        with time_machine.travel(AT + timedelta(seconds=seconds), tick=False):
            answer = client.get("/api/v1/models", headers={"Authorization": f"Bearer {issued.key}"})
        assert answer.status_code == 200
        used.append((ApiKey.objects.get().last_used_at - AT).total_seconds())
    assert used == [0, 0, 0, 60, 60]


@pytest.mark.parametrize("scope", [scope for scope in Scope.values if scope != "read"])
def test_a_key_without_the_scope_is_forbidden(scope, acme, client):
    issued = issue(acme, scopes=[scope])
    for address in ("models", "models/none/cycles", "reports/1"):
        answer = client.get(f"/api/v1/{address}", headers={"Authorization": f"Bearer {issued.key}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
