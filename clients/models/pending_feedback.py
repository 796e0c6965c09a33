from django.db import models

from clients.models.client import Client
from clients.models.maintained_model import MaintainedModel


class PendingFeedback(models.Model):
    """Feedback that came before its row, kept until the row comes. The same one is kept once."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(MaintainedModel, on_delete=models.CASCADE, related_name="+")
    row_id = models.CharField(max_length=200)
    content = models.JSONField(help_text="The feedback object, checked.")
    content_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "pending feedback"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "model", "row_id", "content_sha256"],
                name="one_pending_feedback_per_content",
            )
        ]

    def __str__(self) -> str:
        return self.row_id
