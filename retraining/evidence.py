"""Gathers what the causes look at: the trailing month, what went before, and the live version."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import QuerySet

from agency.base.clock import (
    day_after,
    days_between,
    local_day,
    month_before,
    rfc3339,
    start_of_day,
    zone_of,
)
from clients import queries as client_queries
from clients.models import MaintainedModel
from retraining import artifacts, repairs
from retraining.causes import history
from retraining.causes.evidence import Event, Evidence, Rows
from retraining.learners.base import InputSpec, Model
from retraining.models import Cycle, Diagnosis, ModelVersion
from retraining.policy import Policy
from retraining.profiles.daily import answered_rows
from retraining.queries import live_rollout, spec_of

# How far back the baseline reaches: a quarter, the slowest change rate of the domains.
LOOK_BACK = timedelta(days=92)


@dataclass(frozen=True)
class Gathered:
    """The evidence of one cycle, and the pieces that stages need besides."""

    evidence: Evidence
    model: Model
    spec: InputSpec


def gather(cycle: Cycle) -> Gathered:
    """Everything that monitoring and diagnosis of this cycle look at. Reads only."""
    version = cycle.incumbent
    learned = artifacts.load(version)
    spec = spec_of(cycle.model)
    zone = zone_of(cycle.model.client.timezone)
    start = month_of(cycle)
    before = logged_rows(cycle.model, start=start - LOOK_BACK, end=start)
    checks = earlier_checks(cycle)
    keep, healthy = history.judged(checks, before)
    now = logged_rows(cycle.model, start=start, end=cycle.window_end)
    training = client_queries.dataset_frame(version.training_version)
    live = live_rollout(cycle.model, cycle.window_end)
    preceded = live.cycle_id is not None
    golden = version.eval_runs.filter(kind="golden").order_by("pk").first()
    evidence = Evidence(
        policy=Policy.from_snapshot(cycle.policy),
        spec=spec,
        categories=tuple(learned.categories),
        days=tuple(days_between(start, cycle.window_end, zone)),
        now=now,
        before=before.where(keep),
        healthy=healthy[keep],
        training_inputs=training.inputs,
        training_labels=training.labels,
        predict=learned.predict,
        golden_accuracy=golden.estimate if golden else None,
        golden_n=golden.n if golden else None,
        events=_events(cycle, start),
        seed=cycle.seed,
        timezone=cycle.model.client.timezone,
        settled=history.settled(checks, now, live_since=live.started_at if preceded else None),
    )
    return Gathered(evidence, learned, spec)


def month_of(cycle: Cycle) -> datetime:
    """Where the trailing month begins: evidence is a month even where checks are weekly."""
    zone = zone_of(cycle.model.client.timezone)
    return min(cycle.window_start, month_before(cycle.window_end, zone))


def logged_rows(
    model: MaintainedModel, *, start: datetime, end: datetime, repaired: ModelVersion | None = None
) -> Rows:
    """The answered rows of the half-open window, as causes take them: as they came.

    With ``repaired``, as the repairs in force give them, answered again by that version.
    """
    found = answered_rows(model, start=start, end=end)
    if repaired is not None:
        found = repairs.repaired_rows(found, model=model, version=repaired)
    return found


def excluded_ids(cycle: Cycle, rows: Rows) -> dict[str, str]:
    """Rows that a diagnosis (this cycle's too) keeps out of training: id -> ``transient`` or ``upstream``.

    Rows of a fault whose repair is in force are not among them: they come repaired.
    """
    found: dict[str, str] = {}
    made = Diagnosis.objects.filter(cycle__model=cycle.model, cycle_id__lte=cycle.pk)
    mending = repairs.in_force(cycle.model)
    for check in _checks(cycle, made):
        for reason, mask in history.marks(check, rows, mending):
            found |= dict.fromkeys(rows.rows["id"][mask], reason)
    return found


def undisturbed(cycle: Cycle, rows: Rows) -> np.ndarray:
    """Which rows no earlier check has set aside as transient or broken upstream; (n) booleans."""
    keep, _ = history.judged(earlier_checks(cycle), rows)
    return keep


def earlier_checks(cycle: Cycle) -> list[history.Check]:
    """What the checks before this one found, in their order."""
    made = Diagnosis.objects.filter(
        cycle__model=cycle.model, cycle__window_end__lte=cycle.window_end
    )
    return _checks(cycle, made.exclude(cycle=cycle))


def _checks(cycle: Cycle, made: QuerySet[Diagnosis]) -> list[history.Check]:
    zone = zone_of(cycle.model.client.timezone)
    checks = [
        history.Check(
            findings=diagnosis.findings,
            start=diagnosis.cycle.window_start,
            stop=diagnosis.cycle.window_end,
            end_day=day_after(diagnosis.cycle.window_end, zone),
        )
        for diagnosis in made.select_related("cycle").order_by("pk")
    ]
    return history.standing(checks, today=day_after(cycle.window_end, zone))


def _events(cycle: Cycle, start: datetime) -> tuple[Event, ...]:
    zone = zone_of(cycle.model.client.timezone)
    return tuple(
        Event(
            title=event.title,
            kind=event.kind,
            start=local_day(event.starts_at, zone),
            stop=day_after(event.ends_at, zone),
        )
        for event in client_queries.known_events(
            model=cycle.model, start=start, end=cycle.window_end
        )
    )


def windows_of(cycle: Cycle, days: list[list[str]]) -> list[list[str]]:
    """Half-open local days as half-open instants in UTC, for the contract's ``excluded_windows``."""
    zone = zone_of(cycle.model.client.timezone)
    return [[rfc3339(start_of_day(date.fromisoformat(day), zone)) for day in pair] for pair in days]


def training_ids(version: ModelVersion) -> set[str]:
    """The log rows that the version's training set was made from."""
    rows = version.training_version.dataset.all_rows.filter(
        added_in__lte=version.training_version.number
    )
    return set(rows.exclude(log_row_id="").values_list("log_row_id", flat=True))
