"""The monthly report: frozen facts, and the bytes rendered from them alone."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from agency.base.jobs import Job, Transition
from clients.models import Client


class MonthlyReport(Job):
    """One revision of a client's report for one month. Late labels make a new one."""

    class State(models.TextChoices):
        FROZEN = "frozen", "facts gathered, not rendered yet"
        RENDERED = "rendered"
        FAILED = "failed"

    TRANSITION_MODEL = "ReportTransition"
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        "frozen": frozenset({"rendered", "failed"}),
        "failed": frozenset({"rendered"}),
    }

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="reports")
    month = models.DateField(help_text="The first day of the month.")
    revision = models.PositiveSmallIntegerField()
    provisional = models.BooleanField()
    facts = models.JSONField()
    facts_sha256 = models.CharField(max_length=64)
    html_sha256 = models.CharField(max_length=64, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    # When the month's rows were last compared with it: later ones make a revision due.
    compared_at = models.DateTimeField(null=True, editable=False)
    # Whoever read it and let it go out; the client's setting may stand in for a person.
    read_by = models.CharField(max_length=150, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-month", "client", "-revision")
        permissions = [("send_monthlyreport", "Can read a report and send it to the client")]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "month", "revision"], name="one_report_per_revision"
            ),
            models.CheckConstraint(
                condition=models.Q(read_by="", read_at__isnull=True)
                | (~models.Q(read_by="") & models.Q(read_at__isnull=False)),
                name="report_read_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.month:%Y-%m} (revision {self.revision})"


class ReportTransition(Transition):
    """One step of a report."""

    job = models.ForeignKey(MonthlyReport, on_delete=models.CASCADE, related_name="transitions")
