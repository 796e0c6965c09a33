"""ROLL OUT: the approved candidate goes live at once; the version before it is kept."""

from datetime import datetime

from clients import services as client_services
from retraining.models import Cycle, Decision, ModelVersion, Rollout, State
from retraining.queries import live_rollout
from retraining.step import Step


def run(cycle: Cycle, *, at: datetime) -> Step:
    """Close the open rollout and open the candidate's, in one transaction."""
    candidate = cycle.candidate
    approval = cycle.decisions.get(kind=Decision.Kind.APPROVE)
    if candidate is None:
        raise ValueError(f"cycle {cycle.pk} has no candidate to roll out")

    def write() -> None:
        switch(
            version=candidate,
            by=approval.by,
            reason=approval.reason,
            at=at,
            strategy=cycle.strategy,
            cycle=cycle,
        )

    return Step(State.LIVE, f"{candidate} is live", write)


def switch(
    *,
    version: ModelVersion,
    by: str,
    reason: str,
    at: datetime,
    strategy: str,
    cycle: Cycle | None = None,
) -> Rollout:
    """Make ``version`` the live one from ``at`` on. Call it inside a transaction.

    Every open question of the gate was about the version that was live until now: their alerts end.
    """
    open_one = live_rollout(version.model)
    # A backdated clock must not end a rollout before it began.
    at = max(at, open_one.started_at)
    open_one.ended_at = at
    open_one.save(update_fields=["ended_at"])
    client_services.close_alerts(model=version.model, keys_still_true=(), prefix="gate:", at=at)
    return Rollout.objects.create(
        model=version.model,
        version=version,
        cycle=cycle,
        strategy=strategy,
        started_at=at,
        by=by,
        reason=reason,
    )
