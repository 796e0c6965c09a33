from typing import TYPE_CHECKING

from django.db import models

from clients.models import MaintainedModel
from retraining.models.cycle import Cycle

if TYPE_CHECKING:
    from retraining.causes.repair import Repair


class AppliedRepair(models.Model):
    """A fault that staff mend in the view of the rows. The stored rows stay as they came.

    In force from ``applied_at`` until it is withdrawn; never edited otherwise.
    """

    model = models.ForeignKey(MaintainedModel, on_delete=models.PROTECT, related_name="repairs")
    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="repairs", help_text="Whose check found it."
    )
    subject = models.CharField(max_length=400, help_text="The field, or key = value of a segment.")
    kind = models.CharField(max_length=40)
    since = models.DateField()
    # As retraining.causes.repair.Repair says it: since, until, segment, factor, offset ...
    fault = models.JSONField()
    applied_by = models.CharField(max_length=150)
    reason = models.TextField()
    applied_at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_reason = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(applied_by="") & ~models.Q(reason=""),
                name="repair_is_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_by="", withdrawn_reason="", withdrawn_at__isnull=True)
                | (
                    ~models.Q(withdrawn_by="")
                    & ~models.Q(withdrawn_reason="")
                    & models.Q(withdrawn_at__isnull=False)
                ),
                name="repair_withdrawn_or_not",
            ),
            models.UniqueConstraint(
                fields=["cycle", "subject", "kind", "since"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_repair_in_force_per_fault",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.kind}"

    @property
    def repair(self) -> "Repair":
        """What it does, as the pure rooms take it."""
        # Not at the top: every process loads the models, few need pandas and SciPy for them.
        from retraining.causes.repair import Repair

        return Repair.from_dict(self.fault)
