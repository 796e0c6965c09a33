"""Instants, months and days: the one place that reads the clock and knows a client's calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agency.base.errors import BadInput


def now() -> datetime:
    """The present instant, in UTC. Stages and statistics never call it: they are told the time."""
    return datetime.now(UTC)


def parse_instant(text: str, *, zone: ZoneInfo | None = None) -> datetime:
    """RFC 3339 with an offset to an aware UTC instant.

    A bare date or a time without an offset is taken in ``zone`` where one is given (a person at the
    command line), and is an error where none is (data).

    >>> parse_instant("2025-03-01T05:24:34Z").isoformat()
    '2025-03-01T05:24:34+00:00'
    """
    try:
        value = datetime.fromisoformat(text.strip())
    except (ValueError, AttributeError) as error:
        raise BadInput(f"not a time: {text!r} (RFC 3339, e.g. 2025-03-01T00:00:00Z)") from error
    if value.tzinfo is None:
        if zone is None:
            raise BadInput(f"the time {text!r} has no offset (write Z or +01:00)")
        value = value.replace(tzinfo=zone)
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise BadInput(f"not a time: {text!r}") from error


def parse_month(text: str) -> date:
    """``YYYY-MM`` to the first day of that month."""
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError as error:
        raise BadInput(f"not a month: {text!r} (YYYY-MM)") from error


def zone_of(name: str) -> ZoneInfo:
    """The IANA time zone of that name; ``BadInput`` where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"unknown time zone {name!r} (an IANA name, e.g. Europe/Berlin)") from error


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which that local day begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later; the last day of the month where that one is shorter.

    >>> add_months(date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


def month_window(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open window of a client's local calendar month, as UTC instants."""
    first = month.replace(day=1)
    return start_of_day(first, zone), start_of_day(add_months(first, 1), zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The client's calendar day that an instant falls on."""
    return instant.astimezone(zone).date()


def day_after(stop: datetime, zone: ZoneInfo) -> date:
    """The first local day that a half-open window which ends at ``stop`` does not touch.

    >>> day_after(datetime(2025, 3, 1, tzinfo=UTC), ZoneInfo("UTC"))
    datetime.date(2025, 3, 1)
    >>> day_after(datetime(2025, 3, 1, 9, tzinfo=UTC), ZoneInfo("UTC"))
    datetime.date(2025, 3, 2)
    """
    return local_day(stop - timedelta(microseconds=1), zone) + timedelta(days=1)


def month_before(instant: datetime, zone: ZoneInfo) -> datetime:
    """The instant one calendar month earlier on the client's clock."""
    local = instant.astimezone(zone)
    earlier = add_months(local.date(), -1)
    return datetime.combine(earlier, local.time(), tzinfo=zone).astimezone(UTC)


def rfc3339(instant: datetime) -> str:
    """The instant in UTC as ``2025-03-01T00:00:00Z``; microseconds only where there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def days_between(start: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    """The local days that the half-open window touches, in order."""
    first = local_day(start, zone)
    return [first + timedelta(days=i) for i in range((day_after(end, zone) - first).days)]
