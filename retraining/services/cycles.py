"""Run the loop, and what people decide about a cycle."""

import logging
from contextlib import suppress
from datetime import datetime

from django.contrib.auth import get_user_model

from agency.base import clock
from agency.base.errors import Conflict, NotFound
from agency.base.jobs import advance
from clients import queries as client_queries
from clients.models import MaintainedModel
from retraining import loop
from retraining.comparing import labels_come_in
from retraining.models import Cycle, State
from retraining.queries import find_cycle
from retraining.stages import approve as approval

logger = logging.getLogger(__name__)


def run_cycle(
    *,
    model: MaintainedModel,
    as_of: datetime,
    window_start: datetime | None = None,
    auto_curate: bool = False,
    approve_as: str = "",
    strategy: str = "immediate",
    progress: loop.Progress | None = None,
) -> Cycle:
    """One pass of the loop, in this process. With ``approve_as``, a promote verdict is approved.

    Asked for again, it goes on with a cycle over the same window that was left in the middle. A
    stage that fails is tried again at once, as often as the policy allows: nobody else is there to
    do it. Then the cycle is failed, with the error and an alert, and is returned like any other.
    """
    if approve_as:
        existing_user(approve_as)
    for left in model.cycles.filter(loop.without_worker(clock.now()), window_end=as_of):
        return continue_cycle(cycle_id=left.pk, at=as_of, progress=progress)
    cycle = loop.start_cycle(
        model=model,
        as_of=as_of,
        window_start=window_start,
        auto_curate=auto_curate,
        approve_as=approve_as,
        strategy=strategy,
        hold=True,
    )
    for _ in range(int(cycle.policy["max_attempts"])):
        try:
            return continue_cycle(
                cycle_id=cycle.pk, at=as_of, progress=progress, holding=cycle.fence
            )
        except Exception:
            cycle = find_cycle(cycle.pk)
            logger.exception("%s failed in %s", cycle, cycle.state)
    return cycle


def continue_cycle(
    *,
    cycle_id: int,
    at: datetime,
    progress: loop.Progress | None = None,
    holding: int | None = None,
) -> Cycle:
    """Run the cycle until it rests, approving in the name that it was started with."""
    cycle = loop.run(cycle_id, at=at, progress=progress, holding=holding)
    if cycle.state == State.PENDING_APPROVAL and cycle.approve_as:
        comparison = cycle.comparisons.order_by("-attempt").first()
        if comparison is not None and comparison.verdict == comparison.Verdict.PROMOTE:
            reason = f"The gate says promote. {comparison.figures['reasons'][0]}"
            with suppress(Conflict):  # another worker that saw it come to rest was faster
                approval.approve(cycle, by=cycle.approve_as, reason=reason, at=at)
            cycle = loop.run(cycle_id, at=at, progress=progress)
    return cycle


def existing_user(username: str) -> str:
    """The name, if such a user exists and is active; ``NotFound`` otherwise."""
    if not get_user_model().objects.filter(username=username, is_active=True).exists():
        raise NotFound(f"there is no active user {username!r}")
    return username


def approve(*, cycle: Cycle, by: str, reason: str, at: datetime) -> Cycle:
    """A named person lets the candidate go live, and it does."""
    approval.approve(find_cycle(cycle.pk), by=by, reason=reason, at=at)
    return loop.run(cycle.pk, at=at)


def refuse(*, cycle: Cycle, by: str, reason: str, at: datetime) -> Cycle:
    """A named person keeps the live version."""
    approval.refuse(find_cycle(cycle.pk), by=by, reason=reason, at=at)
    return find_cycle(cycle.pk)


def overrule(*, cycle: Cycle, by: str, reason: str, at: datetime) -> Cycle:
    """A named person goes on against the diagnosis or the gate.

    Only the state changes here: against the diagnosis, a worker goes on from the row; against the
    gate, the candidate waits for approval.
    """
    approval.overrule(find_cycle(cycle.pk), by=by, reason=reason, at=at)
    return find_cycle(cycle.pk)


def look_again(*, cycle: Cycle, by: str, at: datetime, reason: str = "") -> Cycle:
    """Compare the same candidate once more, on what came since; each attempt is kept, and why.

    That is another golden version, or labels of rows that were asked for. ``Conflict`` where
    neither has come, another version is live by now, or another cycle of the model is at work.
    """
    cycle = find_cycle(cycle.pk)
    approval.check_incumbent(cycle)
    last = cycle.comparisons.order_by("-attempt").first()
    golden = client_queries.current_version(model=cycle.model, kind="golden")
    why = [f"golden version {golden.number}"]
    if last is not None and last.golden_version_id == golden.pk:
        read = {row[0] for rows in (last.figures.get("asked") or {}).values() for row in rows}
        came = labels_come_in(cycle).keys() - read
        if not came:
            raise Conflict(
                f"the golden set has not changed since attempt {last.attempt}, "
                "and no row that it asked for has a new label"
            )
        why.append(f"{len(came)} rows labelled since attempt {last.attempt}")
    said = ": ".join(part for part in (", ".join(why), reason.strip()) if part)
    advance(cycle, to=State.COMPARING, by=by, at=at, reason=said)
    return continue_cycle(cycle_id=cycle.pk, at=at)
