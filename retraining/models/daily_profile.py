from django.db import models

from clients.models import Client, MaintainedModel
from retraining.models.model_version import ModelVersion


class DailyProfile(models.Model):
    """The counts of a client-local day's answered rows, of one version and one part of the traffic.

    A set is all that was counted together: the rows of one ``day``, ``baseline`` and ``kind``. It is
    fresh while its ``changes`` are those of the ``LogDay``; a set that is behind is counted again
    before anybody reads it. A day without rows has a set too: one profile of no rows.
    """

    class Kind(models.TextChoices):
        GIVEN = "given", "the answers that were given at the time"
        AGAIN = "again", "what the baseline's version answers to the same rows"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(MaintainedModel, on_delete=models.CASCADE, related_name="profiles")
    day = models.DateField()
    # Whose reference fixed the bins. They never move while it is live.
    baseline = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Who answered, as the rows say it: plain text, for a client's own version is none of ours.
    version = models.CharField(max_length=40, blank=True)
    segment = models.CharField(max_length=200, blank=True, help_text="key=value; empty: all rows")
    rows = models.PositiveBigIntegerField()
    # retraining.profiles.counts.Counts as JSON: arrays of whole numbers, one per bin.
    counts = models.JSONField()
    changes = models.PositiveBigIntegerField(help_text="How many changes of the day these saw.")
    # Its rows were deleted at the end of their retention: the counts are all that is left.
    kept = models.BooleanField(default=False)

    class Meta:
        ordering = ("model", "day", "version", "segment")
        constraints = [
            models.UniqueConstraint(
                fields=["client", "model", "day", "baseline", "kind", "version", "segment"],
                name="one_daily_profile",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=("given", "again")), name="daily_profile_kind_is_known"
            ),
        ]
        indexes = [
            # A month of all traffic is one short range.
            models.Index(fields=["model", "segment", "day"], name="profiles_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.version} {self.segment}".strip()
