from django.db import models
from simple_history.models import HistoricalRecords

from clients.models.client import Client
from clients.models.maintained_model import MaintainedModel


class KnownEvent(models.Model):
    """A campaign, release or deprecation that staff or the client declared, with its window."""

    class Kind(models.TextChoices):
        CAMPAIGN = "campaign"
        RELEASE = "release"
        DEPRECATION = "deprecation"
        OTHER = "other"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="known_events")
    model = models.ForeignKey(
        MaintainedModel,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Empty: it touches every model of the client.",
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    declared_by = models.CharField(max_length=150)

    history = HistoricalRecords()

    class Meta:
        ordering = ("-starts_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="event_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.title
