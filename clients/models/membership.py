from django.conf import settings
from django.db import models

from clients.models.client import Client


class Membership(models.Model):
    """A person's access to one client's portal, or a staff member's responsibility for a client."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "reads reports"
        REVIEWER = "reviewer", "labels rows"
        LEAD = "lead", "answers for this client"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "user"], name="one_membership_per_client")
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.client} ({self.role})"
