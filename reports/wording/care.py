"""How quickly we answered and how long we worked, in sentences."""

from reports.facts import Answered, Care
from reports.wording.base import Wording

_DAY = 24


def care_lines(care: Care | None, w: Wording) -> list[str]:
    """Alerts, decisions and our people's time; of what there was none, only alerts say so."""
    if care is None:
        return [w.t("care.quiet")]
    lines = [w.t("care.quiet")]
    if care.alerts.n:
        over = care.alerts.n - care.alerts.answered - care.alerts.still_open
        said = [w.t("care.alerts", n=care.alerts.n), *_answered("alerts", care.alerts, w)]
        said += [w.t("care.alerts.over", n=over)] if over else []
        lines = [" ".join(said)]
    if care.decisions.n:
        lines.append(" ".join(_answered("decisions", care.decisions, w)))
    if care.minutes:
        lines.append(w.t("care.time", minutes=w.number(care.minutes)))
    return lines


def _answered(what: str, answered: Answered, w: Wording) -> list[str]:
    said = []
    if answered.median_hours is not None and answered.longest_hours is not None:
        middle, longest = (
            duration(hours, w) for hours in (answered.median_hours, answered.longest_hours)
        )
        values = {"n": answered.answered, "middle": middle, "longest": longest}
        alike = ".alike" if answered.answered > 1 and middle == longest else ""
        said.append(w.t(f"care.{what}.answered{alike}", **values))
    if answered.still_open:
        said.append(w.t(f"care.{what}.open", n=answered.still_open))
    return said


def duration(hours: float, w: Wording) -> str:
    """``35 minutes``, ``5 hours`` or ``3 days``: as exact as anybody needs."""
    if hours * 60 < 1:
        return w.t("time.moment")
    if round(hours * 60) < 100:
        return w.t("time.minutes", n=round(hours * 60))
    if round(hours) < 2 * _DAY:
        return w.t("time.hours", n=round(hours))
    return w.t("time.days", n=round(hours / _DAY))
