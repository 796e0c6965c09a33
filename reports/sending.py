"""The way of a rendered report to its readers: read by a person of ours, mailed, opened."""

import contextlib
import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.utils import translation

from agency.base import files, mail, outbound
from agency.base.dispatch import enqueue
from agency.base.errors import Conflict, DomainError, NotFound
from agency.base.outbound import NotSent
from clients.models import AgencySettings
from reports.models import Delivery, MonthlyReport
from reports.text import name
from reports.wording import wording_for

BY = "mail"
SETTING = "the client's setting"
LINK_LASTS = timedelta(days=92)
"""A link in a mail opens its report for a quarter; the PDF that came with the mail lasts."""


def newer_revision() -> Exists:
    """A condition: the outer report's month has a later revision that can be read."""
    newer = MonthlyReport.objects.filter(
        client=OuterRef("client"),
        month=OuterRef("month"),
        revision__gt=OuterRef("revision"),
        state=MonthlyReport.State.RENDERED,
    )
    return Exists(newer)


def to_read() -> QuerySet[MonthlyReport]:
    """Reports that nobody of ours has read yet and that are the newest of their month."""
    rendered = MonthlyReport.objects.filter(state=MonthlyReport.State.RENDERED, read_by="")
    return rendered.filter(~newer_revision())


@transaction.atomic
def mark_read(*, report: MonthlyReport, by: str, at: datetime) -> list[Delivery]:
    """``by`` has read the report: it goes out to every contact who wants reports.

    From here on it also stands in the client's portal. ``Conflict`` where it is not rendered, was read
    before, or a later revision has taken its place.
    """
    if report.state != MonthlyReport.State.RENDERED:
        raise Conflict(f"{report} has no pages yet")
    if not to_read().filter(pk=report.pk).update(read_by=by, read_at=at):
        report.refresh_from_db()
        if report.read_by:
            raise Conflict(f"{report.read_by} has read {report} already")
        raise Conflict(f"{report} was revised: read the later revision")
    report.read_by, report.read_at = by, at
    return _address(report, at)


@transaction.atomic
def send_to_new(*, report: MonthlyReport, at: datetime) -> list[Delivery]:
    """The report that was read goes out to contacts who have not been sent it; who they are.

    ``Conflict`` where nobody has read it yet, or there is no such contact.
    """
    if not report.read_by:
        raise Conflict(f"nobody has read {report} yet")
    deliveries = _address(report, at)
    if not deliveries:
        raise Conflict(f"{report} has gone to every contact who receives reports")
    return deliveries


def _address(report: MonthlyReport, at: datetime) -> list[Delivery]:
    """A delivery for every contact who has none, and a hint to the workers."""
    had = {email.lower() for email in report.deliveries.values_list("email", flat=True)}
    contacts = report.client.contacts.filter(receives_reports=True)
    # The address alone may be there twice: under two spellings it is one mailbox.
    people = {each.email.lower(): each for each in contacts if each.email.lower() not in had}
    deliveries = Delivery.objects.bulk_create(
        Delivery(report=report, name=each.name, email=each.email, state="due", created_at=at)
        for each in people.values()
    )
    for delivery in deliveries:
        enqueue("reports.deliver", delivery.pk)
    return deliveries


def read_by_setting(*, report: MonthlyReport, at: datetime) -> None:
    """What the client wants to have without a reader of ours goes out at once.

    Of a month that was told already only a final revision does: labels that trickle in would
    otherwise mean a mail a day.
    """
    if not report.client.auto_approve_reports or report.read_by:
        return
    told = MonthlyReport.objects.filter(client=report.client, month=report.month)
    if report.provisional and told.exclude(read_by="").exists():
        return
    if to_read().filter(pk=report.pk).exists():
        mark_read(report=report, by=SETTING, at=at)


def deliver(
    *, delivery_id: int, by: str = BY, reason: str = "", again: bool = False
) -> Delivery | None:
    """Mail one report to one person; ``None`` where it is on its way or has gone out.

    ``again``: a person has decided that what failed, or may have gone out, goes out anew.
    """
    token = secrets.token_urlsafe(32)

    def prepare(delivery: Delivery) -> dict[str, str]:
        return {"token_sha256": digest(token)}

    return outbound.attempt(
        Delivery,
        delivery_id,
        by=by,
        prepare=prepare,
        send=lambda delivery: _mail(delivery, token),
        again=again,
        reason=reason,
    )


def sweep(*, at: datetime) -> list[int]:
    """What waits is asked for again, and what lost its sender is laid before a person."""
    return outbound.sweep(Delivery, "reports.deliver", at=at, by=BY)


def opened(*, token: str, at: datetime) -> MonthlyReport:
    """The report that a mail's link leads to; notes when it was first followed.

    ``NotFound`` for a token that is none, or too old.
    """
    delivery = (
        Delivery.objects.filter(token_sha256=digest(token), created_at__gt=at - LINK_LASTS)
        .select_related("report__client")
        .first()
    )
    if delivery is None:
        raise NotFound("this link leads to no report")
    Delivery.objects.filter(pk=delivery.pk, opened_at__isnull=True).update(opened_at=at)
    if delivery.state == Delivery.State.UNKNOWN:
        with contextlib.suppress(Conflict):  # a person settled it at this moment
            outbound.arrived(delivery, by=BY, at=at, reason="the link in the mail was followed")
    return delivery.report


def digest(token: str) -> str:
    """What we keep of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _mail(delivery: Delivery, token: str) -> None:
    report = MonthlyReport.objects.select_related("client").get(pk=delivery.report_id)
    agency = AgencySettings.current()
    client = report.client
    try:
        pdf = files.fetch(report.pdf_sha256, suffix=".pdf")
    except (DomainError, OSError) as error:
        raise NotSent(f"the PDF can't be read: {error}") from error
    month = wording_for(client.language).month(f"{report.month:%Y-%m}")
    context = {
        "report": report,
        "revised": report.revision > 1,
        "client": client,
        "month": month,
        "reader": name(delivery.name),
        "agency": agency,
        "link": f"{settings.PUBLIC_URL}/r/{token}/",
    }
    with translation.override(client.language):
        subject, text, html = (
            render_to_string(f"mail/report.{part}", context)
            for part in ("subject.txt", "txt", "html")
        )
    file = f"{client.slug}-{report.month:%Y-%m}-r{report.revision}.pdf"
    mail.send(
        sender=(agency.name, agency.sender),
        to=(name(delivery.name), delivery.email),
        subject=subject,
        text=text,
        html=html,
        message_id=f"<report-{delivery.pk}-{digest(token)[:16]}@{agency.sender.partition('@')[2]}>",
        attachments=[(file, pdf, "application/pdf")],
    )
