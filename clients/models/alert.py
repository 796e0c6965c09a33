from django.db import models

from clients.models.maintained_model import MaintainedModel


class Alert(models.Model):
    """Something that somebody should know. Raised once per change: open until it no longer holds."""

    class Severity(models.TextChoices):
        WATCH = "watch"
        ACT = "act"
        FAULT = "fault", "fault of ours"

    model = models.ForeignKey(MaintainedModel, on_delete=models.CASCADE, related_name="alerts")
    key = models.CharField(max_length=200, help_text="What changed; one open alert per key.")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    message = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # Somebody has seen it and answers for it; it stays open until it no longer holds.
    acknowledged_by = models.CharField(max_length=150, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["model", "key"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_alert_per_key",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_by="", acknowledged_at__isnull=True)
                | (~models.Q(acknowledged_by="") & models.Q(acknowledged_at__isnull=False)),
                name="alert_acknowledged_or_not",
            ),
        ]

    def __str__(self) -> str:
        return self.message
