from django.db import models

from clients.models import DatasetVersion
from retraining.models.cycle import Cycle
from retraining.models.model_version import ModelVersion


class Comparison(models.Model):
    """Candidate and incumbent on the same rows of one golden version. Every attempt is kept."""

    class Verdict(models.TextChoices):
        PROMOTE = "promote"
        REJECT = "reject"
        UNDECIDED = "undecided"

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="comparisons")
    attempt = models.PositiveSmallIntegerField()
    incumbent = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    golden_version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    # The sections of the contract: overall, groups, categories, label_more, reasons, row ids.
    figures = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("cycle", "attempt")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "attempt"], name="one_comparison_per_attempt"),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} against {self.incumbent}: {self.verdict}"
