"""What browser tests say often: who signs in, what a page offends against."""

import json
import time
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client as DjangoBrowser

from clients.models import Membership

PASSWORD = "a-Long-enough-Pa55phrase"
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Person:
    """Somebody with an account; ``totp_secret`` is empty where no authenticator is set up."""

    user: User
    password: str = PASSWORD
    totp_secret: str = ""


def make_staff(username="ana", *, groups=(), superuser=False, authenticator=True):
    """A person of the agency: in the named groups (roles), with an authenticator unless not."""
    user = User.objects.create_user(
        username,
        f"{username}@agency.example",
        PASSWORD,
        is_staff=True,
        is_superuser=superuser,
    )
    for name in groups:
        user.groups.add(Group.objects.get(name=name))
    return add_authenticator(Person(user)) if authenticator else Person(user)


def make_member(*clients, username="mia", role="viewer", authenticator=False):
    """A person of these clients, in this role at each."""
    user = User.objects.create_user(username, f"{username}@client.example", PASSWORD)
    for client in clients:
        Membership.objects.create(client=client, user=user, role=role)
    return add_authenticator(Person(user)) if authenticator else Person(user)


def add_authenticator(person):
    """A TOTP authenticator and recovery codes, as the set-up page makes them."""
    person.totp_secret = generate_totp_secret()
    TOTP.activate(person.user, person.totp_secret)
    RecoveryCodes.activate(person.user)
    assert Authenticator.objects.filter(user=person.user).count() == 2
    return person


def sign_in(page, site, person):
    """Be that person from now on, without walking through the login pages."""
    browser = DjangoBrowser()
    browser.force_login(person.user)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": str(site)}]
    )


def totp(secret):
    """The six digits that an authenticator app shows now."""
    return f"{hotp_value(secret, int(time.time()) // 30):06d}"


def log_in(page, person, *, name="", password="", code="", stop_at_code=False):
    """Type into the login page that is open; the code too, where one is asked for."""
    page.locator("input[name=login]").fill(name or person.user.username)
    page.locator("input[name=password]").fill(password or person.password)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    if "/2fa/authenticate/" in page.url and not stop_at_code:
        page.locator("input[name=code]").fill(code or totp(person.totp_secret))
        page.locator("main button[type=submit]").first.click()
        page.wait_for_load_state()


def violations(page):
    """What axe-core finds on the page against WCAG 2.2 A and AA: a line a rule, with what offends."""
    page.evaluate(AXE_SCRIPT)
    options = {"runOnly": {"type": "tag", "values": list(WCAG)}, "resultTypes": ["violations"]}
    found = page.evaluate(f"axe.run({json.dumps(options)})")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
