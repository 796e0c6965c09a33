"""The report's pictures: facts to SVG, byte-stable, in the agency's colours. Pure.

What a colour says, a shape or a word says too. Each is drawn for a page and for a phone.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from reports.colours import INK, PAPER, mixed, readable
from reports.facts import Brand, Event, Model, Point, Rate, Step
from reports.svg import GRID, MUTED, Sheet, text_width
from reports.text import shorten
from reports.time_axis import TimeAxis
from reports.wording import Wording

WIDE, NARROW = 680.0, 350.0
"""Pixels: the width of the text on a page, and of a phone."""
MOST_POINTS = 40
"""So that the year's chart stays legible; older checks are in the older reports."""
YEAR = 372
"""Days of the time line: twelve months and a few days."""
LETTERS_OF_EVENTS = "ABCDEFGH"
_LEFT = 34.0


def year_points(model: Model) -> list[Point]:
    """The checks of the last twelve months."""
    points = model.points[-MOST_POINTS:]
    if not points:
        return []
    since = _day(points[-1].day) - timedelta(days=YEAR)
    return [point for point in points if _day(point.day) >= since]


def year_events(model: Model) -> list[tuple[str, Event]]:
    """The declared events that the time line shows, each with its letter."""
    points = year_points(model)
    if not points:
        return []
    first, last = points[0].day, points[-1].day
    shown = [event for event in model.events if event.ends >= first and event.starts <= last]
    return list(zip(LETTERS_OF_EVENTS, shown[-len(LETTERS_OF_EVENTS) :], strict=False))


def accuracy_over_time(
    model: Model, brand: Brand, w: Wording, *, width: float = WIDE, low: bool = False
) -> str:
    """Both probes check by check with 95% intervals, versions going live, and known events.

    ``low``: for a page that several models share.
    """
    points = year_points(model)
    narrow = width < WIDE
    height, top = (236.0, 62.0) if narrow else (112.0 if low else 142.0, 38.0)
    sheet = Sheet(width=width, height=height)
    primary, accent = readable(brand.primary), readable(brand.accent)
    days = [_day(point.day) for point in points]
    axis = TimeAxis(days=days, left=_LEFT, right=width - 12)
    rates = [rate for point in points for rate in (point.audit, point.golden) if rate]
    scale = _Percent(rates, top=top, bottom=height - 30)
    tint = mixed(accent, PAPER, 0.82)
    for letter, event in year_events(model):
        _event(sheet, letter, event, axis, scale, tint)
    scale.draw(sheet, width - 12)
    axis.draw(sheet, height - 14, w)
    sheet.text((0, 9), w.t("chart.percent"), size=9)
    _versions(sheet, model, points, axis, accent, w, top=top, bottom=height - 30)
    _golden(sheet, points, axis, scale)
    _audit(sheet, points, axis, scale, primary, w)
    _legend(sheet, points, primary, w, narrow=narrow)
    return sheet.svg()


class _Percent:
    """The upright axis: room for every interval, never so close that noise looks like news."""

    def __init__(self, rates: Sequence[Rate], *, top: float, bottom: float) -> None:
        low = min((rate.low * 100 for rate in rates), default=50)
        self.low = max(0.0, min(60, low // 10 * 10))
        self.top, self.bottom = top, bottom

    def at(self, share: float) -> float:
        return self.bottom - (share * 100 - self.low) / (100 - self.low) * (self.bottom - self.top)

    def draw(self, sheet: Sheet, right: float) -> None:
        step = 20 if self.low < 50 else 10
        for percent in range(int(self.low), 101, step):
            y = self.at(percent / 100)
            sheet.line((_LEFT, y), (right, y))
            sheet.text((_LEFT - 6, y + 3.2), f"{percent}", size=9, anchor="end")


def _audit(
    sheet: Sheet, points: Sequence[Point], axis: TimeAxis, scale: _Percent, primary: str, w: Wording
) -> None:
    """Full dots on a line, the intervals as bars: what is said in the headline."""
    series = [(axis.at(_day(p.day)) - 2, p.audit) for p in points if p.audit]
    if len(series) > 1:
        upper = [(x, scale.at(rate.high)) for x, rate in series]
        lower = [(x, scale.at(rate.low)) for x, rate in reversed(series)]
        sheet.area([*upper, *lower], fill=mixed(primary, PAPER, 0.87))
    for x, rate in series:
        ends = (x, scale.at(rate.low)), (x, scale.at(rate.high))
        sheet.line(*ends, colour=mixed(primary, PAPER, 0.35), width=1.2)
    sheet.path([(x, scale.at(rate.estimate)) for x, rate in series], colour=primary, width=2)
    for x, rate in series:
        sheet.dot((x, scale.at(rate.estimate)), r=3.2, fill=primary, edge=PAPER)


def _golden(sheet: Sheet, points: Sequence[Point], axis: TimeAxis, scale: _Percent) -> None:
    """Open diamonds on a broken line, joined only within one version of the reference rows."""
    for run in same_golden(points):
        series = [(axis.at(_day(p.day)) + 2, p.golden) for p in run if p.golden]
        path = [(x, scale.at(rate.estimate)) for x, rate in series]
        for x, rate in series:
            ends = (x, scale.at(rate.low)), (x, scale.at(rate.high))
            sheet.line(*ends, colour=mixed(MUTED, PAPER, 0.55), width=1)
        sheet.path(path, colour=MUTED, width=1.2, dash="4 3")
        for place in path:
            sheet.diamond(place, r=3.4, fill=PAPER, edge=MUTED)


def same_golden(points: Sequence[Point]) -> list[list[Point]]:
    """Runs of checks on one golden version: scores across versions are not joined by a line."""
    runs: list[list[Point]] = []
    for point in points:
        if point.golden is None:
            continue
        last = runs[-1][-1] if runs else None
        if last is not None and last.golden_version == point.golden_version:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _versions(
    sheet: Sheet,
    model: Model,
    points: Sequence[Point],
    axis: TimeAxis,
    accent: str,
    w: Wording,
    *,
    top: float,
    bottom: float,
) -> None:
    """A line and a flag for each day on which a version went live; flags never meet."""
    first = min((point.day for point in points), default="")
    latest = {d.day: d.version for d in model.deployments if d.day >= first}
    free = 0.0
    for day, version in sorted(latest.items()):
        x = axis.at(_day(day))
        sheet.line((x, top - 6), (x, bottom), colour=accent, width=1.1, dash="2 2")
        words = f"▼ {shorten(w.t('chart.live', version=version), 24)}"
        half = text_width(words, 9) / 2
        middle = min(max(x, half + 2), sheet.width - half - 2)
        if middle - half < free:
            continue
        free = middle + half + 4
        sheet.text((middle, top - 9), words, size=9, colour=accent, anchor="middle", bold=True)


def _event(
    sheet: Sheet, letter: str, event: Event, axis: TimeAxis, scale: _Percent, tint: str
) -> None:
    """A band over the days of an event, with the letter that the caption explains."""
    left = axis.at(max(_day(event.starts), axis.first))
    right = max(left + 3, axis.at(min(_day(event.ends), axis.last)))
    top, bottom = scale.top, scale.bottom
    sheet.area([(left, top), (right, top), (right, bottom), (left, bottom)], fill=tint)
    sheet.text(
        ((left + right) / 2, bottom - 4), letter, size=9, colour=INK, anchor="middle", bold=True
    )


def _legend(
    sheet: Sheet, points: Sequence[Point], primary: str, w: Wording, *, narrow: bool
) -> None:
    """Right of the axis title, or below it on a phone."""
    x, y = (_LEFT, 23.0) if narrow else (sheet.width - 12, 6.0)
    entries = [("audit", any(p.audit for p in points)), ("golden", any(p.golden for p in points))]
    for key, shown in reversed(entries) if not narrow else entries:
        if not shown:
            continue
        words = w.t(f"chart.{key}")
        if not narrow:
            x -= text_width(words, 9.5) + 24
        draw = sheet.dot if key == "audit" else sheet.diamond
        fill, edge = (primary, primary) if key == "audit" else (PAPER, MUTED)
        sheet.line((x, y), (x + 18, y), colour=edge, width=1.6)
        draw((x + 9, y), r=3.2, fill=fill, edge=edge)
        sheet.text((x + 22, y + 3.2), words, colour=INK)
        if narrow:
            y += 15


def data_growth(steps: Sequence[Step], brand: Brand, w: Wording, *, width: float = 500.0) -> str:
    """The size of both data sets after each check, as steps with their last sizes."""
    shown = steps[-MOST_POINTS:]
    height, right = 106.0, width - 92
    sheet = Sheet(width=width, height=height)
    axis = TimeAxis(days=[_day(step.day) for step in shown], left=2, right=right)
    most = max(1, *(step.training_rows for step in shown), *(step.golden_rows for step in shown))
    bottom, top = height - 26, 10.0
    series = {
        "chart.training": ([s.training_rows for s in shown], readable(brand.primary), ""),
        "chart.golden_rows": ([s.golden_rows for s in shown], MUTED, "4 3"),
    }
    sheet.line((2, bottom), (right, bottom), colour=GRID)
    axis.draw(sheet, height - 14, w)
    taken: list[float] = []
    for label, (rows, colour, dash) in series.items():
        heights = [bottom - count / most * (bottom - top) for count in rows]
        places = [axis.at(_day(step.day)) for step in shown]
        path = [(places[0], heights[0])]
        for i in range(1, len(places)):
            path += [(places[i], heights[i - 1]), (places[i], heights[i])]
        sheet.path([*path, (right, heights[-1])], colour=colour, width=1.8, dash=dash)
        y = heights[-1] + 3
        if any(abs(y - other) < 22 for other in taken):
            y = max(taken) + 24 if y >= max(taken) else min(taken) - 24
        taken.append(y)
        sheet.text((right + 6, y), w.number(rows[-1]), size=10.5, colour=colour, bold=True)
        sheet.text((right + 6, y + 10.5), w.t(label), size=8.5)
    return sheet.svg()


def _day(day: str) -> date:
    return date.fromisoformat(day)
