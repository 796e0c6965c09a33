"""A person of a client gets an account, and a mail with the link that sets its password."""

from datetime import timedelta
from uuid import uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from agency.base import mail
from agency.base.errors import BadInput, Conflict
from clients.models import AgencySettings, Client, Membership


def invite(*, client: Client, email: str, first_name: str, last_name: str, role: str) -> Membership:
    """The membership of the person with that address, whose account is made where there is none.

    They get a mail in the client's language. ``BadInput`` for an unknown role, ``Conflict`` for the
    address of one of ours, for a closed account, and for one that belongs to the client already and
    has a password: ``NotSent`` or ``PerhapsSent`` where the mail is not known to have gone out; the
    account stands then, and inviting again sends another mail.
    """
    if role not in Membership.Role.values:
        raise BadInput(f"unknown role {role!r}: {', '.join(Membership.Role.values)}")
    address = email.strip()
    with transaction.atomic():
        user = User.objects.filter(email__iexact=address).order_by("pk").first()
        if user is None:
            user = User(
                username=_free_name(address),
                email=address,
                first_name=first_name.strip(),
                last_name=last_name.strip(),
            )
            user.set_unusable_password()
            user.save()
        if user.is_staff or not user.is_active:
            what = "is one of ours" if user.is_staff else "has a closed account"
            raise Conflict(f"{address} {what}: no portal access is given by mail")
        known = Membership.objects.filter(client=client, user=user).first()
        if known is not None and user.has_usable_password():
            raise Conflict(f"{address} belongs to {client} already")
        membership = known or Membership.objects.create(client=client, user=user, role=role)
    _tell(membership)
    return membership


def _free_name(address: str) -> str:
    """The address as the user's name, or with something behind it where that is taken."""
    name = address[:140]
    return f"{name}-{uuid4().hex[:6]}" if User.objects.filter(username=name).exists() else name


def link_for(user: User) -> str:
    """Where that person sets a password; good once, and for as long as Django's setting says."""
    key = default_token_generator.make_token(user)
    path = reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )
    return f"{settings.PUBLIC_URL}{path}"


def _tell(membership: Membership) -> None:
    agency, client, user = AgencySettings.current(), membership.client, membership.user
    with translation.override(client.language):
        context = {
            "agency": agency,
            "client": client,
            "reader": user.get_full_name() or user.email,
            "username": user.get_username(),
            "new": not user.has_usable_password(),
            "link": f"{settings.PUBLIC_URL}{reverse('portal:home', args=[client.slug])}"
            if user.has_usable_password()
            else link_for(user),
            "days": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days,
        }
        parts = [
            render_to_string(f"mail/invite.{part}", context)
            for part in ("subject.txt", "txt", "html")
        ]
    mail.send(
        sender=(agency.name, agency.sender),
        to=(user.get_full_name(), user.email),
        subject=parts[0],
        text=parts[1],
        html=parts[2],
        message_id=f"<invite-{uuid4().hex}@{agency.sender.partition('@')[2]}>",
    )
