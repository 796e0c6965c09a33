from django.db import models

from clients.models.client import Client
from clients.models.maintained_model import MaintainedModel


class LogDay(models.Model):
    """A client-local day of a model's production: whether its profile is behind its rows.

    Whoever writes or changes rows of the day adds one to ``changes``; the worker that profiles the
    day sets ``profiled`` to the count that it saw before it read. A change in between stays visible.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(MaintainedModel, on_delete=models.CASCADE, related_name="log_days")
    day = models.DateField()
    changes = models.PositiveBigIntegerField(default=1)
    profiled = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(help_text="When rows of the day came or changed last.")
    # Of labels alone: what makes a revision of a month's report due.
    labelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("model", "day")
        constraints = [
            models.UniqueConstraint(fields=["client", "model", "day"], name="one_log_day"),
        ]
        indexes = [
            # Asked for every few seconds, and nearly always empty.
            models.Index(
                fields=["model"],
                condition=models.Q(changes__gt=models.F("profiled")),
                name="log_days_dirty",
            ),
            # Late rows and labels, which make a revision of a report due.
            models.Index(fields=["changed_at"], name="log_days_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.day}"
