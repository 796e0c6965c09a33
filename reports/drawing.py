"""What every chart shares: the sheet it is drawn on, its fonts and colours, and the SVG at the end.

Text is drawn as outlines, so that a chart looks the same wherever it is shown; it is never read as
mathematics (a ``$`` in a category stays a ``$``). Pure.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from reports.colours import INK

WIDTH = 7.0
"""Inches: the width of the text on an A4 page."""
MUTED = "#5c6670"
GRID = "#dfe3e8"
_STYLE: Any = {
    "svg.hashsalt": "report",
    "svg.fonttype": "path",
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.edgecolor": GRID,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
}


@contextmanager
def sheet(*, height: float, width: float = WIDTH) -> Iterator[Figure]:
    """An empty figure of that height and width in inches, in the house's style."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="none")
        FigureCanvasSVG(figure)
        yield figure


def svg(figure: Figure) -> str:
    """The SVG element alone: no date, no creator, no address of a document type."""
    buffer = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=nothing, transparent=True)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


@cache
def _glyphs() -> frozenset[int]:
    path = font_manager.findfont("DejaVu Sans", fallback_to_default=True)
    return frozenset(font_manager.get_font(path).get_charmap())


def drawable(text: str) -> str:
    """The text with a small square for each character that the chart's font lacks."""
    return "".join(c if ord(c) in _glyphs() else "\u25ab" for c in text)


def bare(axes: Axes) -> None:
    """No frame and no tick marks: only the base line stays."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
