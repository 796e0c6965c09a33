from django.db import models

from agency.base.jobs import Transition
from agency.base.outbound import Outbound
from clients.models.alert import Alert
from clients.models.webhook import Webhook


class Notice(Outbound):
    """An alert on its way to one address, by mail or webhook: once per change and address.

    ``unknown``: the other side died while it was being told; a person decides whether to tell again.
    """

    class Event(models.TextChoices):
        OPENED = "opened"
        CLOSED = "closed"

    TRANSITION_MODEL = "NoticeTransition"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    event = models.CharField(max_length=10, choices=Event.choices)
    webhook = models.ForeignKey(
        Webhook, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    email = models.EmailField(blank=True)

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
