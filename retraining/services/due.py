"""What is due, found in rows: checks by the tier's cadence, cycles without a worker, unanswered rows.

A tick of beat calls ``sweep``; it starts what is due and sends workers the ids. Cheap enough for
every few seconds: four queries, and a few for each model that is due.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, QuerySet

from agency.base import clock
from agency.base.dispatch import enqueue
from agency.base.errors import DomainError, NotFound
from clients import services as client_services
from clients.models import Alert, MaintainedModel, PredictionLog
from retraining import loop
from retraining.models import Cycle, Rollout
from retraining.models.cycle import OPEN
from retraining.queries import find_cycle
from retraining.services.cadence import Due, due_check
from retraining.services.cycles import continue_cycle
from retraining.services.serving import score_pending

WAIT_FOR_ROWS = timedelta(days=7)
"""Clients upload a month's rows some days after its end. A check that has waited for rows this long
is told to staff, and its month is reported without it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """Ids: cycles that a worker was asked to go on with, models whose rows want answers."""

    cycles: tuple[int, ...]
    models: tuple[int, ...]


def sweep(*, at: datetime) -> Swept:
    """Start the cycles that are due at ``at``, and ask workers for all that has none."""
    models = tuple(_unanswered().values_list("pk", flat=True))
    for model, due in due_checks(at=at):
        if model.pk not in models:  # answers first: a check looks at answered rows only
            _start(model, due, at=at)
    found = Cycle.objects.filter(loop.without_worker(at)).order_by("pk")
    cycles = tuple(found.values_list("pk", flat=True))
    for pk in cycles:
        enqueue("retraining.run_cycle", pk)
    for pk in models:
        enqueue("retraining.answer_pending", pk)
    return Swept(cycles, models)


def due_checks(*, at: datetime) -> list[tuple[MaintainedModel, Due]]:
    """The live models whose check is due at ``at``. None while a cycle works or waits for a person."""
    cycles = Cycle.objects.filter(model=OuterRef("pk"), state__in=OPEN)
    live = Rollout.objects.filter(model=OuterRef("pk"), ended_at__isnull=True)
    models = (
        MaintainedModel.objects.filter(Exists(live), ~Exists(cycles))
        .select_related("client", "tier")
        .defer("schema")
        .annotate(checked_to=Max("cycles__window_end"))
        .order_by("pk")
    )
    found: list[tuple[MaintainedModel, Due]] = []
    for model in models:
        due = due_check(
            every_days=model.tier.check_every_days,
            checked_to=model.checked_to,
            launched_at=model.created_at,
            now=at,
            zone=clock.zone_of(model.client.timezone),
        )
        if due is not None:
            found.append((model, due))
    return found


def resume_cycle(*, cycle_id: int) -> Cycle:
    """Go on with the cycle until it rests, by the clock that its own rows carry.

    That is when somebody last moved it, else the window's end: a stage that is run again, however
    late, writes what it would have written the first time.
    """
    cycle = find_cycle(cycle_id)
    moved = cycle.transitions.order_by("-pk").first()
    return continue_cycle(cycle_id=cycle_id, at=moved.at if moved else cycle.created_at)


def answer_pending(*, model_id: int, at: datetime) -> int:
    """Answer the model's unanswered rows; how many. What fails is an alert, and tried again."""
    model = MaintainedModel.objects.select_related("client").filter(pk=model_id).first()
    if model is None:
        raise NotFound(f"there is no model {model_id}")
    try:
        answered = score_pending(model=model)
    except Exception as error:
        client_services.raise_alert(
            model=model,
            key="answering",
            severity=Alert.Severity.FAULT,
            message=f"Rows wait for answers: {type(error).__name__}: {error}",
            at=at,
        )
        raise
    client_services.close_alerts(model=model, keys_still_true=(), prefix="answering", at=at)
    return answered


def _unanswered() -> QuerySet[MaintainedModel]:
    rows = PredictionLog.objects.filter(
        model=OuterRef("pk"), answered=PredictionLog.Answered.NONE
    ).order_by()
    live = Rollout.objects.filter(model=OuterRef("pk"), ended_at__isnull=True)
    return MaintainedModel.objects.filter(Exists(rows), Exists(live)).order_by("pk")


def _start(model: MaintainedModel, due: Due, *, at: datetime) -> None:
    rows = PredictionLog.objects.filter(
        model=model, timestamp__gte=due.window_start, timestamp__lt=due.window_end
    )
    if not rows.exists():
        if at - due.since >= WAIT_FOR_ROWS:
            client_services.raise_alert(
                model=model,
                key="silent",
                severity=Alert.Severity.WATCH,
                message=(
                    f"No rows of production have come for the check that was due on "
                    f"{clock.local_day(due.since, clock.zone_of(model.client.timezone))}."
                ),
                at=at,
            )
        return
    try:
        loop.start_cycle(model=model, as_of=due.window_end, window_start=due.window_start)
    except DomainError as error:
        # Another sweep was faster, or the model has no live version at that instant.
        logger.warning("no cycle of %s: %s", model, error)
        return
    client_services.close_alerts(model=model, keys_still_true=(), prefix="silent", at=at)
