from django.db import models
from simple_history.models import HistoricalRecords

from clients.models.client import Client
from clients.models.tier import Tier


class Task(models.TextChoices):
    TEXT = "text"
    TABULAR = "tabular"


class MaintainedModel(models.Model):
    """A model in a client's production that we keep sharp."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="maintained_models")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=100)
    task = models.CharField(max_length=10, choices=Task.choices)
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="maintained_models")
    # What the training columns fixed: names, types, categories (clients.schema.Schema as JSON).
    schema = models.JSONField(editable=False)
    monthly_fee = models.PositiveIntegerField(
        null=True, blank=True, help_text="US dollars a month; empty: not agreed, the tier's range."
    )
    created_at = models.DateTimeField()

    history = HistoricalRecords()

    class Meta:
        ordering = ("client__name", "slug")
        constraints = [
            models.UniqueConstraint(fields=["client", "slug"], name="one_model_per_slug")
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def path(self) -> str:
        """``CLIENT/MODEL``, as commands and addresses write it."""
        return f"{self.client.slug}/{self.slug}"
