"""The report's pictures: facts to SVG, byte-stable, in the agency's colours. Pure.

What a colour says, a shape or a word says too.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from reports.colours import PAPER, mixed, readable
from reports.drawing import GRID, MUTED, bare, drawable, sheet, svg
from reports.facts import Brand, Model, Point, Rate, Step
from reports.wording import Wording

# So that the year's chart stays legible; older checks are in the older reports.
MOST_POINTS = 30


def accuracy_over_time(model: Model, brand: Brand, w: Wording) -> str:
    """Both probes check by check, with 95% intervals, and the days on which versions went live."""
    points = model.points[-MOST_POINTS:]
    with sheet(height=2.0) as figure:
        axes = figure.add_subplot()
        primary, accent = readable(brand.primary), readable(brand.accent)
        audit = [(_day(p), p.audit) for p in points if p.audit]
        _band(axes, audit, primary, "o", w.t("chart.audit"), shift=-0.6, band=True)
        for i, run in enumerate(_same_golden(points)):
            label = w.t("chart.golden") if i == 0 else ""
            golden = [(_day(p), p.golden) for p in run if p.golden]
            _band(axes, golden, MUTED, "D", label, shift=0.6, band=False)
        _deployments(axes, model, points, accent, w)
        _percent_axis(axes, [r for p in points for r in (p.audit, p.golden) if r], w)
        _day_axis(axes, points, w)
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.08), ncols=2, borderaxespad=0)
        return svg(figure)


def data_growth(steps: Sequence[Step], brand: Brand, w: Wording) -> str:
    """The size of both data sets after each check."""
    shown = steps[-MOST_POINTS:]
    with sheet(height=1.5, width=5.2) as figure:
        axes = figure.add_subplot()
        primary = readable(brand.primary)
        days = [date.fromisoformat(step.day) for step in shown]
        places = [_number(day) for day in days]
        series = [
            ([s.training_rows for s in shown], primary, "chart.training", "o"),
            ([s.golden_rows for s in shown], MUTED, "chart.golden_rows", "D"),
        ]
        for rows, colour, label, marker in series:
            axes.step(places, rows, where="post", color=colour, linewidth=1.6)
            axes.plot(places, rows, marker, color=colour, markersize=3.5, label=w.t(label))
            axes.annotate(
                w.number(rows[-1]),
                (places[-1], rows[-1]),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                color=colour,
                fontweight="bold",
            )
        axes.set_ylim(0, max(s.training_rows + 1 for s in shown) * 1.18)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: w.number(value))
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        bare(axes)
        _months(axes, days, w)
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2, borderaxespad=0)
        return svg(figure)


def _band(
    axes: Axes,
    series: Sequence[tuple[date, Rate]],
    colour: str,
    marker: str,
    label: str,
    *,
    shift: float,
    band: bool,
) -> None:
    """A line of estimates with interval bars; the two probes stand side by side, not on each other."""
    if not series:
        return
    days = [_number(day) + shift for day, _ in series]
    middle = [rate.estimate * 100 for _, rate in series]
    low = [rate.low * 100 for _, rate in series]
    high = [rate.high * 100 for _, rate in series]
    if band and len(series) > 1:
        axes.fill_between(days, low, high, color=mixed(colour, PAPER, 0.86), linewidth=0)
    axes.vlines(days, low, high, color=colour, linewidth=1.1, alpha=0.75)
    axes.plot(
        days,
        middle,
        color=colour,
        linewidth=1.8 if band else 1.0,
        linestyle="-" if band else (0, (4, 2)),
        marker=marker,
        markersize=5 if band else 4,
        markerfacecolor=colour if band else PAPER,
        label=label or None,
    )


def _same_golden(points: Sequence[Point]) -> list[list[Point]]:
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


def _deployments(
    axes: Axes, model: Model, points: Sequence[Point], accent: str, w: Wording
) -> None:
    first = min((_day(p) for p in points), default=date.min)
    latest: dict[str, str] = {}
    for deployment in model.deployments:
        if date.fromisoformat(deployment.day) >= first:
            latest[deployment.day] = deployment.version
    for day, version in latest.items():
        place = _number(date.fromisoformat(day))
        axes.axvline(place, color=accent, linewidth=1, linestyle=(0, (1, 1.5)))
        axes.annotate(
            drawable(f"▼ {w.t('chart.live', version=version)}"),
            (place, 1.01),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
            fontsize=7,
            color=accent,
        )


def _percent_axis(axes: Axes, rates: Sequence[Rate], w: Wording) -> None:
    """Room for every interval, and never so close that noise looks like news."""
    low = min((rate.low * 100 for rate in rates), default=50)
    bottom = max(0, min(60, low // 10 * 10 - 5))
    axes.set_ylim(bottom, 102)
    axes.yaxis.set_major_locator(MultipleLocator(20 if bottom < 50 else 10))
    axes.set_ylabel(w.t("chart.percent"), fontsize=7.5)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    bare(axes)


def _day_axis(axes: Axes, points: Sequence[Point], w: Wording) -> None:
    _months(axes, [_day(point) for point in points], w)


def _months(axes: Axes, days: Sequence[date], w: Wording) -> None:
    """A tick at the first of each month, named; the year at the first tick and each January."""
    first, last = min(days), max(days)
    margin = max(6, (last - first).days // 14)
    low, high = first - timedelta(days=margin), last + timedelta(days=margin)
    axes.set_xlim(_number(low), _number(high))
    ticks, day = [], low.replace(day=1)
    while day <= high:
        if day >= low:
            ticks.append(day)
        day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    every = max(1, len(ticks) // 8)
    ticks = ticks[::every] or [first]
    names = [
        w.month(f"{tick:%Y-%m}", year=False)[:3]
        + (f"\n{tick.year}" if i == 0 or tick.month <= every else "")
        for i, tick in enumerate(ticks)
    ]
    axes.set_xticks([_number(tick) for tick in ticks], names)


def _day(point: Point) -> date:
    return date.fromisoformat(point.day)


def _number(day: date) -> float:
    return float(day.toordinal())
