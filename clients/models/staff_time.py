from django.core.validators import MinValueValidator
from django.db import models

from clients.models.maintained_model import MaintainedModel


class StaffTime(models.Model):
    """Minutes that a person of ours spent on a model; held against the budget of its tier."""

    class Kind(models.TextChoices):
        REVIEW = "review", "labelling rows"
        DECISION = "decision", "reading evidence and deciding"
        REPORT = "report", "reading and sending reports"
        CLIENT = "client", "talking to the client"
        OTHER = "other"

    model = models.ForeignKey(MaintainedModel, on_delete=models.CASCADE, related_name="staff_time")
    by = models.CharField(max_length=150)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    minutes = models.DecimalField(
        max_digits=6, decimal_places=1, validators=[MinValueValidator(0.1)]
    )
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "staff time"
        indexes = [models.Index(fields=["at"], name="staff_time_by_time")]
        constraints = [
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="staff_time_is_positive")
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min of {self.by} on {self.model}"
