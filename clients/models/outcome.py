from django.db import models

from clients.models.client import Client
from clients.models.maintained_model import MaintainedModel


class Outcome(models.Model):
    """What came of a row in the client's business: a claim paid, an order returned, a chat escalated.

    By log id and without a foreign key, because it may come before the row that it is about.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(MaintainedModel, on_delete=models.CASCADE, related_name="outcomes")
    row_id = models.CharField(max_length=200)
    name = models.CharField(max_length=60, help_text="The KPI.")
    value = models.FloatField(help_text="Yes and no are 1 and 0.")
    observed_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["client", "model", "row_id", "name"], name="one_outcome_per_kpi"
            )
        ]

    def __str__(self) -> str:
        return f"{self.row_id}: {self.name} {self.value:g}"
