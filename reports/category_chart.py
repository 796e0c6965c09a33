"""Accuracy by category as a picture: before and after, with intervals. Pure."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from reports.colours import INK, PAPER, mixed, readable
from reports.drawing import GRID, MUTED, bare, drawable, sheet, svg
from reports.facts import Brand, Categories, Category
from reports.text import shorten
from reports.wording import Wording
from reports.wording.sections import category_columns


def category_chart(
    rows: Sequence[Category], categories: Categories, brand: Brand, w: Wording
) -> str:
    """A line a category: before as an open dot, after as a full one, each with its interval.

    Better and worse are told by a triangle and a word; too few rows are drawn faint.
    """
    single = categories.basis == "golden"
    with sheet(height=0.6 + 0.215 * max(1, len(rows))) as figure:
        axes = figure.add_subplot()
        primary, accent = readable(brand.primary), readable(brand.accent)
        for place, row in enumerate(rows):
            _category(axes, place, row, primary, accent, single)
            word = "" if single and row.verdict == "same" else w.t(f"chart.{row.verdict}")
            axes.annotate(
                drawable(word),
                (1.015, place),
                xycoords=("axes fraction", "data"),
                va="center",
                color={"worse": accent, "better": primary}.get(row.verdict, MUTED),
                fontweight="bold" if row.verdict in ("worse", "better") else "normal",
                fontsize=7.5,
            )
        axes.set_yticks(range(len(rows)), [drawable(shorten(row.name, 30)) for row in rows])
        axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=7.5)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-2, 102)
        axes.set_xticks([0, 25, 50, 75, 100], [f"{x}" for x in (0, 25, 50, 75, 100)])
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        bare(axes)
        _category_legend(axes, categories, primary, w)
        return svg(figure)


def _category(
    axes: Axes, place: int, row: Category, primary: str, accent: str, single: bool
) -> None:
    faint = row.verdict == "thin"
    colour = accent if row.verdict == "worse" else primary
    if faint:
        colour = mixed(colour, PAPER, 0.55)
    pair = [(row.before, -0.17, False), (row.after, 0.0 if single else 0.17, True)]
    for rate, shift, full in pair:
        if rate is None:
            continue
        mark = colour if full else (mixed(MUTED, PAPER, 0.5) if faint else MUTED)
        shape = {"better": "^", "worse": "v"}.get(row.verdict, "o") if full else "o"
        axes.hlines(place + shift, rate.low * 100, rate.high * 100, color=mark, linewidth=1.1)
        axes.plot(
            [rate.estimate * 100],
            [place + shift],
            shape,
            color=mark,
            markersize=5.5 if shape in "^v" else 4.5,
            markerfacecolor=mark if full and not faint else PAPER,
        )


def _category_legend(axes: Axes, categories: Categories, primary: str, w: Wording) -> None:
    before, after = (drawable(name) for name in category_columns(categories, w))

    def mark(colour: str, face: str, label: str) -> Line2D:
        mark = Line2D([], [], color=colour, markerfacecolor=face, label=label, marker="o")
        mark.set_markersize(4.5)
        mark.set_linewidth(1.1)
        return mark

    if categories.basis == "golden":
        marks = [mark(primary, primary, w.t("chart.only", name=after))]
    else:
        marks = [
            mark(MUTED, PAPER, w.t("chart.before", name=before)),
            mark(primary, primary, w.t("chart.after", name=after)),
        ]
    axes.legend(
        handles=marks, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2
    )
