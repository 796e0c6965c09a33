"""The one number of a month: with its interval, beside the month before, and how sure we are. Pure."""

from reports.colours import INK, PAPER, mixed, readable
from reports.facts import Brand, Model, Rate
from reports.svg import GRID, MUTED, Sheet
from reports.wording import Wording

WIDTH, ROW = 236.0, 27.0
WIDE_RANGE = 0.2
"""An interval of twenty points and more: too few rows to say anything but the grossest."""


def sureness(model: Model) -> str:
    """How sure the headline is, as a code of the wording: ``sure.CODE``.

    down and up where the intervals of both months do not meet; few where the interval is so wide
    that only a landslide would show; level where they meet; first where nothing stands beside it.
    """
    audit, before = model.audit, model.audit_before
    if audit is None:
        return "none"
    if before is not None and audit.high < before.low:
        return "down"
    if before is not None and audit.low > before.high:
        return "up"
    if audit.high - audit.low >= WIDE_RANGE:
        return "few"
    return "first" if before is None else "level"


def headline(model: Model, brand: Brand, w: Wording) -> dict[str, str]:
    """What the template shows of the one number; ``big`` is a dash where nothing was measured."""
    code = sureness(model)
    audit = model.audit
    width = w.number((audit.high - audit.low) * 100) if audit else ""
    return {
        "code": code,
        "label": w.t("tile.audit"),
        "big": w.percent(audit.estimate) if audit else "\u2013",
        "small": f"{w.span(audit)}, {w.rows(audit.n)}" if audit else "",
        "about": (
            w.t("tile.audit.about", version=model.measured or model.version)
            if audit
            else w.t("tile.audit.none")
        ),
        "chip": w.t(f"sure.{code}.chip"),
        "sure": w.t(f"sure.{code}", n=w.number(audit.n) if audit else "", width=width),
        "svg": _scale(model, brand, w) if audit else "",
        "alt": _alt(model, w),
    }


def _alt(model: Model, w: Wording) -> str:
    said = [
        w.t(f"alt.headline.{key}", rate=w.rate(rate))
        for key, rate in (("now", model.audit), ("before", model.audit_before))
        if rate is not None
    ]
    return " ".join(said)


def _scale(model: Model, brand: Brand, w: Wording) -> str:
    """Both months as dots with their intervals on one scale."""
    rows = [(w.t("head.now"), model.audit, True)]
    if model.audit_before is not None:
        rows.append((w.t("head.before"), model.audit_before, False))
    shown = [rate for _, rate, _ in rows if rate]
    least = min(50.0, min(rate.low for rate in shown) * 100 // 10 * 10)
    sheet = Sheet(width=WIDTH, height=ROW * len(rows) + 20)
    left, right = 70.0, WIDTH - 10
    bottom = ROW * len(rows) + 4

    def at(share: float) -> float:
        return left + (share * 100 - least) / (100 - least) * (right - left)

    for percent in range(int(least), 101, 10 if least >= 50 else 20):
        x = at(percent / 100)
        sheet.line((x, 2), (x, bottom), colour=GRID)
        sheet.text((x, bottom + 11), f"{percent}", size=9, anchor="middle")
    primary = readable(brand.primary)
    for i, (name, rate, now) in enumerate(rows):
        y = 2 + ROW * (i + 0.5)
        colour = primary if now else MUTED
        sheet.text((0, y + 3.4), name, size=9.5, colour=INK, bold=now)
        if rate is not None:
            _interval(sheet, rate, (at(rate.low), at(rate.estimate), at(rate.high)), y, colour, now)
    return sheet.svg()


def _interval(
    sheet: Sheet, rate: Rate, places: tuple[float, float, float], y: float, colour: str, now: bool
) -> None:
    low, middle, high = places
    thick = 5.0 if now else 3.0
    band = mixed(colour, PAPER, 0.6)
    sheet.line((low, y), (high, y), colour=band, width=thick)
    for x in (low, high):
        sheet.line((x, y - 5), (x, y + 5), colour=colour, width=1.2)
    if now:
        sheet.dot((middle, y), r=5, fill=colour, edge=PAPER)
    else:
        sheet.diamond((middle, y), r=4.5, fill=PAPER, edge=colour)
