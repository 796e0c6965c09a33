"""The ordered table state -> stage, and the one place that runs a step and moves the cycle on."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from agency.base.clock import month_before, zone_of
from agency.base.errors import BadInput, Conflict
from agency.base.jobs import advance, claim, holds, release, renew
from clients import services as client_services
from clients.models import Alert, MaintainedModel
from retraining.models import Cycle, State
from retraining.models.cycle import OPEN, WORKING
from retraining.policy import Policy
from retraining.queries import find_cycle, live_version, policy_for, tier_snapshot
from retraining.stages import collect, compare, diagnose, monitor, retrain, rollout
from retraining.step import Step

Progress = Callable[[str], None]


class Stage(Protocol):
    """Computes, and hands back what to write and where to go."""

    def __call__(self, cycle: Cycle, *, at: datetime) -> Step: ...


STAGES: dict[str, Stage] = {
    State.MONITORING: monitor.run,
    State.DIAGNOSING: diagnose.run,
    State.COLLECTING: collect.run,
    State.RETRAINING: retrain.run,
    State.COMPARING: compare.run,
    State.ROLLING_OUT: rollout.run,
}
LOOP = "loop"

logger = logging.getLogger(__name__)


def without_worker(now: datetime) -> Q:
    """Cycles with work to do that nobody holds; ``now`` is the wall clock."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    return free & Q(state__in=WORKING)


def start_cycle(
    *,
    model: MaintainedModel,
    as_of: datetime,
    window_start: datetime | None = None,
    auto_curate: bool = False,
    approve_as: str = "",
    strategy: str = "immediate",
    hold: bool = False,
) -> Cycle:
    """Open a cycle over the window that ends at ``as_of``; it begins with monitoring.

    The window begins where the last cycle ended, else a calendar month earlier. ``hold`` opens it
    with a lease, for a caller who runs it at once and wants no worker to be faster. Raises
    ``Conflict`` while another cycle of the model works or waits for a person, ``BadInput`` for an
    empty window.
    """
    if waiting := model.cycles.filter(state__in=OPEN).first():
        raise Conflict(f"cycle {waiting.pk} of {model} is still {waiting.state}")
    if window_start is None:
        last = model.cycles.order_by("-window_end", "-pk").first()
        zone = zone_of(model.client.timezone)
        window_start = last.window_end if last else month_before(as_of, zone)
    if window_start >= as_of:
        raise BadInput(f"{model} has been checked up to {window_start:%Y-%m-%d %H:%M} UTC already")
    policy = policy_for(model)
    lease = timedelta(seconds=policy.lease_seconds)
    try:
        with transaction.atomic():
            return Cycle.objects.create(
                model=model,
                state=State.MONITORING,
                window_start=window_start,
                window_end=as_of,
                policy=policy.snapshot(),
                tier=tier_snapshot(model),
                auto_curate=auto_curate,
                approve_as=approve_as,
                strategy=strategy,
                seed=model.cycles.count() + 1,
                incumbent=live_version(model, as_of),
                created_at=as_of,
                lease_until=timezone.now() + lease if hold else None,
            )
    except IntegrityError as error:
        raise Conflict(f"a cycle of {model} was opened at the same moment") from error


def run(
    cycle_id: int, *, at: datetime, progress: Progress | None = None, holding: int | None = None
) -> Cycle:
    """Run the cycle's stages until it rests; ``at`` is the clock that its rows carry.

    Does nothing while somebody else holds the cycle (``holding``: the fence of a caller who does).
    A stage that fails leaves the cycle in its state with the error and the rest of its lease: it is
    tried again when that has run out, which gives a passing fault time to pass. A stage that has
    failed as often as the policy allows is quarantined: failed, with an alert. The error is raised
    in either case.
    """
    policy = Policy.from_snapshot(find_cycle(cycle_id).policy)
    lease = timedelta(seconds=policy.lease_seconds)
    while True:
        # Held from stage to stage: a pause in between would be an invitation to other workers.
        cycle = claim(
            Cycle, cycle_id, at=timezone.now(), lease=lease, states=WORKING, holding=holding
        )
        if cycle is None:
            return find_cycle(cycle_id)
        holding = cycle.fence
        if cycle.attempts > policy.max_attempts:
            # Whoever held it before died without a word: an error would have been written.
            _quarantine(cycle, cycle.error or "the worker died in this stage", at=at)
            return find_cycle(cycle_id)
        if progress:
            progress(f"{cycle.model} cycle {cycle.pk}: {cycle.state}")
        try:
            with _heartbeat(cycle, lease):
                _step(find_and_keep(cycle), at=at)
        except Exception as error:
            if isinstance(error, Conflict) and not holds(cycle):
                # Taken over: the new holder goes on from the same rows.
                return find_cycle(cycle_id)
            _failed(cycle, error, last=cycle.attempts >= policy.max_attempts, at=at)
            raise
        except BaseException:
            # Interrupted, not failed: the next worker need not wait.
            release(cycle)
            raise


def find_and_keep(cycle: Cycle) -> Cycle:
    """The claimed cycle with its relations; the fence that was claimed stays the one in hand."""
    found = find_cycle(cycle.pk)
    found.fence = cycle.fence
    return found


def _step(cycle: Cycle, *, at: datetime) -> None:
    step = STAGES[cycle.state](cycle, at=at)
    with transaction.atomic():
        # The fence is checked first: a holder who has been overtaken writes nothing.
        fields = {**step.fields, "error": ""}
        if step.to not in WORKING:
            fields["lease_until"] = None
        advance(cycle, to=step.to, by=LOOP, at=at, reason=step.reason, fields=fields)
        step.write()


def _failed(cycle: Cycle, error: Exception, *, last: bool, at: datetime) -> None:
    message = f"{type(error).__name__}: {error}".replace("\0", "")
    Cycle.objects.filter(pk=cycle.pk, fence=cycle.fence).update(error=message)
    if last:
        # Somebody else's by now: then it is theirs to judge.
        with suppress(Conflict):
            _quarantine(cycle, message, at=at)


def _quarantine(cycle: Cycle, message: str, *, at: datetime) -> None:
    with transaction.atomic():
        fields = {"error": message, "lease_until": None}
        advance(cycle, to=State.FAILED, by=LOOP, at=at, reason=message, fields=fields)
        client_services.raise_alert(
            model=cycle.model,
            key=f"cycle:{cycle.pk}",
            severity=Alert.Severity.FAULT,
            message=f"Cycle {cycle.pk} failed and was set aside: {message}",
            at=at,
        )


@contextmanager
def _heartbeat(cycle: Cycle, lease: timedelta) -> Iterator[None]:
    """Renew the lease every third of it for as long as the stage runs."""
    done = threading.Event()

    def beat() -> None:
        try:
            while not done.wait(lease.total_seconds() / 3):
                try:
                    renew(cycle, at=timezone.now(), lease=lease)
                except DatabaseError:
                    # Two more beats come before the lease has run out.
                    logger.warning("cycle %s: no heartbeat", cycle.pk, exc_info=True)
                    connection.close()
        except Conflict:
            return  # taken over; the stage's own state change will find out
        finally:
            connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
