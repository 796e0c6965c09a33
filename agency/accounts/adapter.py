"""What allauth asks of us: who may come in, where they go then, in whose name mails are sent."""

import logging
import time
from smtplib import SMTPException
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from clients.models import AgencySettings

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by staff. Mails come from the agency."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in need not prove at once again who they are."""
        records = get_authentication_records(context.request, context.request.user)
        if records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_from_email(self) -> str:
        agency = AgencySettings.current()
        # A line break in a name would begin another header.
        name = " ".join(agency.name.split()).replace('"', "'")
        return f'"{name}" <{agency.sender}>'

    def format_email_subject(self, subject: str) -> str:
        return f"{AgencySettings.current().name}: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away must not tell an address that has an account from one without."""
        try:
            super().send_mail(
                template_prefix, email, context | {"agency": AgencySettings.current()}
            )
        except (OSError, SMTPException):
            log.exception("the mail %s was not sent", template_prefix)


class SecondFactorAdapter(DefaultMFAAdapter):
    """The authenticator app shows the agency's name."""

    def get_totp_issuer(self) -> str:
        return AgencySettings.current().name
