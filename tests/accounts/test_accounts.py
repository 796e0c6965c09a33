"""Signing in: what is on by default, and what holds whatever the settings say."""

import pytest
from django.core.cache import cache

import agency.settings
from agency.accounts.brand import colours
from agency.accounts.config import account_settings, cache_settings
from clients.models import AgencySettings
from reports.colours import PAPER, contrast
from tests.browser.helpers import PASSWORD, make_member, make_staff
from tests.factories import ClientFactory


@pytest.fixture(autouse=True)
def no_tries_yet():
    cache.clear()


def test_a_second_factor_is_required_of_staff_unless_somebody_says_otherwise():
    assert agency.settings.STAFF_MFA == "required"


@pytest.mark.parametrize("value", ["required", "requird", ""])
def test_a_misspelt_setting_is_the_strict_one(client, settings, db, value):
    settings.STAFF_MFA = value
    client.force_login(make_staff(superuser=True, authenticator=False).user)
    for path in ("/admin/", "/portal/", "/admin/clients/client/"):
        assert client.get(path).url == "/accounts/2fa/totp/activate/"
    # What that page looks like is no secret.
    assert client.get("/brand.css").status_code == 200


def test_staff_with_an_authenticator_and_clients_without_go_where_they_want(client, settings, db):
    settings.STAFF_MFA = "required"
    client.force_login(make_staff(superuser=True).user)
    assert client.get("/admin/").status_code == 200
    client.force_login(make_member(ClientFactory(slug="harbour")).user)
    assert client.get("/portal/").url == "/portal/harbour/"


def test_nobody_signs_up(client, db):
    answer = client.post("/accounts/signup/", {"username": "x", "email": "x@y.example"})
    assert "closed" in answer.content.decode()
    assert client.get("/accounts/email/").status_code == 404


def test_the_admins_own_form_is_gone(client, db):
    answer = client.post("/admin/login/", {"username": "ana", "password": PASSWORD})
    assert answer.status_code == 302 and answer.url.startswith("/accounts/login/")


def test_the_first_page_is_everybodys_own(client, db):
    assert client.get("/").url == "/accounts/login/"
    client.force_login(make_member(ClientFactory()).user)
    assert client.get("/").url == "/portal/"
    client.force_login(make_staff(authenticator=False).user)
    assert client.get("/").url == "/admin/"


def test_passwords_are_kept_with_argon2():
    assert agency.settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


def test_after_too_many_wrong_passwords_the_right_one_is_not_looked_at(client, db):
    mia = make_member(ClientFactory())
    ask = {"login": mia.user.username, "password": "wrong"}
    for _ in range(5):
        client.post("/accounts/login/", ask)
    answer = client.post("/accounts/login/", ask | {"password": PASSWORD})
    assert "_auth_user_id" not in client.session and answer.status_code == 200


def test_a_flood_of_tries_is_told_to_wait(client, db):
    answers = [client.post("/accounts/login/", {"login": f"n{i}"}).status_code for i in range(40)]
    assert answers[-1] == 429


def test_a_mail_server_that_is_away_tells_nobody_who_has_an_account(client, db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    mia = make_member(ClientFactory())
    for address in (mia.user.email, "stranger@client.example"):
        answer = client.post("/accounts/password/reset/", {"email": address})
        assert (answer.status_code, answer.url) == (302, "/accounts/password/reset/done/")


def test_limits_are_counted_for_all_processes_in_one_place(tmp_path):
    redis = cache_settings(broker_url="redis://broker/0", home=tmp_path)["default"]
    assert redis["LOCATION"] == "redis://broker/0"
    files = cache_settings(broker_url="", home=tmp_path)["default"]
    assert files["LOCATION"] == str(tmp_path / "cache")


def test_whose_proxies_are_trusted_is_said():
    assert account_settings(trusted_proxies=2)["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2


@pytest.mark.parametrize("primary", ["#ffff00", "#000000", "#ffffff", "#8dbbdf", "not a colour"])
def test_the_agencys_colours_can_be_read(primary):
    found = colours(AgencySettings(primary_colour=primary, accent_colour=primary))
    assert contrast(found["brand"], found["soft"]) >= 4.5
    assert contrast(found["brand"], PAPER) >= 4.5
    assert contrast(found["on_brand"], found["brand"]) >= 4.5
    assert contrast(found["accent"], PAPER) >= 4.5


def test_the_logo_is_a_picture_and_nothing_else(client, db):
    assert client.get("/brand.svg").status_code == 404
    agency_row = AgencySettings.current()
    agency_row.logo_svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>"
    agency_row.save()
    answer = client.get("/brand.svg")
    assert answer["Content-Type"].startswith("image/svg+xml")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]


def test_the_admin_speaks_one_language(client, db):
    client.force_login(make_staff(superuser=True, authenticator=False).user)
    page = client.get("/admin/", headers={"accept-language": "de"}).content.decode()
    assert 'lang="en' in page
