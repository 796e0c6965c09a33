from django.db import models

from clients.models import DatasetVersion
from retraining.models.cycle import Cycle
from retraining.models.model_version import ModelVersion


class EvalRun(models.Model):
    """A version scored on labelled rows: the golden set, or the audited rows of a window."""

    class Kind(models.TextChoices):
        GOLDEN = "golden"
        AUDIT = "audit"
        OUT_OF_FOLD = "out_of_fold", "fresh reviewed rows, answered without having seen them"

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="eval_runs")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    golden_version = models.ForeignKey(
        DatasetVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cycle = models.ForeignKey(
        Cycle, null=True, blank=True, on_delete=models.PROTECT, related_name="eval_runs"
    )
    n = models.PositiveIntegerField()
    correct = models.PositiveIntegerField()
    low = models.FloatField()
    high = models.FloatField()
    # {category: {estimate, low, high, n}}; categories below the minimum n are marked thin.
    categories = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(correct__lte=models.F("n")), name="eval_correct_within_n"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="golden", golden_version__isnull=False)
                | models.Q(
                    kind__in=["audit", "out_of_fold"],
                    golden_version__isnull=True,
                    cycle__isnull=False,
                ),
                name="eval_run_names_its_rows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} on {self.kind}: {self.correct}/{self.n}"

    @property
    def estimate(self) -> float:
        return self.correct / self.n


class EvalRow(models.Model):
    """The answer to one row of an eval run."""

    run = models.ForeignKey(EvalRun, on_delete=models.CASCADE, related_name="rows")
    row_id = models.CharField(max_length=200)
    label = models.CharField(max_length=200)
    prediction = models.CharField(max_length=200)
    confidence = models.FloatField()
    correct = models.BooleanField()

    class Meta:
        ordering = ("run", "pk")
        constraints = [
            models.UniqueConstraint(fields=["run", "row_id"], name="one_eval_row_per_id")
        ]

    def __str__(self) -> str:
        return self.row_id
