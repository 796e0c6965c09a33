from django.db import models

from retraining.models.cycle import Cycle


class Decision(models.Model):
    """What a named person decided, and why. Never edited; approval and refusal are one-way."""

    class Kind(models.TextChoices):
        APPROVE = "approve"
        REFUSE = "refuse"
        OVERRULE = "overrule", "go on against the diagnosis or the gate"

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    by = models.CharField(max_length=150)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["cycle"],
                condition=models.Q(kind__in=["approve", "refuse"]),
                name="approved_or_refused_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(by="") & ~models.Q(reason=""), name="decision_is_signed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.by}"
