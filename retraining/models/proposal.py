from django.db import models

from clients.models import MaintainedModel
from retraining.models.cycle import Cycle


class Proposal(models.Model):
    """A row that could enter the training or golden set, and what a person (or a check) said."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        RELABELLED = "relabelled"
        REJECTED = "rejected"

    class Kind(models.TextChoices):
        TRAINING = "training"
        GOLDEN = "golden"
        # Came without a label: a comparison asked for one, which is late feedback and no example.
        ASKED = "asked"

    model = models.ForeignKey(MaintainedModel, on_delete=models.PROTECT, related_name="proposals")
    # Empty for an example that staff brought and that no cycle has taken up yet.
    cycle = models.ForeignKey(
        Cycle, null=True, blank=True, on_delete=models.PROTECT, related_name="proposals"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TRAINING)
    row_id = models.CharField(max_length=200)
    source = models.CharField(max_length=20, help_text="review, override, targeted, staff")
    input = models.JSONField()
    label = models.CharField(max_length=200, help_text="As it came.")
    prediction = models.CharField(max_length=200, blank=True)
    why = models.TextField(help_text="Why this row is here.")
    doubt = models.FloatField(
        null=True, blank=True, help_text="0: sure of its label, 1: not at all."
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    final_label = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # Who has it on the screen: two people in one queue get different rows.
    claimed_by = models.CharField(max_length=150, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    shared = models.BooleanField(
        default=False, help_text="Two people label it, which measures how far they agree."
    )

    class Meta:
        ordering = ("cycle", "pk")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "row_id"], name="one_proposal_per_row"),
            models.UniqueConstraint(
                fields=["model", "row_id"],
                condition=models.Q(cycle__isnull=True),
                name="one_open_example_per_row",
            ),
            models.CheckConstraint(
                condition=models.Q(state="proposed", decided_by="", decided_at__isnull=True)
                | (~models.Q(state="proposed") & ~models.Q(decided_by=""))
                & models.Q(decided_at__isnull=False),
                name="proposal_decided_or_not",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="rejected") | ~models.Q(reason=""),
                name="rejected_proposal_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_id}: {self.label}"
