"""Places of dots, lines and words on the admin's pictures; the templates draw them as SVG.

Text stays with the templates, which escape it. Nothing is read or written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agency.base.admin import rate
from agency.base.clock import add_months

WIDTH, HEIGHT = 760, 230
LEFT, RIGHT, TOP, BOTTOM = 40, 748, 34, 190
LANE = 13
"""How high a line of names is above and below the plot."""
TIP_WIDTH, TIP_HEIGHT, TIP_MARGIN = 150, 44, 4
MOST_TICKS = 9


@dataclass(frozen=True)
class Axis:
    """Days from left to right."""

    first: date
    last: date
    left: float = LEFT
    right: float = RIGHT

    def at(self, day: date) -> float:
        """Where a day lies; days outside lie on the edge."""
        span = max(1, (self.last - self.first).days)
        share = min(1.0, max(0.0, (day - self.first).days / span))
        return round(self.left + share * (self.right - self.left), 1)

    def months(self) -> list[dict[str, Any]]:
        """The first days of months with their names; every second one where there are many."""
        day = self.first.replace(day=1)
        days = []
        while day <= self.last:
            if day >= self.first:
                days.append(day)
            day = add_months(day, 1)
        every = max(1, -(-len(days) // MOST_TICKS))
        shown = days[::every] or [self.first]
        return [
            {
                "x": self.at(tick),
                "name": f"{tick:%b}",
                "year": tick.year if i == 0 or tick.month <= every else "",
            }
            for i, tick in enumerate(shown)
        ]


@dataclass(frozen=True)
class Height:
    """Values from the bottom up."""

    low: float
    high: float
    bottom: float = BOTTOM
    top: float = TOP

    def at(self, value: float) -> float:
        """Where a value lies; values outside lie on the edge."""
        share = (value - self.low) / ((self.high - self.low) or 1)
        share = min(1.0, max(0.0, share))
        return round(self.bottom - share * (self.bottom - self.top), 1)


def rates_height(rates: Sequence[Mapping[str, Any]]) -> Height:
    """0 to 1, cut below where no interval reaches, and never so close that noise looks like news."""
    low = min((rate["low"] for rate in rates), default=0.5)
    return Height(max(0.0, min(0.6, (low * 10 // 1) / 10)), 1.0)


def grid(height: Height, step: float) -> list[dict[str, Any]]:
    """Lines across with their values."""
    first = -(-height.low // step)
    count = int((height.high - first * step) / step + 1e-9) + 1
    values = [round((first + i) * step, 10) for i in range(count)]
    return [{"y": height.at(value), "value": value} for value in values]


def interval_marks(
    series: Sequence[tuple[date, Mapping[str, Any]]],
    axis: Axis,
    height: Height,
    *,
    shift: float = 0,
) -> list[dict[str, Any]]:
    """A dot and its interval for each day's rate (estimate, low, high, n)."""
    return [
        {
            "x": round(axis.at(day) + shift, 1),
            "y": height.at(found["estimate"]),
            "low": height.at(found["low"]),
            "high": height.at(found["high"]),
            "thin": found.get("thin", False),
            # What is shown when the dot is pointed at.
            "told": f"{day:%-d %b %Y}: {rate(found)}{', few rows' if found.get('thin') else ''}",
        }
        for day, found in series
    ]


def path(marks: Sequence[Mapping[str, Any]]) -> str:
    """The points of a line through the dots."""
    return " ".join(f"{mark['x']},{mark['y']}" for mark in marks)


def band(marks: Sequence[Mapping[str, Any]]) -> str:
    """The outline of the intervals; nothing for one dot alone."""
    if len(marks) < 2:
        return ""
    upper = [f"{mark['x']},{mark['high']}" for mark in marks]
    return " ".join([*upper, *(f"{mark['x']},{mark['low']}" for mark in reversed(marks))])


def in_lanes(marks: Sequence[dict[str, Any]], *, wide: float) -> list[dict[str, Any]]:
    """Each with the ``lane`` that keeps its name clear of its neighbours' (by ``x``), from 0 up.

    >>> [m["lane"] for m in in_lanes([{"x": 0}, {"x": 10}, {"x": 90}], wide=60)]
    [0, 1, 0]
    """
    ends: list[float] = []
    placed = []
    for mark in sorted(marks, key=lambda mark: float(mark["x"])):
        lane = next((i for i, end in enumerate(ends) if end <= mark["x"]), len(ends))
        ends[lane : lane + 1] = [mark["x"] + wide]
        placed.append({**mark, "lane": lane})
    return placed


def sparkline(series: Sequence[tuple[date, Mapping[str, Any]]], axis: Axis) -> dict[str, Any]:
    """A category's rates on a small sheet, always from 0 to 1 so that sheets can be compared."""
    small = Axis(axis.first, axis.last, TIP_MARGIN, TIP_WIDTH - TIP_MARGIN)
    height = Height(0, 1, TIP_HEIGHT - TIP_MARGIN, TIP_MARGIN)
    marks = interval_marks(series, small, height)
    return {"marks": marks, "line": path(marks), "band": band(marks)}


def widened(first: date, last: date) -> Axis:
    """An axis with a little room at both ends."""
    margin = timedelta(days=max(2, (last - first).days // 30))
    return Axis(first - margin, last + margin)
