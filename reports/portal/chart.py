"""A model's accuracy over time as places on a sheet; the template draws it as SVG. Pure.

The web process draws without a plotting library, and the page's policy allows no style inside it, so
a chart is numbers: what they look like stands in the style sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reports.charts import same_golden
from reports.facts import Deployment, Point, Rate
from reports.wording import Wording

MOST_POINTS = 24
LANES = 2
TOP, BOTTOM, LEFT = 46, 26, 44


@dataclass(frozen=True)
class Mark:
    """One figure: its middle, the ends of its interval, and the same in words."""

    x: float
    y: float
    low: float
    high: float
    said: str

    @property
    def diamond(self) -> str:
        x, y = self.x, self.y
        return f"{x},{y - 5} {x + 5},{y} {x},{y + 5} {x - 5},{y}"


@dataclass(frozen=True)
class Tick:
    """A line of the grid, or a name under it."""

    at: float
    text: str


@dataclass(frozen=True)
class Live:
    """A version going live: a line down the sheet, its name in one of the lanes above."""

    x: float
    text: str
    y: float
    anchor: str


@dataclass(frozen=True)
class Chart:
    """A sheet of ``width`` by ``height``; audited figures are joined, reference ones by set."""

    width: int
    height: int
    base: float
    audit: tuple[Mark, ...]
    golden: tuple[tuple[Mark, ...], ...]
    levels: tuple[Tick, ...]
    months: tuple[Tick, ...]
    live: tuple[Live, ...]

    @property
    def left(self) -> int:
        return LEFT

    @property
    def right(self) -> int:
        return self.width - 14

    @property
    def top(self) -> int:
        return TOP

    @property
    def audit_line(self) -> str:
        return line(self.audit)

    @property
    def golden_lines(self) -> list[str]:
        return [line(part) for part in self.golden]

    @property
    def band(self) -> str:
        """The audited intervals as one surface."""
        upper = [f"{mark.x},{mark.high}" for mark in self.audit]
        lower = [f"{mark.x},{mark.low}" for mark in reversed(self.audit)]
        return " ".join(upper + lower) if len(self.audit) > 1 else ""


def line(marks: Sequence[Mark]) -> str:
    """The points of a polyline."""
    return " ".join(f"{mark.x},{mark.y}" for mark in marks)


def over_time(
    points: Sequence[Point],
    deployments: Sequence[Deployment],
    *,
    width: int,
    height: int,
    w: Wording,
) -> Chart | None:
    """Both probes check by check with their intervals, and what went live; None without a figure."""
    shown = [point for point in points if point.audit or point.golden][-MOST_POINTS:]
    if not shown:
        return None
    first, last = date.fromisoformat(shown[0].day), date.fromisoformat(shown[-1].day)
    margin = max(timedelta(days=4), (last - first) / 24)
    start, stop = first - margin, last + margin
    rates = [rate for point in shown for rate in (point.audit, point.golden) if rate]
    lowest = _floor(min(rate.low for rate in rates))
    right, base = width - 14, height - BOTTOM

    def x(day: date) -> float:
        return round(LEFT + (right - LEFT) * ((day - start) / (stop - start)), 1)

    def y(share: float) -> float:
        return round(base - (base - TOP) * (share - lowest) / (1 - lowest), 1)

    def mark(point: Point, rate: Rate, aside: float) -> Mark:
        at = round(x(date.fromisoformat(point.day)) + aside, 1)
        said = f"{w.day(point.day)}: {w.rate(rate)}, {point.version}"
        return Mark(at, y(rate.estimate), y(rate.low), y(rate.high), said)

    both = all(any(part) for part in ([p.audit for p in shown], [p.golden for p in shown]))
    aside = 3.0 if both else 0.0
    return Chart(
        width=width,
        height=height,
        base=base,
        audit=tuple(mark(p, p.audit, -aside) for p in shown if p.audit),
        golden=tuple(
            tuple(mark(p, p.golden, aside) for p in part if p.golden) for part in same_golden(shown)
        ),
        levels=tuple(Tick(y(share), w.percent(share, 0)) for share in _levels(lowest)),
        months=tuple(_months(start, stop, x, w, room=(right - LEFT) // 58)),
        live=tuple(_live(deployments, first, x, right)),
    )


def _floor(lowest: float) -> float:
    """Where the sheet begins: a tenth below the lowest interval, and never a sliver of the whole."""
    return max(0.0, min(0.8, (int(lowest * 10) - (lowest * 10 % 1 < 0.2)) / 10))


def _levels(lowest: float) -> list[float]:
    tenths = round((1 - lowest) * 10)
    step = 2 if tenths > 4 else 1
    return [1 - n / 10 for n in range(0, tenths + 1, step)]


def _months(start: date, stop: date, x: object, w: Wording, *, room: int) -> list[Tick]:
    assert callable(x)
    firsts = []
    day = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= stop:
        firsts.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    every = max(1, -(-len(firsts) // max(1, room)))
    return [
        Tick(x(day), f"{w.month(f'{day:%Y-%m}', year=False)[:3]} {day:%y}")
        for day in firsts[::every]
    ]


def _live(deployments: Sequence[Deployment], first: date, x: object, right: int) -> list[Live]:
    assert callable(x)
    shown = [one for one in deployments if date.fromisoformat(one.day) >= first][-8:]
    found = []
    for number, one in enumerate(shown):
        at = x(date.fromisoformat(one.day))
        anchor = "end" if at > right - 40 else "start"
        found.append(Live(at, one.version, 16 + 15 * (number % LANES), anchor))
    return found
