from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from agency.base.jobs import Job, Transition
from clients.models.alert import Alert
from clients.models.webhook import Webhook


class Notice(Job):
    """An alert on its way to one address, by mail or webhook: once per change and address.

    ``unknown``: the other side died while it was being told; a person decides whether to tell again.
    """

    class State(models.TextChoices):
        DUE = "due"
        SENDING = "sending"
        SENT = "sent"
        UNKNOWN = "unknown", "perhaps sent"
        FAILED = "failed"

    class Event(models.TextChoices):
        OPENED = "opened"
        CLOSED = "closed"

    TRANSITION_MODEL = "NoticeTransition"
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        "due": frozenset({"sending", "failed"}),
        "sending": frozenset({"sent", "unknown", "failed"}),
        "unknown": frozenset({"sending", "sent"}),
        "failed": frozenset({"sending"}),
    }

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    event = models.CharField(max_length=10, choices=Event.choices)
    webhook = models.ForeignKey(
        Webhook, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "event", "email"],
                condition=models.Q(webhook__isnull=True),
                name="one_mail_per_change",
            ),
            models.UniqueConstraint(
                fields=["alert", "event", "webhook"],
                condition=models.Q(webhook__isnull=False),
                name="one_call_per_change",
            ),
            models.CheckConstraint(
                condition=models.Q(webhook__isnull=True) ^ models.Q(email=""),
                name="notice_goes_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert} ({self.event}) to {self.email or self.webhook}"


class NoticeTransition(Transition):
    """One step of a notice."""

    job = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="transitions")
