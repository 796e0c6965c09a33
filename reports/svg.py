"""A drawing as SVG text: lines, shapes and words, in pixels. Byte-stable and pure.

Words stay words (the page's letters draw them), so they are escaped and nothing else; widths are
estimated where two labels could meet.
"""

from collections.abc import Sequence
from html import escape

LETTERS = "Inter, 'DejaVu Sans', system-ui, sans-serif"
GRID = "#dfe3e8"
MUTED = "#5c6670"
WORSE = "#a61b1b"
BETTER = "#12623f"
_WIDTH = 0.56
"""The mean width of a letter in ems: what ``text_width`` estimates with."""


def text_width(text: str, size: float) -> float:
    """About how wide ``text`` is drawn at ``size`` pixels."""
    return len(text) * size * _WIDTH


class Sheet:
    """What is drawn on; ``svg()`` gives the element."""

    def __init__(self, *, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        colour: str = GRID,
        width: float = 1,
        dash: str = "",
    ) -> None:
        """A straight line; ``dash`` as SVG has it: ``4 2``."""
        x1, y1, x2, y2 = map(_n, (*start, *end))
        self._parts.append(
            f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{colour}" stroke-width="{_n(width)}"'
            f'{_dash(dash)} fill="none"/>'
        )

    def path(
        self,
        points: Sequence[tuple[float, float]],
        *,
        colour: str,
        width: float = 1.6,
        dash: str = "",
    ) -> None:
        """A line through all ``points``."""
        if len(points) > 1:
            self._parts.append(
                f'<path d="{_through(points)}" stroke="{colour}" stroke-width="{_n(width)}"'
                f'{_dash(dash)} fill="none" stroke-linejoin="round"/>'
            )

    def area(self, points: Sequence[tuple[float, float]], *, fill: str, edge: str = "") -> None:
        """A closed shape."""
        stroke = f' stroke="{edge}" stroke-width="1.3"' if edge else ""
        self._parts.append(f'<path d="{_through(points)}Z" fill="{fill}"{stroke}/>')

    def dot(self, at: tuple[float, float], *, r: float, fill: str, edge: str) -> None:
        """A round mark."""
        x, y = map(_n, at)
        self._parts.append(
            f'<circle cx="{x}" cy="{y}" r="{_n(r)}" fill="{fill}" stroke="{edge}"'
            ' stroke-width="1.3"/>'
        )

    def diamond(self, at: tuple[float, float], *, r: float, fill: str, edge: str) -> None:
        """A mark that is not round: a second series is told apart without its colour."""
        x, y = at
        self.area([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill=fill, edge=edge)

    def text(
        self,
        at: tuple[float, float],
        words: str,
        *,
        size: float = 9.5,
        colour: str = MUTED,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Words on one line; ``anchor`` is start, middle or end."""
        x, y = map(_n, at)
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{x}" y="{y}" font-size="{_n(size)}" fill="{colour}"'
            f' text-anchor="{anchor}"{weight}>{escape(words)}</text>'
        )

    def svg(self) -> str:
        """The whole element."""
        width, height = _n(self.width), _n(self.height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" font-family="{LETTERS}">'
            f"{''.join(self._parts)}</svg>"
        )


def _through(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _dash(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""


def _n(value: float) -> str:
    """At most two decimals and no trailing zeros: the same number is the same text."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
