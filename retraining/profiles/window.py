"""The counts of a window: whole days from stored profiles, the rest from rows.

Both ways give the same counts, so nobody has to know which way a day went. Rows are read of the days
that the window cuts, and of those that an earlier check has set aside in part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec
import numpy as np
import pandas as pd
from django.db.models import TextField
from django.db.models.functions import Cast

from agency.base.clock import days_between, start_of_day, zone_of
from clients.models import LogDay, MaintainedModel
from retraining.causes import history
from retraining.causes.evidence import Rows
from retraining.models import DailyProfile
from retraining.profiles.counts import Counts
from retraining.profiles.daily import (
    Basis,
    answered_rows,
    count_on,
    profile_days,
    usual_basis,
)

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Split:
    """A window's days: ``whole`` ones, and ``parts`` whose rows have to be looked at."""

    whole: tuple[date, ...]
    parts: tuple[Interval, ...]


def window_counts(
    *,
    model: MaintainedModel,
    start: datetime,
    end: datetime,
    basis: Basis | None = None,
    set_aside: Sequence[history.Check] = (),
) -> Counts:
    """The counts of the answered rows of ``[start, end)``, without what the checks set aside.

    Without ``basis`` the answers of the time, without bins: days may be stored on different ones.
    A day that has changed is counted again first.
    """
    split = split_days(model, start, end, set_aside)
    found = day_counts(model, split.whole, basis)
    for begin, stop in split.parts:
        rows = answered_rows(model, start=begin, end=stop)
        keep, _ = history.judged(set_aside, rows)
        rows = rows.where(keep)
        if len(rows):
            known = basis or Basis(usual_basis(model, rows.rows["day"].iloc[0]).baseline)
            found.append(count_on(known, rows))
    total = Counts.total(found)
    return total if basis else total.on_bins({})


def day_counts(
    model: MaintainedModel, days: Sequence[date], basis: Basis | None = None, *, segment: str = ""
) -> list[Counts]:
    """The stored counts of these days, one for each version that answered; those that are behind
    are counted again first. Days on which nothing came are left out."""
    if not days:
        return []
    wanted = LogDay.objects.filter(
        client_id=model.client_id, model=model, day__gte=min(days), day__lte=max(days)
    )
    among = set(days)
    changes = {day: n for day, n in wanted.values_list("day", "changes") if day in among}
    found = _stored(model, changes, basis, segment)
    behind = [day for day in changes if day not in found]
    if behind:
        profile_days(model=model, days=behind, basis=basis)
        found |= _stored(model, dict.fromkeys(behind, 0), basis, segment)
    return [counts for day in sorted(found) for counts in found[day]]


def _stored(
    model: MaintainedModel, changes: dict[date, int], basis: Basis | None, segment: str
) -> dict[date, list[Counts]]:
    """Day -> the counts of one fresh set; no entry for a day without one."""
    if not changes:
        return {}
    sets = DailyProfile.objects.filter(
        client_id=model.client_id,
        model=model,
        day__gte=min(changes),
        day__lte=max(changes),
        segment=segment,
        kind=basis.kind if basis else DailyProfile.Kind.GIVEN,
    )
    if basis:
        sets = sets.filter(baseline=basis.baseline)
    chosen: dict[date, int] = {}
    found: dict[date, list[Counts]] = {}
    columns = ("day", "baseline_id", "changes", "kept", "rows", "text")
    # As text: decoding is most of the time that a month takes.
    texts = sets.annotate(text=Cast("counts", TextField())).order_by("pk").values_list(*columns)
    for day, baseline, seen, kept, rows, text in texts:
        if day not in changes or (seen < changes[day] and not kept):
            continue
        if chosen.setdefault(day, baseline) == baseline:
            part = Counts.from_json(rows, msgspec.json.decode(text))
            found.setdefault(day, []).append(part if basis else part.on_bins({}))
    return found


def split_days(
    model: MaintainedModel, start: datetime, end: datetime, set_aside: Sequence[history.Check] = ()
) -> Split:
    """Which days of the window are whole, and which instants are to be looked at row by row.

    Days that are set aside altogether are in neither.
    """
    if start >= end:
        return Split((), ())
    zone = zone_of(model.client.timezone)
    days = days_between(start, end, zone)
    out, touched = _set_aside(set_aside, days)
    whole, parts = [], []
    for day, gone, doubtful in zip(days, out, touched, strict=True):
        begin, stop = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
        if gone:
            continue
        if doubtful or begin < start or stop > end:
            parts.append((max(begin, start), min(stop, end)))
        else:
            whole.append(day)
    return Split(tuple(whole), tuple(parts))


def _set_aside(
    checks: Sequence[history.Check], days: Sequence[date]
) -> tuple[np.ndarray, np.ndarray]:
    """(days) booleans each: all rows of the day are set aside; those of a part of the traffic are.

    The checks are asked of one row a day, first of one that is of no part and then of one of each
    part that a fault names, so that what they set aside is written down in one place.
    """
    segments = {
        (str(fault["key"]), str(fault["value"])) if "key" in fault else tuple(fault["segment"])
        for check in checks
        for fault in history.acting_faults(check.findings)
        if "key" in fault or fault.get("segment")
    }
    out = ~_kept(checks, days, {})
    touched = np.zeros(len(days), dtype=bool)
    for key, value in segments:
        touched |= ~_kept(checks, days, {key: str(value)})
    return out, touched & ~out


def _kept(
    checks: Sequence[history.Check], days: Sequence[date], context: dict[str, str]
) -> np.ndarray:
    stamps = pd.to_datetime(pd.Series(list(days))).dt.tz_localize("UTC")
    table = pd.DataFrame({"day": pd.Series(list(days), dtype=object), "timestamp": stamps})
    nothing = pd.DataFrame(index=table.index)
    parts = pd.DataFrame({key: [value] * len(table) for key, value in context.items()})
    keep, _ = history.judged(checks, Rows(table, nothing, parts, nothing))
    return keep
