"""Is the live version still what it was in its first month? Asked of every month since."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from agency.base.clock import add_months, local_day, start_of_day, zone_of
from clients.models import MaintainedModel, PredictionLog
from clients.models.prediction_log import LabelSource
from retraining.causes.evidence import Evidence, Rows
from retraining.evidence import undisturbed
from retraining.models import Cycle
from retraining.queries import live_rollout
from retraining.stats.sequential import Sequential, sequential_drop


def live_since(cycle: Cycle) -> datetime | None:
    """When the live version followed another one; None for the first, that wrote the earlier logs."""
    live = live_rollout(cycle.model, cycle.window_end)
    return live.started_at if live.cycle_id is not None else None


def monthly(cycle: Cycle, evidence: Evidence) -> dict[str, Any] | str:
    """The e-value over the whole months since the live version went live, and whether it alarms.

    The first months, up to an audit's least n, are the baseline. Months are the client's, so that a
    weekly check looks at nothing new before a month is over.
    """
    months = _reviewed_by_month(cycle)
    right = n = used = 0
    while used < len(months) and n < evidence.policy.audit_min_n:
        _, good, size = months[used]
        right, n, used = right + good, n + size, used + 1
    later = months[used:]
    if n < evidence.policy.audit_min_n or not sum(size for _, _, size in later):
        return "no month with reviewed rows after the live version's first"
    found: Sequential = sequential_drop(
        baseline_correct=right,
        baseline_n=n,
        correct=[good for _, good, _ in later],
        totals=[size for _, _, size in later],
        alpha=evidence.policy.false_alarms_a_year,
        looks=evidence.policy.looks_a_year,
        seed=evidence.seed,
    )
    names = [month for month, _, _ in later]
    return {
        **found.as_dict(),
        "since": names[found.since] if found.since is not None else None,
        "first_alarm": names[found.first_alarm] if found.first_alarm is not None else None,
        "months": [{"month": m, "correct": good, "n": size} for m, good, size in months],
    }


def _reviewed_by_month(cycle: Cycle) -> list[tuple[str, int, int]]:
    """(month, right, reviewed) of the client's months that were over at the window's end."""
    rows = _reviewed_rows(cycle.model, live_since(cycle), cycle.window_end)
    rows = rows.where(undisturbed(cycle, rows)) if len(rows) else rows
    if not len(rows):
        return []
    zone = zone_of(cycle.model.client.timezone)
    month = min(rows.rows["day"]).replace(day=1)
    found = []
    starts = np.array([day.replace(day=1) for day in rows.rows["day"]], dtype=object)
    while start_of_day(following := add_months(month, 1), zone) <= cycle.window_end:
        own = starts == month
        found.append((f"{month:%Y-%m}", int((own & ~rows.failed).sum()), int(own.sum())))
        month = following
    return found


def _reviewed_rows(model: MaintainedModel, start: datetime | None, end: datetime) -> Rows:
    """Only what is reviewed, without inputs: a year of audits is few rows among many."""
    found = PredictionLog.objects.filter(
        client_id=model.client_id,
        model=model,
        timestamp__lt=end,
        label_source=LabelSource.REVIEW,
    ).exclude(answered=PredictionLog.Answered.NONE)
    if start is not None:
        found = found.filter(timestamp__gte=start)
    columns = ("row_id", "timestamp", "prediction", "label", "context")
    values = list(found.order_by("timestamp", "row_id").values_list(*columns))
    zone = zone_of(model.client.timezone)
    rows = pd.DataFrame(
        [(i, at, local_day(at, zone), answer, label) for i, at, answer, label, _ in values],
        columns=["id", "timestamp", "day", "prediction", "label"],
    ).assign(label_source="review")
    context = pd.DataFrame([given for *_, given in values], index=rows.index, dtype=object)
    nothing = pd.DataFrame(index=rows.index)
    return Rows(rows, nothing, context, nothing)
