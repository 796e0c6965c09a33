"""People sign in as people do: typing, with a second factor, with a mail when they forgot."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail

from tests.browser.helpers import (
    PASSWORD,
    log_in,
    make_member,
    make_staff,
    sign_in,
    totp,
    violations,
)
from tests.factories import ClientFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def mandatory(settings):
    settings.STAFF_MFA = "required"


def test_staff_sign_in_with_password_and_code_and_come_to_the_admin(site, page, mandatory):
    ana = make_staff("ana", superuser=True)

    page.goto("/admin/")
    log_in(page, ana)

    assert page.url == f"{site}/admin/"


def test_a_recovery_code_lets_in_once(site, page, new_page, mandatory):
    ana = make_staff("ana", superuser=True)
    codes = RecoveryCodes(Authenticator.objects.get(user=ana.user, type="recovery_codes"))
    code = codes.get_unused_codes()[0]

    page.goto("/accounts/login/")
    log_in(page, ana, code=code)
    assert page.url == f"{site}/admin/"

    again = new_page()
    again.goto("/accounts/login/")
    log_in(again, ana, code=code)
    assert again.get_by_role("alert").is_visible()
    assert "/admin/" not in again.url


def test_a_new_staff_person_sets_up_an_authenticator_before_anything_else(site, page, mandatory):
    ben = make_staff("ben", superuser=True, authenticator=False)
    page.goto("/accounts/login/")
    log_in(page, ben)
    assert page.url == f"{site}/accounts/2fa/totp/activate/"
    for path in ("/admin/", "/admin/clients/client/", "/portal/"):
        page.goto(path)
        assert page.url == f"{site}/accounts/2fa/totp/activate/"

    secret = page.get_by_label("Authenticator secret").input_value()
    page.locator("input[name=code]").fill(totp(secret))
    page.get_by_role("button", name="Activate").click()

    assert "/recovery-codes/" in page.url
    assert page.locator(".codes li").count() == 10
    page.goto("/admin/")
    assert page.url == f"{site}/admin/"


def test_a_person_of_a_client_comes_to_the_portal_by_address_or_name(site, page, new_page):
    mia = make_member(ClientFactory())
    page.goto("/accounts/login/")
    log_in(page, mia)
    assert "/portal/" in page.url

    other = new_page()
    other.goto("/accounts/login/")
    log_in(other, mia, name=mia.user.email)
    assert "/portal/" in other.url
    assert other.goto("/admin/").status == 403


def test_a_forgotten_password_is_set_anew_by_mail(site, page):
    mia = make_member(ClientFactory())
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("Email").fill(mia.user.email)
    page.get_by_role("button").first.click()
    page.wait_for_url("**/password/reset/done/")

    (message,) = mail.outbox
    assert "Our agency" in message.subject and "reports@agency.invalid" in message.from_email
    address = re.search(r"https?://\S+/password/reset/key/\S+", message.body)[0]
    page.goto(address)
    for box in page.locator("input[type=password]").all():
        box.fill("another-Long-pa55phrase")
    page.locator("main button[type=submit]").first.click()

    assert "/portal/" in page.url
    mia.user.refresh_from_db()
    assert mia.user.check_password("another-Long-pa55phrase")


def test_a_stranger_gets_the_same_answer_as_a_known_address_and_no_mail(site, page):
    page.goto("/accounts/password/reset/")
    page.get_by_label("Email").fill("nobody@client.example")
    page.get_by_role("button").first.click()

    page.wait_for_url("**/password/reset/done/")
    assert mail.outbox == []


def test_guessing_is_stopped(site, page):
    mia = make_member(ClientFactory())
    for _ in range(6):
        page.goto("/accounts/login/")
        log_in(page, mia, password="wrong")
    page.goto("/accounts/login/")
    log_in(page, mia, password=PASSWORD)

    assert "/accounts/login/" in page.url


def test_pages_of_signing_in_speak_the_browsers_language(site, new_page):
    page = new_page(locale="de-DE")
    page.goto("/accounts/login/")

    assert page.locator("html").get_attribute("lang") == "de"
    assert page.get_by_label("Passwort").is_visible()
    assert page.get_by_role("heading", name="Anmelden").is_visible()


ANONYMOUS = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-set-password/",
    "/accounts/inactive/",
)
SIGNED_IN = (
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
)
WITH_FACTOR = (
    "/accounts/2fa/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/totp/deactivate/",
)


@pytest.mark.parametrize("narrow", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_axe_finds_nothing_on_the_pages_of_signing_in(site, new_page, narrow, locale):
    found = {}

    def look(page, paths):
        for path in paths:
            page.goto(path)
            found[page.url] = violations(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path

    look(new_page(phone=narrow, locale=locale), ANONYMOUS)
    mia = make_member(ClientFactory())
    page = new_page(phone=narrow, locale=locale)
    page.goto("/accounts/login/")
    log_in(page, mia)
    look(page, SIGNED_IN)
    lea = make_member(ClientFactory(), username="lea", authenticator=True)
    page = new_page(phone=narrow, locale=locale)
    page.goto("/accounts/login/")
    log_in(page, lea, stop_at_code=True)
    found[page.url] = violations(page)
    page.locator("input[name=code]").fill(totp(lea.totp_secret))
    page.locator("main button[type=submit]").first.click()
    look(page, WITH_FACTOR)

    assert len(found) >= 14
    assert {url: lines for url, lines in found.items() if lines} == {}


def test_signing_in_without_typing_is_what_typing_leads_to(site, page):
    sign_in(page, site, make_member(ClientFactory()))
    page.goto("/")

    assert "/portal/" in page.url
