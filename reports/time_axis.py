"""The days of a chart: where each stands, and the months named below. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta

from reports.svg import Sheet, text_width
from reports.wording import Wording

_SIZE = 9.0


class TimeAxis:
    """Days between two edges in pixels, with a margin so that no mark stands on an edge."""

    def __init__(self, *, days: Sequence[date], left: float, right: float) -> None:
        margin = timedelta(days=max(4, (max(days) - min(days)).days // 24))
        self.first, self.last = min(days) - margin, max(days) + margin
        self.left, self.right = left, right

    def at(self, day: date) -> float:
        """The place of ``day`` in pixels."""
        share = (day - self.first).days / (self.last - self.first).days
        return self.left + share * (self.right - self.left)

    def draw(self, sheet: Sheet, y: float, w: Wording) -> None:
        """The first of each month, named where there is room; the year below where it begins."""
        free, year = self.left, 0
        for day in self._months():
            x = self.at(day)
            name = w.month(f"{day:%Y-%m}", year=False)[:3]
            half = text_width(name, _SIZE) / 2
            if x - half < free or x + half > self.right + 12:
                continue
            free = x + half + 6
            sheet.text((x, y), name, size=_SIZE, anchor="middle")
            if day.year != year:
                year = day.year
                sheet.text((x, y + 11), f"{year}", size=_SIZE, anchor="middle", bold=True)

    def _months(self) -> list[date]:
        months, day = [], self.first.replace(day=1)
        while day <= self.last:
            if day >= self.first:
                months.append(day)
            day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return months or [self.first]
