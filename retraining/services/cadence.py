"""When is a check due, on the client's calendar? Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agency.base.clock import add_months, local_day, start_of_day

CALENDAR_MONTH = 30
"""A cadence of 30 days means a calendar month, as the tiers say."""


@dataclass(frozen=True)
class Due:
    """A check that is due: over which window, and since when it could have been made.

    ``window_end`` is the last boundary that has passed: whoever was off for months makes one check
    that covers them all. ``since`` is the first one.
    """

    window_start: datetime
    window_end: datetime
    since: datetime


def next_due(*, every_days: int, checked_to: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the check after ``checked_to`` falls due: the start of a local day.

    A calendar month runs to the first of the next month; other cadences count local days, so that
    a change to summer time moves nothing.
    """
    day = local_day(checked_to, zone)
    if every_days == CALENDAR_MONTH:
        return start_of_day(add_months(day.replace(day=1), 1), zone)
    return start_of_day(day + timedelta(days=every_days), zone)


def due_check(
    *,
    every_days: int,
    checked_to: datetime | None,
    launched_at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> Due | None:
    """The check that is due at ``now``, ``None`` if none is.

    ``checked_to`` is where the last check's window ended; a model that was never checked counts
    from its launch, and its first window begins with that day, or with that calendar month.
    """
    since = next_due(every_days=every_days, checked_to=checked_to or launched_at, zone=zone)
    if since > now:
        return None
    if every_days == CALENDAR_MONTH:
        end = start_of_day(local_day(now, zone).replace(day=1), zone)
    else:
        first = local_day(since, zone)
        missed = (local_day(now, zone) - first).days // every_days
        end = start_of_day(first + timedelta(days=missed * every_days), zone)
    if checked_to is not None:
        return Due(checked_to, end, since)
    day = local_day(launched_at, zone)
    start = day.replace(day=1) if every_days == CALENDAR_MONTH else day
    return Due(start_of_day(start, zone), end, since)
