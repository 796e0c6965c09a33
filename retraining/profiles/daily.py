"""A day's profiles: counted from its rows, stored, and counted again when the rows have changed.

Never stale and never torn: the day's count of changes is read before its rows are, and written with
the counts in one transaction. Rows that come in between leave the set behind its day, and it is
counted again before anybody reads it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Q, QuerySet

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
ROWS_AT_ONCE = 100_000
"""Rows that are in memory at once, unless a single day has more."""


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


def profile_days(
    *, model: MaintainedModel, days: Collection[date], basis: Basis | None = None
) -> int:
    """Count these days' rows and store their profiles; how many days were written.

    Without ``basis`` each day on its usual one, after which it is clean if nothing came in between.
    Not written are days on which nothing ever came, those whose rows are gone at the end of their
    retention, and those that another worker has just counted.
    """
    own = LogDay.objects.filter(client_id=model.client_id, model=model, day__in=list(days))
    seen = dict(own.order_by("day").values_list("day", "changes"))  # before the rows are read
    zone = zone_of(model.client.timezone)
    left, size, written = list(seen), 1, 0
    while left:
        run = _run(left[:size])
        left = left[len(run) :]
        end = start_of_day(run[-1] + timedelta(days=1), zone)
        rows = answered_rows(model, start=start_of_day(run[0], zone), end=end)
        of_day = rows.rows["day"].to_numpy()
        for day in run:
            own_rows = rows if len(run) == 1 else rows.where(of_day == day)
            written += _profile_day(model, day, seen[day], basis, own_rows)
        # As many days at once as fit, going by those that have just been read.
        size = max(1, ROWS_AT_ONCE * len(run) // max(1, len(rows)))
    return written


def _run(days: Sequence[date]) -> list[date]:
    """The days from the first on that follow each other without a gap."""
    last = next(
        (i for i, (a, b) in enumerate(pairwise(days)) if b - a > timedelta(days=1)), len(days)
    )
    return list(days[: last + 1])


def _profile_day(
    model: MaintainedModel, day: date, seen: int, asked: Basis | None, rows: Rows
) -> bool:
    usual = usual_basis(model, day)
    basis = asked or usual
    own = LogDay.objects.filter(client_id=model.client_id, model=model, day=day)
    sets = DailyProfile.objects.filter(client_id=model.client_id, model=model, day=day)
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
        known = list(
            sets.values_list("baseline_id", "kind", "changes", "kept").order_by().distinct()
        )
        fresh = kept = False
        for baseline, kind, changes, is_kept in known:
            same = (baseline, kind) == (basis.baseline.pk, basis.kind)
            fresh, kept = fresh or (same and changes > seen), kept or is_kept
        if not (fresh or kept):
            if known:  # this set, and others of the day that are behind
                mine = Q(baseline=basis.baseline, kind=basis.kind)
                sets.filter(mine | Q(changes__lt=seen)).delete()
            DailyProfile.objects.bulk_create(made, batch_size=50)
        if kept or (basis == usual and not fresh):
            own.filter(profiled__lt=seen).update(profiled=seen)
    return not (fresh or kept)


def keep_days(*, model: MaintainedModel, days: Iterable[date]) -> int:
    """Profile these days a last time and keep that for good; how many profiles are kept.

    Call it before the rows are deleted at the end of their retention, in the same transaction:
    their counts are all that is left, and nothing counts the day again.
    """
    profile_days(model=model, days=sorted(set(days)))
    kept = 0
    for day in sorted(set(days)):
        usual = usual_basis(model, day)
        sets = DailyProfile.objects.filter(client_id=model.client_id, model=model, day=day)
        kept += sets.filter(baseline=usual.baseline, kind=usual.kind).update(kept=True)
    return kept


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
