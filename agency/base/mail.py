"""One mail to one person, and what is known of it afterwards."""

import contextlib
import smtplib
from collections.abc import Sequence
from email.utils import formataddr

from django.core.mail import EmailMultiAlternatives, get_connection

from agency.base.outbound import NotSent, PerhapsSent

# The server has said no: it keeps nothing.
REFUSED = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
)


def send(
    *,
    sender: tuple[str, str],
    to: tuple[str, str],
    subject: str,
    text: str,
    html: str,
    message_id: str,
    attachments: Sequence[tuple[str, bytes, str]] = (),
) -> None:
    """Send one mail; ``sender`` and ``to`` are name and address, attachments name, bytes and type.

    Raises ``NotSent`` where the server can't be reached or refuses, ``PerhapsSent`` where it went away
    after it had been handed the mail.
    """
    message = EmailMultiAlternatives(
        subject=one_line(subject),
        body=text,
        from_email=formataddr((one_line(sender[0]), sender[1])),
        to=[formataddr((one_line(to[0]), to[1]))],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        attachments=list(attachments),
    )
    message.attach_alternative(html, "text/html")
    connection = get_connection(fail_silently=False)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"the mail server can't be reached: {error}") from error
    try:
        taken = connection.send_messages([message])
    except REFUSED as error:
        raise NotSent(f"the mail server refused it: {error}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise PerhapsSent(f"the mail server went away while it took the mail: {error}") from error
    finally:
        # It has the mail, or has said that it has not: how it says goodbye changes nothing.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.close()
    if not taken:
        raise NotSent("the mail server took nothing")


def one_line(text: str) -> str:
    """``text`` as it may stand in a header.

    >>> one_line("Ada\\r\\nBcc: all@example.org")
    'Ada Bcc: all@example.org'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
