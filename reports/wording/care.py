"""How quickly we answered and how long we worked, in sentences."""

from reports.facts import Answered, Care
from reports.wording.base import Wording

_DAY = 24


def care_lines(care: Care | None, w: Wording) -> list[str]:
    """Alerts, decisions and our people's time; of what there was none, only alerts say so."""
    if care is None:
        return [w.t("care.quiet")]
    lines = _answered("alerts", care.alerts, w) or [w.t("care.quiet")]
    lines += _answered("decisions", care.decisions, w)
    if care.minutes:
        lines.append(w.t("care.time", minutes=w.number(care.minutes)))
    return lines


def _answered(what: str, answered: Answered, w: Wording) -> list[str]:
    lines = []
    done = answered.n - answered.still_open
    if answered.median_hours is not None and answered.longest_hours is not None:
        middle, longest = (
            duration(hours, w) for hours in (answered.median_hours, answered.longest_hours)
        )
        lines.append(w.t(f"care.{what}", n=done, middle=middle, longest=longest))
    if answered.still_open:
        lines.append(w.t(f"care.{what}.open", n=answered.still_open))
    return lines


def duration(hours: float, w: Wording) -> str:
    """``35 minutes``, ``5 hours`` or ``3 days``: as exact as anybody needs."""
    if hours * 60 < 1:
        return w.t("time.moment")
    if round(hours * 60) < 100:
        return w.t("time.minutes", n=round(hours * 60))
    if round(hours) < 2 * _DAY:
        return w.t("time.hours", n=round(hours))
    return w.t("time.days", n=round(hours / _DAY))
