"""Nobody sees in the portal what is not theirs, and is not told that it is there."""

import pytest
from django.test import Client as Browser

from clients.models import AlertSubscription, KnownEvent, PredictionLog
from reports.portal.access import RIGHTS
from tests.browser.helpers import make_member, make_staff
from tests.portal.portal_matrix import (
    ROLES,
    TABLE,
    address,
    asked_of,
    expected,
    routes,
    things_of,
    unknown,
)


def test_every_address_of_the_portal_is_in_the_table():
    assert set(routes()) == set(TABLE)


@pytest.fixture
def browser_of(harbour):
    def sign_in(role):
        if role == "staff":
            person = make_staff("ana", groups=["read-only"], authenticator=False)
        else:
            person = make_member(harbour.client, role=role)
        browser = Browser()
        browser.force_login(person.user)
        return browser

    return sign_in


@pytest.fixture
def gone(harbour):
    """The numbers of things that harbour had and has no more; its model was renamed."""
    names = ("event", "row")
    found = {name: getattr(harbour, name) for name in names}
    numbers = {}
    for name, thing in found.items():
        thing.pk = None
        if name == "row":
            thing.row_id = "harbour-gone"
        thing.save(force_insert=True)
        numbers[name] = thing.pk
        thing.delete()
    harbour.event, harbour.row = KnownEvent.objects.get(), PredictionLog.objects.latest("timestamp")
    # Not gone, but never sent: the client knows nothing of it.
    return numbers | {"report": harbour.unread.pk, "model": "renamed-since"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_everybody_gets_their_own_and_of_others_the_answer_of_the_unknown(
    harbour, gone, rival, browser_of, role, method
):
    browser = browser_of(role)
    wrong, refusals = [], set()
    for asked in asked_of(harbour, rival, gone):
        data = TABLE[asked.name].post or {} if method == "POST" else {}
        ask = browser.post if method == "POST" else browser.get
        answer = ask(asked.address, data)
        right = expected(asked, role, method)
        if answer.status_code != right:
            wrong.append(f"{asked}: {answer.status_code}, not {right}")
        if answer.status_code == 404:
            refusals.add(answer.content)
        if role != "staff" and b"of rival" in answer.content:
            wrong.append(f"{asked} shows another client's things")
    assert wrong == []
    assert len(refusals) == 1


@pytest.mark.parametrize("name", TABLE)
def test_who_is_not_signed_in_is_sent_to_sign_in_whatever_is_asked(harbour, name, client):
    for slug, things in (("harbour", things_of(harbour)), ("no-such-client", unknown())):
        for ask in (client.get, client.post):
            asked = address(name, slug, things)
            answer = ask(asked)
            if answer.status_code != 405:
                assert answer.status_code == 302
                assert answer.url == f"/accounts/login/?next={asked}"


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry.own == 200])
def test_a_person_of_two_clients_sees_each_at_its_own_address(harbour, rival, name, client):
    mia = make_member(harbour.client, rival.client, role="lead")
    client.force_login(mia.user)
    for world, other in ((harbour, rival), (rival, harbour)):
        slug = world.client.slug
        assert client.get(address(name, slug, things_of(world))).status_code == 200
        if TABLE[name].things:
            assert client.get(address(name, slug, things_of(other))).status_code == 404


def test_who_no_longer_belongs_to_a_client_is_a_stranger(harbour, client):
    mia = make_member(harbour.client, role="lead")
    client.force_login(mia.user)
    mia.user.memberships.all().delete()
    for name in TABLE:
        answer = client.get(address(name, "harbour", things_of(harbour)))
        assert answer.status_code in (404, 405), name


def test_staff_without_a_right_to_view_clients_are_strangers_too(harbour, client):
    ben = make_staff("ben", authenticator=False)
    client.force_login(ben.user)
    assert client.get("/portal/harbour/").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "reviewer", "staff"])
def test_what_is_refused_has_changed_nothing(harbour, browser_of, role):
    browser = browser_of(role)
    for name, entry in TABLE.items():
        if entry.post is not None and entry.needs not in RIGHTS[role]:
            browser.post(address(name, "harbour", things_of(harbour)), entry.post)
    assert list(KnownEvent.objects.values_list("title", flat=True)) == ["Sale of harbour"]
    if role != "reviewer":
        assert not PredictionLog.objects.exclude(label="").exists()
    assert not AlertSubscription.objects.exists()
