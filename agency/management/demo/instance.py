"""The demo's agency: only in an instance without clients, and one demo at a time."""

import fcntl
import os
import secrets
from pathlib import Path

from django.contrib.auth import get_user_model

from agency.base.errors import BadInput
from clients.models import AgencySettings, Client, Membership

LOCK = "demo.lock"
USER = "ana"
"""The account manager: approves what the gate promotes, and is whom the reports name."""

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
    '<rect width="64" height="64" rx="12" fill="#1f4e79"/>'
    '<path d="M12 44 L44 12 L52 20 L20 52 L10 54 Z" fill="#ffffff"/>'
    '<path d="M12 44 L20 52 L10 54 Z" fill="#f2a900"/>'
    "</svg>"
)


def lock(home: Path) -> int:
    """Take the instance's lock; the descriptor that holds it, for child processes to keep open.

    So the folder stays locked for as long as any process of its demo lives, even one whose parent
    was killed. ``BadInput`` while another demo holds it.
    """
    descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise BadInput(f"another demo is running in {home}") from error
    return descriptor


def check_empty(home: Path) -> None:
    """``BadInput`` where the instance has clients: a demo is no guest in somebody's data."""
    if Client.objects.exists():
        raise BadInput(
            f"the instance {home} has clients already; "
            "name another folder in WHETSTONE_HOME and run manage.py migrate"
        )


def make_agency() -> tuple[str, str]:
    """The agency's name, logo and colours, and a superuser; the user's name and password."""
    agency = AgencySettings.current()
    agency.name = "Sharp & Steady"
    agency.logo_svg = LOGO
    agency.primary_colour, agency.accent_colour = "#1f4e79", "#b8500f"
    agency.sender = "reports@sharp-and-steady.example"
    agency.footer = "Sharp & Steady keeps models accurate. Demo data: no real customer or patient."
    agency.full_clean()
    agency.save()
    password = secrets.token_urlsafe(12)
    users = get_user_model()._default_manager
    if users.filter(username=USER).exists():
        raise BadInput(f"the instance has a user {USER!r} already; take a fresh WHETSTONE_HOME")
    users.create_superuser(
        username=USER, email="ana@sharp-and-steady.example", password=password, first_name="Ana"
    )
    return USER, password


def make_readers() -> tuple[list[str], str]:
    """A person of each client who may see its portal; their names, and the password of all of them."""
    password, names = secrets.token_urlsafe(12), []
    users = get_user_model()._default_manager
    for client in Client.objects.order_by("slug"):
        name = f"reader-{client.slug}"
        email = f"reader@{client.slug}.example"
        person = users.create_user(username=name, email=email, password=password)
        Membership.objects.create(client=client, user=person, role=Membership.Role.LEAD)
        names.append(name)
    return names, password
