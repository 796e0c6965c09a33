from django.conf import settings
from django.db import models

from clients.models.alert import Alert
from clients.models.client import Client


class AlertSubscription(models.Model):
    """A person who wants mail when something happens to a client's models."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="subscriptions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions"
    )
    severity_from = models.CharField(
        max_length=10, choices=Alert.Severity.choices, default=Alert.Severity.ACT
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("client", "pk")
        constraints = [
            models.UniqueConstraint(fields=["client", "user"], name="one_subscription_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.client}, from {self.severity_from}"
