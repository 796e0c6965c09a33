from django.db import models

from clients.models.maintained_model import MaintainedModel


class UploadBatch(models.Model):
    """One file or request of production rows, and what became of it."""

    class Kind(models.TextChoices):
        LOGS = "logs"
        FEEDBACK = "feedback"
        OUTCOMES = "outcomes"

    model = models.ForeignKey(MaintainedModel, on_delete=models.CASCADE, related_name="batches")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LOGS)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    accepted = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    labels = models.PositiveIntegerField(default=0, help_text="Late labels attached to known rows.")
    pending = models.PositiveIntegerField(default=0, help_text="Feedback kept until its row comes.")
    rejected = models.PositiveIntegerField(default=0)
    ignored_keys = models.JSONField(default=dict, help_text="Unknown keys and how often they came.")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "upload batches"

    def __str__(self) -> str:
        return self.name
