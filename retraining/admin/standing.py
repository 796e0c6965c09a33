"""Where models stand today, for the pages of staff: a fixed number of queries for any number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from agency.base.admin import rate
from clients.models import Alert, MaintainedModel
from retraining.models import Cycle, EvalRun, Rollout, State

# How a state is shown: work of ours and good ends calm, what waits for a person loud.
STATE_LABELS: Mapping[str, str] = {
    **dict.fromkeys(State.values, "primary"),
    "curating": "warning",
    "pending_approval": "warning",
    "undecided": "warning",
    "needs_labels": "warning",
    "upstream": "danger",
    "failed": "danger",
    "rejected": "danger",
    "healthy": "success",
    "live": "success",
    "advised": "info",
    "waiting": "info",
}


def state_name(state: str) -> str:
    """A state as people read it: ``pending_approval`` is "pending approval"."""
    return state.replace("_", " ")


@dataclass(frozen=True)
class Standing:
    """A model's live version, its last cycle, how well it does and what is open."""

    model: MaintainedModel
    rollout: Rollout | None
    cycle: Cycle | None
    golden: str
    audit: str
    alerts: tuple[Alert, ...]

    @property
    def state(self) -> str:
        return state_name(self.cycle.state) if self.cycle else ""

    @property
    def state_label(self) -> str:
        return STATE_LABELS.get(self.cycle.state, "") if self.cycle else ""


def last_cycle(model: str = "pk") -> QuerySet[Cycle]:
    """A subquery: the newest cycle of the outer row's model."""
    return Cycle.objects.filter(model=OuterRef(model)).order_by("-window_end", "-pk")


def standings(models: Sequence[MaintainedModel]) -> list[Standing]:
    """The standing of each model, in their order. Four queries."""
    keys = [model.pk for model in models]
    newest = MaintainedModel.objects.filter(pk__in=keys).values(
        last=Subquery(last_cycle().values("pk")[:1])
    )
    cycles = {
        cycle.model_id: cycle
        for cycle in Cycle.objects.filter(pk__in=newest).defer("policy", "tier", "collected")
    }
    rollouts = {
        rollout.model_id: rollout
        for rollout in Rollout.objects.filter(model__in=keys, ended_at__isnull=True).select_related(
            "version"
        )
    }
    golden: dict[int, EvalRun] = {}
    versions = [rollout.version_id for rollout in rollouts.values()]
    for run in EvalRun.objects.filter(version__in=versions, kind="golden").order_by("pk"):
        golden[run.version_id] = run
    alerts: dict[int, list[Alert]] = {key: [] for key in keys}
    for alert in Alert.objects.filter(model__in=keys, closed_at__isnull=True):
        alerts[alert.model_id].append(alert)
    return [
        Standing(
            model=model,
            rollout=(rollout := rollouts.get(model.pk)),
            cycle=(cycle := cycles.get(model.pk)),
            golden=rate(_run(golden.get(rollout.version_id)) if rollout else None),
            audit=rate(((cycle.monitor if cycle else None) or {}).get("audit")),
            alerts=tuple(alerts[model.pk]),
        )
        for model in models
    ]


def _run(run: EvalRun | None) -> Mapping[str, Any] | None:
    if run is None or not run.n:
        return None
    return {"estimate": run.estimate, "low": run.low, "high": run.high, "n": run.n}
