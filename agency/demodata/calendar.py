"""Which months the demo covers, and when in them rows arrive."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from agency.demodata.shapes import DemoDataError

# Share of a day's rows by local hour from 07:00 to 20:59; nobody writes at night, which also
# keeps every time clear of the hour that a change to summer time skips or repeats.
HOURS = np.arange(7, 21)
HOUR_WEIGHTS = np.array([1, 3, 6, 8, 8, 6, 5, 7, 7, 6, 4, 3, 2, 1], dtype=float)


def next_month(month: date) -> date:
    """The first day of the month after ``month``."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def six_full_months(today: date, count: int = 6) -> list[date]:
    """Which ``count`` full months lie before ``today``? First days, oldest first.

    >>> [str(month) for month in six_full_months(date(2026, 3, 1), 3)]
    ['2025-12-01', '2026-01-01', '2026-02-01']
    """
    if count < 1:
        raise DemoDataError(f"the demo needs at least one month, not {count}")
    months = [today.replace(day=1)]
    for _ in range(count):
        months.insert(0, (months[0] - timedelta(days=1)).replace(day=1))
    return months[:-1]


def check_months(months: Sequence[date]) -> None:
    """Raise DemoDataError unless ``months`` are first days of consecutive months."""
    if not months:
        raise DemoDataError("the demo needs at least one month")
    for month in months:
        if month.day != 1:
            raise DemoDataError(f"{month} is not the first day of a month")
    for earlier, later in itertools.pairwise(months):
        if later != next_month(earlier):
            raise DemoDataError(f"{later} does not follow {earlier}")


def days_of(month: date) -> list[date]:
    """Every day of the month that starts on ``month``."""
    length = (next_month(month) - month).days
    return [month + timedelta(days=offset) for offset in range(length)]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The start of ``day`` in ``zone``, aware."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def moments(
    *,
    rng: np.random.Generator,
    count: int,
    days: Sequence[date],
    zone: ZoneInfo,
    weekend: float,
) -> list[datetime]:
    """``count`` aware times on ``days`` in ``zone``, in order, with the shape of office hours.

    ``weekend`` is the traffic of a Saturday relative to a weekday; Sundays see 60% of that.
    """
    by_weekday = [1.1, 1.05, 1.0, 1.0, 0.9, weekend, 0.6 * weekend]
    weights = np.array([by_weekday[day.weekday()] for day in days])
    if weights.sum() == 0:
        raise DemoDataError("no traffic is possible on the days asked for")
    day_of = rng.choice(len(days), size=count, p=weights / weights.sum())
    hour_of = rng.choice(HOURS, size=count, p=HOUR_WEIGHTS / HOUR_WEIGHTS.sum())
    second_of = rng.integers(0, 3600, size=count)
    times = [
        midnight(days[day], zone).replace(hour=int(hour), minute=int(s) // 60, second=int(s) % 60)
        for day, hour, s in zip(day_of, hour_of, second_of, strict=True)
    ]
    return sorted(times)
