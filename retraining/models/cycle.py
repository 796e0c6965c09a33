from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from agency.base.jobs import Job, Transition
from clients.models import MaintainedModel
from retraining.models.model_version import ModelVersion


class State(models.TextChoices):
    """Where a cycle stands. The first six are work to do, the rest wait for somebody or are ends."""

    MONITORING = "monitoring"
    DIAGNOSING = "diagnosing"
    COLLECTING = "collecting"
    RETRAINING = "retraining"
    COMPARING = "comparing"
    ROLLING_OUT = "rolling_out"

    CURATING = "curating"
    PENDING_APPROVAL = "pending_approval"
    UNDECIDED = "undecided"

    HEALTHY = "healthy"
    WAITING = "waiting"
    UPSTREAM = "upstream"
    NEEDS_LABELS = "needs_labels"
    ADVISED = "advised"
    REJECTED = "rejected"
    REFUSED = "refused"
    LIVE = "live"
    FAILED = "failed"


S = State
WORKING = frozenset(
    {S.MONITORING, S.DIAGNOSING, S.COLLECTING, S.RETRAINING, S.COMPARING, S.ROLLING_OUT}
)
# While one of these is open, no other cycle of the model begins.
OPEN = WORKING | {S.CURATING, S.PENDING_APPROVAL}
# A diagnosis that ended the cycle early; a named person can overrule it with a reason.
# While a cycle has one of these states, its rows must not change under it.
AT_WORK = frozenset({S.COLLECTING, S.CURATING, S.RETRAINING, S.COMPARING})
DIAGNOSED = frozenset({S.HEALTHY, S.WAITING, S.UPSTREAM, S.NEEDS_LABELS, S.ADVISED})


class Cycle(Job):
    """One pass of the loop for one model: logs of a window in, an answer out."""

    TRANSITION_MODEL = "CycleTransition"
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        S.MONITORING: frozenset({S.DIAGNOSING, S.FAILED}),
        S.DIAGNOSING: DIAGNOSED | {S.COLLECTING, S.FAILED},
        S.COLLECTING: frozenset({S.CURATING, S.RETRAINING, S.NEEDS_LABELS, S.HEALTHY, S.FAILED}),
        S.CURATING: frozenset({S.RETRAINING, S.NEEDS_LABELS, S.FAILED}),
        S.RETRAINING: frozenset({S.COMPARING, S.FAILED}),
        S.COMPARING: frozenset({S.PENDING_APPROVAL, S.REJECTED, S.UNDECIDED, S.FAILED}),
        # A later look at the same candidate, with the labels that were asked for.
        S.UNDECIDED: frozenset({S.COMPARING, S.PENDING_APPROVAL, S.REFUSED}),
        S.REJECTED: frozenset({S.PENDING_APPROVAL}),
        # A person who isn't convinced has more rows labelled, as an undecided gate would.
        S.PENDING_APPROVAL: frozenset({S.ROLLING_OUT, S.REFUSED, S.UNDECIDED}),
        S.ROLLING_OUT: frozenset({S.LIVE, S.FAILED}),
        **{state: frozenset({S.COLLECTING}) for state in DIAGNOSED},
    }

    class Reason(models.TextChoices):
        DECAY = "decay"
        GROWTH = "growth"

    model = models.ForeignKey(MaintainedModel, on_delete=models.PROTECT, related_name="cycles")
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    # What applied, whatever policy and tier say later.
    policy = models.JSONField()
    tier = models.JSONField()
    auto_curate = models.BooleanField(default=False)
    approve_as = models.CharField(max_length=150, blank=True)
    strategy = models.CharField(max_length=20, default="immediate")
    seed = models.PositiveIntegerField()
    incumbent = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(
        ModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # What the gate will judge, written down before a candidate exists.
    registered = models.JSONField(null=True, blank=True)
    monitor = models.JSONField(null=True, blank=True)
    collected = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-window_end", "-pk")
        permissions = [
            ("approve_cycle", "Can decide what goes live: approve, refuse, overrule, roll back")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window_end__gt=models.F("window_start")),
                name="cycle_window_is_not_empty",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="cycle_state_is_known"
            ),
            # Two passes of one model at once would train on each other's data.
            models.UniqueConstraint(
                fields=["model"],
                condition=models.Q(state__in=sorted(WORKING)),
                name="one_working_cycle_per_model",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} to {self.window_end:%Y-%m-%d}"


class CycleTransition(Transition):
    """One step of a cycle."""

    job = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="transitions")
