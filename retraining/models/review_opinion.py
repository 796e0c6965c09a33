from django.db import models

from retraining.models.proposal import Proposal


class ReviewOpinion(models.Model):
    """What one person said of one row, before they saw what the model had said.

    The first opinion decides the proposal; a second one, of a shared row, measures agreement.
    """

    class Action(models.TextChoices):
        ACCEPT = "accept"
        RELABEL = "relabel"
        REJECT = "reject"

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="opinions")
    by = models.CharField(max_length=150)
    action = models.CharField(max_length=10, choices=Action.choices)
    label = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    seconds = models.FloatField(help_text="From seeing the row to deciding.")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["proposal", "by"], name="one_opinion_per_person"),
            models.CheckConstraint(
                condition=models.Q(action="reject", label="")
                | (~models.Q(action="reject") & ~models.Q(label="")),
                name="opinion_has_a_label_or_rejects",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} on {self.proposal}: {self.label or self.action}"
