from django.db import models

from clients.models import MaintainedModel, PredictionLog


class AuditSample(models.Model):
    """Rows drawn at random from a window, that a person is asked to label without seeing the answer."""

    model = models.ForeignKey(
        MaintainedModel, on_delete=models.PROTECT, related_name="audit_samples"
    )
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    n = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    population = models.PositiveIntegerField(help_text="How many rows it was drawn from.")
    drawn_by = models.CharField(max_length=150)
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.n} of {self.population} rows to {self.window_end:%Y-%m-%d}"


class AuditSampleRow(models.Model):
    """A row that was drawn."""

    sample = models.ForeignKey(AuditSample, on_delete=models.CASCADE, related_name="rows")
    log = models.ForeignKey(PredictionLog, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ("sample", "pk")
        constraints = [models.UniqueConstraint(fields=["sample", "log"], name="one_draw_per_row")]

    def __str__(self) -> str:
        return str(self.log)
