"""Days and times as the client's report writes them, on the client's clock."""

from datetime import datetime, timedelta
from typing import Any

from django import template

from clients.models import KnownEvent

register = template.Library()


@register.filter
def day(at: datetime, visit: Any) -> str:
    """``1 March 2025``: the client's day of that instant."""
    return str(visit.words.day(at.astimezone(visit.zone).date().isoformat()))


@register.filter
def moment(at: datetime, visit: Any) -> str:
    """``1 March 2025, 14:05`` on the client's clock."""
    return f"{day(at, visit)}, {at.astimezone(visit.zone):%H:%M}"


@register.filter
def span(event: KnownEvent, visit: Any) -> str:
    """The days of an event, the last one included; with times where it does not fill its days."""
    starts, ends = (at.astimezone(visit.zone) for at in (event.starts_at, event.ends_at))
    if (starts.hour, starts.minute, ends.hour, ends.minute) == (0, 0, 0, 0):
        last = ends - timedelta(days=1)
        days = [day(starts, visit), day(last, visit)]
        return days[0] if days[0] == days[1] else " – ".join(days)
    return f"{moment(starts, visit)} – {moment(ends, visit)}"
