"""How a client's person gets into the portal."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail

from agency.accounts.invite import invite
from agency.base.errors import BadInput, Conflict
from clients.models import Membership
from tests.browser.helpers import PASSWORD, make_member, make_staff
from tests.factories import ClientFactory

EVA = {"email": "eva@harbour.example", "first_name": "Eva", "last_name": "Lund", "role": "lead"}


@pytest.fixture
def harbour(db):
    return ClientFactory(slug="harbour", name="Harbour Bank")


def test_an_invited_person_sets_a_password_and_is_in_the_portal(harbour, client, settings):
    settings.PUBLIC_URL = "https://models.example"
    invite(client=harbour, **EVA)

    (message,) = mail.outbox
    assert message.to == ["Eva Lund <eva@harbour.example>"]
    assert "the portal of Harbour Bank" in message.subject
    link = re.search(r"https://models\.example(/accounts/password/reset/key/\S+)", message.body)[1]
    form = client.get(link, follow=True)
    answer = client.post(
        form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD}, follow=True
    )

    assert answer.redirect_chain[-1][0] == "/portal/harbour/"
    assert User.objects.get(email=EVA["email"]).check_password(PASSWORD)
    assert client.get(link, follow=True).status_code == 200
    assert Membership.objects.get().role == "lead"


def test_a_link_lets_in_once(harbour, client):
    invite(client=harbour, **EVA)
    link = re.search(r"https?://[^/]+(/\S+/key/\S+)", mail.outbox[0].body)[1]
    user = User.objects.get()
    user.set_password(PASSWORD)
    user.save()
    answer = client.get(link, follow=True)
    assert answer.context.get("token_fail")


def test_the_mail_is_in_the_clients_language(harbour):
    harbour.language = "de"
    harbour.save()
    invite(client=harbour, **EVA)
    assert "Wählen Sie hier innerhalb von 3 Tagen Ihr Passwort" in mail.outbox[0].body


def test_who_has_not_answered_yet_is_written_to_again(harbour):
    first = invite(client=harbour, **EVA)
    assert invite(client=harbour, **EVA) == first
    assert len(mail.outbox) == 2 and User.objects.count() == 1


def test_a_person_of_another_client_keeps_the_account_and_the_password(harbour):
    mia = make_member(ClientFactory(), username="mia")
    invite(client=harbour, **EVA | {"email": mia.user.email.upper()})
    assert mia.user.memberships.count() == 2
    assert "Sign in as you are used to" in mail.outbox[0].body
    assert "/portal/harbour/" in mail.outbox[0].body


def test_who_belongs_already_is_one_of_ours_or_has_left_is_not_invited(harbour):
    mia = make_member(harbour, username="mia")
    ana = make_staff("ana", authenticator=False)
    gone = make_member(username="gone")
    User.objects.filter(pk=gone.user.pk).update(is_active=False)
    for person, says in ((mia, "already"), (ana, "one of ours"), (gone, "closed account")):
        with pytest.raises(Conflict, match=says):
            invite(client=harbour, **EVA | {"email": person.user.email})
    with pytest.raises(BadInput, match="unknown role"):
        invite(client=harbour, **EVA | {"role": "owner"})
    assert mail.outbox == [] and Membership.objects.count() == 1


def test_a_name_can_add_no_reader(harbour):
    invite(client=harbour, **EVA | {"first_name": "Eva\r\nBcc: all@example.org"})
    (message,) = mail.outbox
    assert message.recipients() == ["eva@harbour.example"] or len(message.recipients()) == 1
    assert "Bcc" not in message.extra_headers


def test_staff_invite_from_the_clients_page(harbour, admin_client):
    address = f"/admin/clients/client/{harbour.pk}/invite-person/"
    assert "Send the invitation" in admin_client.get(address).content.decode()
    answer = admin_client.post(address, EVA | {"confirmed": "yes"}, follow=True)
    assert "eva@harbour.example is invited" in answer.content.decode()
    assert Membership.objects.get().client == harbour


def test_who_may_not_give_access_sees_no_button_and_invites_nobody(harbour, client):
    ana = make_staff("ana", groups=["operator"], authenticator=False)
    client.force_login(ana.user)
    page = client.get(f"/admin/clients/client/{harbour.pk}/change/").content.decode()
    assert "Invite a person" not in page and "As the client sees it" in page
    answer = client.post(
        f"/admin/clients/client/{harbour.pk}/invite-person/", EVA | {"confirmed": "yes"}
    )
    assert answer.status_code in (302, 403) and not Membership.objects.exists()


def test_staff_come_from_the_clients_page_to_its_portal(harbour, client):
    ana = make_staff("ana", groups=["read-only"], authenticator=False)
    client.force_login(ana.user)
    answer = client.get(f"/admin/clients/client/{harbour.pk}/see-portal/", follow=True)
    assert answer.redirect_chain[-1][0] == "/portal/harbour/"
