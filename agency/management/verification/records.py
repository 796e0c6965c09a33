"""Cycles and rollouts: is the chain of who did what when whole?"""

import itertools
from collections.abc import Collection

from agency.base.jobs import Job
from agency.management.verification.found import Verified
from clients.models import MaintainedModel
from retraining.models import Cycle, Decision, Rollout, State


def check_cycles(model: MaintainedModel, found: Verified) -> None:
    """Each cycle's transitions, and that what went live was approved."""
    cycles = model.cycles.prefetch_related("transitions", "decisions", "rollouts").order_by("pk")
    for cycle in cycles:
        problems = chain(cycle, begin={State.MONITORING})
        problems += _approval(cycle)
        found.check("cycle", f"{model} cycle {cycle.pk}", problems)


def check_rollouts(model: MaintainedModel, found: Verified) -> None:
    """From the launch on exactly one version is live at any instant: no gap, no overlap."""
    rollouts = list(model.rollouts.select_related("version").order_by("started_at", "pk"))
    following: list[Rollout | None] = [*rollouts[1:], None]
    for rollout, after in zip(rollouts, following, strict=True):
        problems = []
        if rollout.version.model_id != model.pk:
            problems.append("its version is another model's")
        if after is None and rollout.ended_at is not None:
            problems.append("nothing is live since it ended")
        if after is not None and rollout.ended_at is None:
            problems.append("it is still open, though another one has begun")
        elif after is not None and rollout.ended_at and rollout.ended_at != after.started_at:
            word = "a gap" if rollout.ended_at < after.started_at else "an overlap"
            problems.append(f"there is {word} between it and the next one")
        found.check("rollout", f"{model} {rollout} (rollout {rollout.pk})", problems)


def chain(job: Job, *, begin: Collection[str]) -> list[str]:
    """A sentence for each break in the job's transitions: they lead from its beginning to its state."""
    steps = sorted(job.transitions.all(), key=lambda step: step.pk)  # type: ignore[attr-defined]
    if not steps:
        return [] if job.state in begin else [f"nothing says how it came to be {job.state}"]
    problems = []
    if steps[0].from_state not in begin:
        problems.append(f"its first transition begins in {steps[0].from_state}")
    for one, other in itertools.pairwise(steps):
        if one.to_state != other.from_state:
            problems.append(f"a transition is missing from {one.to_state} to {other.from_state}")
    for step in steps:
        if step.to_state not in job.TRANSITIONS.get(step.from_state, frozenset()):
            problems.append(f"nothing may go from {step.from_state} to {step.to_state}")
    if steps[-1].to_state != job.state:
        problems.append(f"it is {job.state}, its last transition leads to {steps[-1].to_state}")
    return problems


def _approval(cycle: Cycle) -> list[str]:
    approved = any(d.kind == Decision.Kind.APPROVE for d in cycle.decisions.all())
    problems = []
    if (cycle.state in (State.LIVE, State.ROLLING_OUT)) and not approved:
        problems.append("it went live without anybody's approval")
    if cycle.state == State.LIVE and not any(
        rollout.version_id == cycle.candidate_id for rollout in cycle.rollouts.all()
    ):
        problems.append("it is live, but its candidate was never rolled out")
    if cycle.rollouts.all() and not approved:
        problems.append("a version was rolled out without anybody's approval")
    return problems
