from django.db import models
from simple_history.models import HistoricalRecords

from clients.models import MaintainedModel


class MustPass(models.Model):
    """A golden row that no candidate may get wrong, and who says so."""

    model = models.ForeignKey(
        MaintainedModel, on_delete=models.CASCADE, related_name="must_pass_rows"
    )
    row_id = models.CharField(max_length=200, help_text="The id of a row of the golden set.")
    reason = models.TextField()
    by = models.CharField(max_length=150)

    history = HistoricalRecords()

    class Meta:
        ordering = ("model", "row_id")
        verbose_name_plural = "must-pass rows"
        constraints = [
            models.UniqueConstraint(fields=["model", "row_id"], name="must_pass_named_once"),
            models.CheckConstraint(
                condition=~models.Q(by="") & ~models.Q(reason=""), name="must_pass_is_signed"
            ),
        ]

    def __str__(self) -> str:
        return self.row_id
