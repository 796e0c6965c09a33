"""When the demo looks at a client's model: as often as the tier asks for, and at every month's end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from agency.base.clock import add_months, start_of_day
from retraining.services.cadence import next_due


@dataclass(frozen=True)
class Chapter:
    """A local calendar month and the instants at which it is checked.

    ``whole`` is false of the month that is still going on, which has no report yet.
    """

    month: date
    whole: bool
    checks: tuple[datetime, ...]


def chapters(
    *, months: Sequence[date], every_days: int, zone: ZoneInfo, until: datetime
) -> list[Chapter]:
    """The checks of ``months`` (first days, consecutive) and of the days since, up to ``until``.

    Every month's end is a check, so that its report speaks of all of it; in between come the
    checks that fall due by the tier's cadence, counted from the last one. After ``until`` nothing
    is overdue.
    """
    told = []
    checked_to = start_of_day(months[0], zone)
    for month in months:
        end = start_of_day(add_months(month, 1), zone)
        checks = []
        while (due := next_due(every_days=every_days, checked_to=checked_to, zone=zone)) < end:
            checks.append(due)
            checked_to = due
        checks.append(end)
        checked_to = end
        told.append(Chapter(month, True, tuple(checks)))
    since = []
    while (due := next_due(every_days=every_days, checked_to=checked_to, zone=zone)) <= until:
        since.append(due)
        checked_to = due
    told.append(Chapter(add_months(months[-1], 1), False, tuple(since)))
    return told
