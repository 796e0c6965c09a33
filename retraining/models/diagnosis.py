from django.db import models

from retraining.models.cycle import Cycle


class Diagnosis(models.Model):
    """What a cycle found: the verdict, and every cause with its evidence."""

    class Verdict(models.TextChoices):
        FIX_UPSTREAM = "fix_upstream"
        RETRAIN = "retrain"
        WAIT = "wait"
        COLLECT_LABELS = "collect_labels"
        NO_ACTION = "no_action"

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="diagnosis")
    verdict = models.CharField(max_length=14, choices=Verdict.choices)
    # The sections of the contract: causes, new_categories, weak_categories, suspect_fields ...
    findings = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "diagnoses"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.verdict
