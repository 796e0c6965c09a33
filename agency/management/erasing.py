"""A person forgotten: every room removes its part, in one transaction, and the whole is written down."""

from datetime import datetime

from django.db import transaction

from clients.models import Client, Erasure
from clients.privacy import Subject, erase_rows
from reports.models import MonthlyReport
from retraining.services.erasing import erase_traces


@transaction.atomic
def erase(*, client: Client, subject: Subject, by: str, at: datetime) -> Erasure:
    """Remove the person's rows everywhere, and note what was touched; the person stays as a hash.

    Reports are frozen and were sent: those that name the person, and those of months that lost
    rows, are flagged and not changed. All of it happens, or nothing.
    """
    touched = erase_rows(client=client, subject=subject, at=at)
    erase_traces(client=client, subject=subject, touched=touched)
    months = {day.replace(day=1) for day in touched.days}
    reports = list(MonthlyReport.objects.filter(client=client).order_by("month", "revision"))
    flagged = [r for r in reports if r.month in months or subject.is_in(r.facts)]
    touched.add("reports flagged", [f"{r.month:%Y-%m} r{r.revision}" for r in flagged])
    return Erasure.objects.create(
        client=client,
        subject_sha256=subject.sha256,
        by=by,
        at=at,
        # An id may name the person, too.
        touched=subject.cut(touched.as_json()),
    )
