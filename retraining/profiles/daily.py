"""A day's profiles: counted from its rows, stored, and counted again when the rows have changed.

Never stale and never torn: the day's count of changes is read before its rows are, and written with
the counts in one transaction. Rows that come in between leave the set behind its day, and it is
counted again before anybody reads it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, QuerySet

from agency.base.clock import start_of_day, zone_of
from clients import queries as client_queries
from clients.models import LogDay, MaintainedModel, PredictionLog
from retraining import artifacts
from retraining.causes.evidence import Rows
from retraining.models import DailyProfile, ModelVersion
from retraining.profiles.counting import count_rows, groups_of
from retraining.profiles.counts import Counts
from retraining.profiles.reference import profile
from retraining.queries import live_version, spec_of

Kind = DailyProfile.Kind


@dataclass(frozen=True)
class Basis:
    """What rows are counted on: whose bins, and whose answers."""

    baseline: ModelVersion
    kind: str = Kind.GIVEN


def dirty_days(model: MaintainedModel) -> QuerySet[LogDay]:
    """The days whose profiles are behind their rows, the newest first."""
    own = LogDay.objects.filter(client_id=model.client_id, model=model)
    return own.filter(changes__gt=F("profiled")).order_by("-day")


def answered_rows(model: MaintainedModel, *, start: datetime, end: datetime) -> Rows:
    """The answered rows of the half-open window, as they came."""
    logs = client_queries.logs(model=model, start=start, end=end)
    rows = logs.rows.assign(replayed=logs.rows["answered"] == PredictionLog.Answered.REPLAY)
    found = Rows(rows, logs.inputs, logs.context, logs.signals)
    return found.where((rows["answered"] != PredictionLog.Answered.NONE).to_numpy(dtype=bool))


def count_on(basis: Basis, rows: Rows) -> Counts:
    """The counts of these rows; answered again by the baseline's version where that is asked."""
    spec = spec_of(basis.baseline.model)
    if basis.kind == Kind.GIVEN:
        return count_rows(reference=basis.baseline.reference, spec=spec, rows=rows)
    answers, confidences = _answered_again(basis.baseline, rows)
    bins = profile(
        reference=basis.baseline.reference,
        inputs=rows.inputs,
        answers=answers,
        confidences=confidences,
        spec=spec,
    )
    return Counts(rows=len(rows), bins=bins)


def usual_basis(model: MaintainedModel, day: date) -> Basis:
    """The answers of the time, on the bins of the version that was live at the day's end."""
    end = start_of_day(day + timedelta(days=1), zone_of(model.client.timezone))
    return Basis(live_version(model, end - timedelta(microseconds=1)))


def profile_day(*, model: MaintainedModel, day: date, basis: Basis | None = None) -> bool:
    """Count the day's rows and store their profiles; False where another worker was faster.

    Without ``basis`` on the usual one, after which the day is clean if nothing came in between. A
    day whose rows are gone at the end of their retention is left as it is.
    """
    usual = usual_basis(model, day)
    basis = basis or usual
    own = LogDay.objects.filter(client_id=model.client_id, model=model, day=day)
    seen = own.values_list("changes", flat=True).first()
    if seen is None:
        return False
    sets = DailyProfile.objects.filter(client_id=model.client_id, model=model, day=day)
    if sets.filter(kept=True).exists():
        own.filter(profiled__lt=seen).update(profiled=seen)
        return False
    zone = zone_of(model.client.timezone)
    rows = answered_rows(
        model, start=start_of_day(day, zone), end=start_of_day(day + timedelta(days=1), zone)
    )
    made = [
        DailyProfile(
            client_id=model.client_id,
            model=model,
            day=day,
            baseline=basis.baseline,
            kind=basis.kind,
            version=version,
            segment=segment,
            rows=counts.rows,
            counts=counts.as_json(),
            changes=seen,
        )
        for version, segment, counts in _counted(basis, rows)
    ]
    with transaction.atomic():
        # The day's lock: whoever counts the same day writes before this or after it.
        list(own.select_for_update().values_list("pk", flat=True))
        if sets.filter(kept=True).exists() or _of(sets, basis).filter(changes__gt=seen).exists():
            return False
        _of(sets, basis).delete()
        sets.filter(changes__lt=seen).delete()  # other sets of the day that are behind
        DailyProfile.objects.bulk_create(made, batch_size=50)
        if basis == usual:
            own.filter(profiled__lt=seen).update(profiled=seen)
    return True


def keep_days(*, model: MaintainedModel, days: Iterable[date]) -> int:
    """Profile these days a last time and keep that for good; how many profiles are kept.

    Call it before the rows are deleted at the end of their retention, in the same transaction:
    their counts are all that is left, and nothing counts the day again.
    """
    kept = 0
    for day in sorted(set(days)):
        profile_day(model=model, day=day)
        usual = usual_basis(model, day)
        sets = DailyProfile.objects.filter(client_id=model.client_id, model=model, day=day)
        kept += _of(sets, usual).update(kept=True)
    return kept


def _of(sets: QuerySet[DailyProfile], basis: Basis) -> QuerySet[DailyProfile]:
    return sets.filter(baseline=basis.baseline, kind=basis.kind)


def _counted(basis: Basis, rows: Rows) -> Sequence[tuple[str, str, Counts]]:
    if not len(rows):
        return [("", "", Counts())]
    if basis.kind == Kind.AGAIN:
        return [(basis.baseline.name, "", count_on(basis, rows))]
    return [(version, part, count_on(basis, own)) for version, part, own in groups_of(rows)]


def _answered_again(version: ModelVersion, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """What the version says to the rows. What it said of its own account is not asked again."""
    answers = rows.rows["prediction"].to_numpy(dtype=object, copy=True)
    confidences = rows.rows["confidence"].to_numpy(dtype=float, copy=True)
    ours = rows.rows["answered"].isin(
        [PredictionLog.Answered.SERVICE, PredictionLog.Answered.REPLAY]
    )
    asked = ~(ours & (rows.rows["model_version"] == version.name)).to_numpy(dtype=bool)
    if asked.any():
        inputs = rows.inputs[asked].reset_index(drop=True)
        said: Any = artifacts.load(version).predict(inputs)
        answers[asked], confidences[asked] = said
    return answers, confidences
