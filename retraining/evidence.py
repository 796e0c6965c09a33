"""Gathers what the causes look at: the trailing month, what went before, and the live version."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from agency.base.clock import days_between, local_day, month_before, start_of_day, zone_of
from clients import queries as client_queries
from clients.models import MaintainedModel, PredictionLog
from clients.schema import Schema
from retraining import artifacts
from retraining.causes.evidence import Event, Evidence, Rows
from retraining.learners.base import InputSpec, Model
from retraining.models import Cycle, Diagnosis, ModelVersion
from retraining.policy import Policy
from retraining.queries import live_rollout

# How far back the baseline reaches: a quarter, the slowest change rate of the domains.
LOOK_BACK = timedelta(days=92)
DECAY = ("new_category", "weak_category", "concept_change", "insufficient_evidence")


@dataclass(frozen=True)
class Gathered:
    """The evidence of one cycle, and the pieces that stages need besides."""

    evidence: Evidence
    model: Model
    spec: InputSpec


def spec_of(model: MaintainedModel) -> InputSpec:
    """What the training columns fixed, as learners take it."""
    schema = Schema.from_dict(model.schema)
    return InputSpec(
        task="text" if schema.task == "text" else "tabular",
        numeric=schema.numeric,
        categorical=schema.categorical,
    )


def gather(cycle: Cycle) -> Gathered:
    """Everything that monitoring and diagnosis of this cycle look at. Reads only."""
    version = cycle.incumbent
    learned = artifacts.load(version)
    spec = spec_of(cycle.model)
    zone = zone_of(cycle.model.client.timezone)
    start = min(cycle.window_start, month_before(cycle.window_end, zone))
    before = logged_rows(cycle.model, start=start - LOOK_BACK, end=start)
    keep, healthy = _judged(cycle, before)
    now = logged_rows(cycle.model, start=start, end=cycle.window_end)
    training = client_queries.dataset_frame(version.training_version)
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
        events=_events(cycle, start),
        seed=cycle.seed,
        timezone=cycle.model.client.timezone,
        settled=_settled(cycle, now),
    )
    return Gathered(evidence, learned, spec)


def logged_rows(model: MaintainedModel, *, start: datetime, end: datetime) -> Rows:
    """The answered rows of the half-open window, as causes take them."""
    logs = client_queries.logs(model=model, start=start, end=end)
    rows = logs.rows.assign(replayed=logs.rows["answered"] == PredictionLog.Answered.REPLAY)
    found = Rows(rows, logs.inputs, logs.context, logs.signals)
    return found.where((rows["answered"] != PredictionLog.Answered.NONE).to_numpy(dtype=bool))


def excluded_ids(cycle: Cycle, rows: Rows) -> dict[str, str]:
    """Rows that a diagnosis (this cycle's too) keeps out of training: id -> ``transient`` or ``upstream``."""
    found: dict[str, str] = {}
    for diagnosis in Diagnosis.objects.filter(cycle__model=cycle.model, cycle_id__lte=cycle.pk):
        for reason, mask in _marks(diagnosis, rows):
            found |= dict.fromkeys(rows.rows["id"][mask], reason)
    return found


def _settled(cycle: Cycle, rows: Rows) -> frozenset[str]:
    """Rows that earlier checks set aside, and rows from before the live version's time."""
    keep, _ = _judged(cycle, rows)
    live = live_rollout(cycle.model, cycle.window_end)
    if live.cycle_id is not None:
        keep &= (rows.rows["timestamp"] >= live.started_at).to_numpy(dtype=bool)
    return frozenset(rows.rows["id"][~keep])


def _judged(cycle: Cycle, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Which earlier rows to keep, and which of them are from months that needed nothing."""
    keep = np.ones(len(rows), dtype=bool)
    healthy = np.zeros(len(rows), dtype=bool)
    timestamps = rows.rows["timestamp"]
    earlier = Diagnosis.objects.filter(
        cycle__model=cycle.model, cycle__window_end__lte=cycle.window_end
    ).exclude(cycle=cycle)
    for diagnosis in earlier.select_related("cycle").order_by("pk"):
        for _, mask in _marks(diagnosis, rows):
            keep &= ~mask
        inside = (timestamps >= diagnosis.cycle.window_start) & (
            timestamps < diagnosis.cycle.window_end
        )
        causes = {found["cause"] for found in diagnosis.findings["causes"]}
        healthy[inside.to_numpy(dtype=bool)] = not causes & set(DECAY)
    return keep, healthy


def _marks(diagnosis: Diagnosis, rows: Rows) -> list[tuple[str, np.ndarray]]:
    """The rows that a diagnosis sets aside: transient days, and rows of a fault since it began."""
    findings, days = diagnosis.findings, rows.rows["day"]
    zone = zone_of(diagnosis.cycle.model.client.timezone)
    last = local_day(diagnosis.cycle.window_end - timedelta(microseconds=1), zone)
    marks = []
    for first, stop in findings.get("excluded_days", []):
        marks.append(("transient", _between(days, first, stop)))
    for fault in _acting_faults(findings):
        stop = (last + timedelta(days=1)).isoformat()
        mask = _between(days, fault["since"], stop)
        if "key" in fault:
            column = rows.context.get(fault["key"])
            if column is None:
                continue
            same = column.astype(str) == fault["value"]
            mask = mask & same.to_numpy(dtype=bool)
        marks.append(("upstream", mask))
    return marks


def _acting_faults(findings: dict[str, Any]) -> list[dict[str, Any]]:
    """Fields and segments whose fault changes answers; a fault that changes none spoils no row."""
    faults = [*findings["suspect_fields"], *findings["suspect_segments"]]
    return [fault for fault in faults if fault["acts"]]


def _between(days: pd.Series, first: str, stop: str) -> np.ndarray:
    start, end = date.fromisoformat(first), date.fromisoformat(stop)
    return ((days >= start) & (days < end)).to_numpy(dtype=bool)


def _events(cycle: Cycle, start: datetime) -> tuple[Event, ...]:
    zone = zone_of(cycle.model.client.timezone)
    return tuple(
        Event(
            title=event.title,
            kind=event.kind,
            start=local_day(event.starts_at, zone),
            stop=local_day(event.ends_at - timedelta(microseconds=1), zone) + timedelta(days=1),
        )
        for event in client_queries.known_events(
            model=cycle.model, start=start, end=cycle.window_end
        )
    )


def windows_of(cycle: Cycle, days: list[list[str]]) -> list[list[str]]:
    """Half-open local days as half-open instants in UTC, for the contract's ``excluded_windows``."""
    zone = zone_of(cycle.model.client.timezone)
    return [
        [
            start_of_day(date.fromisoformat(day), zone).isoformat().replace("+00:00", "Z")
            for day in pair
        ]
        for pair in days
    ]


def training_ids(version: ModelVersion) -> set[str]:
    """The log rows that the version's training set was made from."""
    rows = version.training_version.dataset.all_rows.filter(
        added_in__lte=version.training_version.number
    )
    return set(rows.exclude(log_row_id="").values_list("log_row_id", flat=True))
