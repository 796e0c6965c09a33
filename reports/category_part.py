"""How each category is doing: the worst and the best in a table, the rest in an annex. Pure."""

import base64
from collections.abc import Sequence
from typing import Any

from reports.colours import PAPER, mixed, readable
from reports.facts import Brand, Categories, Category, Rate
from reports.svg import BETTER, GRID, MUTED, WORSE, Sheet
from reports.text import shorten
from reports.wording import Wording, sections

COLUMNS = 3
BLOCK = 15
"""Lines of a column of the annex: read down, then the next column; a block stays on one page."""
_MARKS = {"better": "▲", "worse": "▼", "new": "●"}
_WIDTH, _HEIGHT = 160.0, 18.0


def categories_part(
    categories: Categories | None, brand: Brand, *, most: int, annexed: int, w: Wording
) -> dict[str, Any] | None:
    """What the template shows; None where no category was measured."""
    if categories is None or not categories.rows:
        return None
    shown = chosen_rows(categories.rows, most)
    rest = sorted(
        (row for row in categories.rows if row not in shown), key=lambda row: row.name.casefold()
    )
    before, after = sections.category_columns(categories, w)
    left_out = max(0, len(rest) - annexed)
    return {
        "basis": sections.categories_basis(categories, w),
        "summary": sections.categories_summary(categories, w),
        "groups": _groups(shown, categories, brand, w),
        "paired": categories.basis != "golden",
        "before": before,
        "after": after,
        "annex": _annex(rest[:annexed], categories.min_n, w),
        # A long annex begins a page: it would leave a page that holds the glossary alone.
        "long": len(rest[:annexed]) > COLUMNS * BLOCK,
        "annex_note": w.t("cat.annex", min_n=categories.min_n),
        "annex_more": w.t("cat.annex.more", n=w.number(left_out)) if left_out else "",
    }


def chosen_rows(rows: Sequence[Category], most: int) -> list[Category]:
    """The rows worth a line: what moved, regressions first; then the weakest and the best."""
    if len(rows) <= most:
        return list(rows)
    worse = [row for row in rows if row.verdict == "worse"]
    gained = [row for row in rows if row.verdict in ("new", "better")]
    # Many regressions still leave room for what got better.
    moved = worse[: most - min(len(gained), most // 4)]
    moved += gained[: most - len(moved)]
    level = sorted(
        (row for row in rows if row.verdict == "same"),
        key=lambda row: row.after.estimate if row.after else 1.0,
    )
    room = max(0, most - len(moved))
    if len(level) > room:
        best = room // 3
        level = level[: room - best] + level[len(level) - best :]
    return moved + level


def _groups(
    rows: Sequence[Category], categories: Categories, brand: Brand, w: Wording
) -> list[dict[str, Any]]:
    """Lines under headings: worse, new, better, the rest from the weakest on, too few rows."""
    found = []
    for verdict in ("worse", "new", "better", "same", "thin"):
        own = [row for row in rows if row.verdict == verdict]
        if verdict == "same":
            own.sort(key=lambda row: row.after.estimate if row.after else 1.0)
        if own:
            heading = "level" if categories.basis == "golden" and verdict == "same" else verdict
            lines = [_line(row, categories, brand, w) for row in own]
            found.append({"code": verdict, "name": w.t(f"cat.group.{heading}"), "rows": lines})
    return found


def _line(row: Category, categories: Categories, brand: Brand, w: Wording) -> dict[str, str]:
    word = w.t(f"chart.{row.verdict}")
    if row.difference is not None and row.verdict in ("better", "worse"):
        word = f"{_MARKS[row.verdict]} {w.points(row.difference.delta)}"
    return {
        "name": shorten(row.name, 42),
        "picture": _bar(row, brand, single=categories.basis == "golden"),
        "before": _rate(row.before, w),
        "after": _rate(row.after, w),
        "word": word,
    }


def _rate(rate: Rate | None, w: Wording) -> str:
    """With its interval, in whole percents: a category has few rows."""
    if rate is None:
        return "\u2013"
    return f"{w.percent(rate.estimate, 0)} ({w.span(rate, digits=0)}, {w.rows(rate.n)})"


def _bar(row: Category, brand: Brand, *, single: bool) -> str:
    """Before as an open dot, after as a full one, each with its interval, on 0 to 100."""
    sheet = Sheet(width=_WIDTH, height=_HEIGHT)
    middle = _HEIGHT / 2
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        sheet.line((_at(share), 0), (_at(share), _HEIGHT), colour=GRID)
    colour = {"worse": WORSE, "better": BETTER}.get(row.verdict, readable(brand.primary))
    if row.verdict == "thin":
        colour = mixed(colour, PAPER, 0.5)
    if row.before is not None and not single:
        _dot(sheet, row.before, middle - 4, MUTED, full=False)
    if row.after is not None:
        _dot(sheet, row.after, middle if single else middle + 4, colour, full=True)
    return base64.b64encode(sheet.svg().encode()).decode()


def _dot(sheet: Sheet, rate: Rate, y: float, colour: str, *, full: bool) -> None:
    ends = (_at(rate.low), y), (_at(rate.high), y)
    sheet.line(*ends, colour=mixed(colour, PAPER, 0.35), width=1.6 if full else 1)
    sheet.dot((_at(rate.estimate), y), r=3.1, fill=colour if full else PAPER, edge=colour)


def _at(share: float) -> float:
    return 4 + share * (_WIDTH - 8)


def _annex(rows: Sequence[Category], min_n: int, w: Wording) -> list[list[list[dict[str, str]]]]:
    """Blocks of columns of lines."""
    blocks = []
    for start in range(0, len(rows), COLUMNS * BLOCK):
        block = rows[start : start + COLUMNS * BLOCK]
        height = -(-len(block) // COLUMNS)
        columns = [block[i * height : (i + 1) * height] for i in range(COLUMNS)]
        blocks.append([[_entry(row, min_n, w) for row in column] for column in columns])
    return blocks


def _entry(row: Category, min_n: int, w: Wording) -> dict[str, str]:
    rate = row.after or row.before
    shown = rate is not None and rate.n >= min_n
    figure = w.percent(rate.estimate, 0) if rate is not None and shown else "\u2013"
    return {
        "mark": _MARKS.get(row.verdict, ""),
        "code": row.verdict,
        "figure": _padded(figure, len(w.percent(1, 0))),
        "name": shorten(row.name, 26 if row.verdict in _MARKS else 29),
        "n": _padded(w.number(rate.n if rate else 0), 4),
    }


def _padded(text: str, width: int) -> str:
    """To the right of a column of figures, by blanks as wide as a figure."""
    return text.rjust(width, "\u2007")
