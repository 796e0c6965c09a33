from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from clients.models import MaintainedModel
from retraining.policy import Policy


def threshold_names() -> list[tuple[str, str]]:
    """A callable, so that a new threshold needs no migration."""
    return [(name, name) for name in Policy.names()]


class PolicyOverride(models.Model):
    """One threshold of the policy that is different for one model, with the reason."""

    model = models.ForeignKey(
        MaintainedModel, on_delete=models.CASCADE, related_name="policy_overrides"
    )
    name = models.CharField(max_length=60, choices=threshold_names)
    value = models.JSONField()
    reason = models.TextField()
    by = models.CharField(max_length=150)

    history = HistoricalRecords()

    class Meta:
        ordering = ("model", "name")
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="one_override_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"

    def clean(self) -> None:
        try:
            Policy().with_overrides({self.name: self.value})
        except (TypeError, ValueError) as error:
            raise ValidationError({"value": str(error)}) from error
