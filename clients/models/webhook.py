from django.db import models

from clients.models.client import Client


class Webhook(models.Model):
    """An address that is told of alerts: a client's own, or the agency's for all clients."""

    class Form(models.TextChoices):
        SIGNED = "signed", "signed JSON"
        SLACK = "slack", "Slack-compatible"

    client = models.ForeignKey(
        Client,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="webhooks",
        help_text="Empty: the agency's, told of every client.",
    )
    url = models.URLField(max_length=500)
    form = models.CharField(max_length=10, choices=Form.choices, default=Form.SIGNED)
    secret = models.CharField(max_length=100, help_text="Signs what we send; shown once.")
    active = models.BooleanField(default=True)
    by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.url.split("?")[0]
