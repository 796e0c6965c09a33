"""Reads of the loop: what is live, what applies, and a cycle as the contract's JSON."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from agency.base.clock import rfc3339
from agency.base.errors import NotFound
from clients.models import MaintainedModel
from clients.schema import Schema
from retraining.learners.base import InputSpec
from retraining.models import Cycle, EvalRun, ModelVersion, Rollout
from retraining.policy import Policy

if TYPE_CHECKING:
    from retraining.profiles.counts import Counts


def live_rollout(model: MaintainedModel, at: datetime | None = None) -> Rollout:
    """The rollout that was open at the instant (default: is open now); ``NotFound`` if none was.

    Before the first rollout its version counts: it is what the logs of that time were written by.
    """
    rollouts = model.rollouts.select_related("version")
    if at is None:
        found = rollouts.filter(ended_at__isnull=True).first()
    else:
        running = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
        found = rollouts.filter(running, started_at__lte=at).order_by("-started_at", "-pk").first()
        found = found or rollouts.order_by("started_at", "pk").first()
    if found is None:
        raise NotFound(f"{model} has never had a live version")
    return found


def rollout_before(current: Rollout) -> Rollout | None:
    """The newest earlier rollout of another version: what a rollback puts live again."""
    return (
        current.model.rollouts.exclude(version=current.version_id)
        .filter(started_at__lte=current.started_at)
        .select_related("version")
        .order_by("-started_at", "-pk")
        .first()
    )


def live_version(model: MaintainedModel, at: datetime | None = None) -> ModelVersion:
    """The version that is live, or was at the instant."""
    return live_rollout(model, at).version


def find_version(model: MaintainedModel, name: str) -> ModelVersion:
    """``live``, ``candidate`` (the newest cycle's) or a name such as ``v1.2``."""
    if name == "live":
        return live_version(model)
    if name == "candidate":
        cycle = model.cycles.filter(candidate__isnull=False).order_by("-pk").first()
        if cycle is None or cycle.candidate is None:
            raise NotFound(f"{model} has no candidate")
        return cycle.candidate
    for version in model.versions.all():
        if version.name == name:
            return version
    raise NotFound(f"{model} has no version {name!r}")


def spec_of(model: MaintainedModel) -> InputSpec:
    """What the training columns fixed, as learners take it."""
    return spec_from(Schema.from_dict(model.schema))


def spec_from(schema: Schema) -> InputSpec:
    """The inputs as learners take them, of a schema whose model is perhaps not stored yet."""
    return InputSpec(
        task="text" if schema.task == "text" else "tabular",
        numeric=schema.numeric,
        categorical=schema.categorical,
    )


def policy_for(model: MaintainedModel) -> Policy:
    """The policy's defaults with this model's overrides."""
    return Policy().with_overrides(
        {override.name: override.value for override in model.policy_overrides.all()}
    )


def tier_snapshot(model: MaintainedModel) -> dict[str, Any]:
    """What the tier allows now, as a cycle keeps it."""
    tier = model.tier
    return {
        "slug": tier.slug,
        "check_every_days": tier.check_every_days,
        "retrain_every_days": tier.retrain_every_days,
        "new_category_support": tier.new_category_support,
        "ab_testing": tier.ab_testing,
    }


def find_cycle(pk: int) -> Cycle:
    """The cycle with that number."""
    try:
        return Cycle.objects.select_related(
            "model__client", "model__tier", "incumbent", "candidate"
        ).get(pk=pk)
    except Cycle.DoesNotExist as error:
        raise NotFound(f"there is no cycle {pk}") from error


def last_trained(cycle: Cycle) -> Cycle | None:
    """The cycle before this one that trained a candidate, of the latest window; None: none did."""
    earlier = Cycle.objects.filter(model=cycle.model, candidate__isnull=False, pk__lt=cycle.pk)
    return earlier.order_by("-window_end").first()


def month_counts(model: MaintainedModel, start: datetime, end: datetime) -> "Counts":
    """What was counted of the answered rows of ``[start, end)``: rows, predicted categories, labels by
    source with who was taken for whom, reactions. Its cost grows with days and not with rows; days
    that have changed are counted again first."""
    from retraining.profiles.window import window_counts  # which reads versions from here

    return window_counts(model=model, start=start, end=end)


def estimate_json(run: EvalRun) -> dict[str, Any]:
    """An eval run as estimate, interval and n."""
    found: dict[str, Any] = {
        "estimate": run.estimate,
        "low": run.low,
        "high": run.high,
        "n": run.n,
    }
    if run.golden_version:
        found["version"] = run.golden_version.number
    return found


def cycle_json(cycle: Cycle) -> dict[str, Any]:
    """What ``run_cycle --json`` prints. Sections that were not reached are null."""
    diagnosis = getattr(cycle, "diagnosis", None)
    comparison = cycle.comparisons.order_by("-attempt").first()
    rollout = cycle.rollouts.order_by("-pk").first()
    return {
        "cycle": cycle.pk,
        "model": cycle.model.path,
        "state": cycle.state,
        "reason": cycle.reason or None,
        "window": [rfc3339(cycle.window_start), rfc3339(cycle.window_end)],
        "live_version": live_version(cycle.model).name,
        "monitor": cycle.monitor,
        "diagnosis": {"verdict": diagnosis.verdict, **diagnosis.findings} if diagnosis else None,
        "collected": cycle.collected,
        "comparison": {
            "verdict": comparison.verdict,
            "incumbent": comparison.incumbent.name,
            "candidate": comparison.candidate.name,
            "golden_version": comparison.golden_version.number,
            "attempt": comparison.attempt,
            **comparison.figures,
        }
        if comparison
        else None,
        "rollout": {
            "strategy": rollout.strategy,
            "state": "live" if rollout.ended_at is None else "ended",
            "version": rollout.version.name,
        }
        if rollout
        else None,
        "error": cycle.error or None,
    }
