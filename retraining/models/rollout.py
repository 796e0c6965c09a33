from django.db import models

from clients.models import MaintainedModel
from retraining.models.cycle import Cycle
from retraining.models.model_version import ModelVersion


class Rollout(models.Model):
    """A version's time in production. The open one says what is live; the rest, what was when."""

    model = models.ForeignKey(MaintainedModel, on_delete=models.PROTECT, related_name="rollouts")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="rollouts")
    cycle = models.ForeignKey(
        Cycle, null=True, blank=True, on_delete=models.PROTECT, related_name="rollouts"
    )
    strategy = models.CharField(max_length=20, default="immediate")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150)
    reason = models.TextField()

    class Meta:
        ordering = ("model", "started_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["model"],
                condition=models.Q(ended_at__isnull=True),
                name="one_live_version_per_model",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("started_at")),
                name="rollout_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} from {self.started_at:%Y-%m-%d}"
