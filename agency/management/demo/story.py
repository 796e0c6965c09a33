"""What the demo's data tells, beside what the service made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from agency.demodata import DemoClient


@dataclass(frozen=True)
class Check:
    """One cycle, as the demo tells of it."""

    cycle: int
    window_end: str
    verdict: str
    state: str
    causes: tuple[str, ...]
    subjects: tuple[str, ...]
    """The categories and fields that the causes name."""
    live_version: str

    def __str__(self) -> str:
        said = ", ".join(self.causes)
        if said and self.subjects:
            said += f": {', '.join(self.subjects)}"
        return f"{self.verdict}{f' ({said})' if said else ''} -> {self.state}"


@dataclass(frozen=True)
class MonthTold:
    """A client's month: its number in the story (from 1), its checks and its report."""

    month: date
    number: int
    checks: tuple[Check, ...]
    rows: int
    seconds: float
    report: str = ""

    def __str__(self) -> str:
        live = self.checks[-1].live_version if self.checks else ""
        found = "; ".join(in_short(self.checks)) or "no check was due"
        live = f"; {live} is live" if live else ""
        return f"{self.month:%Y-%m}  {found}{live}; {self.rows} rows, {self.seconds:.0f} s"


@dataclass
class ClientTold:
    """A client's whole history."""

    path: str
    tier: str
    demo: DemoClient
    months: list[MonthTold] = field(default_factory=list)


@dataclass(frozen=True)
class Expected:
    """What a month must have been found to be by one of its checks."""

    verdict: str
    state: str
    subject: str = ""

    def __str__(self) -> str:
        about = f" naming {self.subject}" if self.subject else ""
        return f"{self.verdict}{about} -> {self.state}"


# The turns of the three stories (``agency.demodata``), by model and number of the month.
TURNS: Mapping[tuple[str, int], Expected] = {
    ("northwind/tickets", 3): Expected("retrain", "live", "parcel_locker"),
    ("northwind/tickets", 4): Expected("wait", "waiting"),
    ("northwind/tickets", 5): Expected("fix_upstream", "upstream"),
    ("lakeside-clinic/form-digits", 3): Expected("retrain", "live"),
    ("coromandel-pathology/needle-samples", 4): Expected(
        "fix_upstream", "upstream", "perimeter_um"
    ),
}


def missed(told: Sequence[ClientTold]) -> list[str]:
    """A sentence for each turn of a story that no check of its month found."""
    by_month = {(client.path, month.number): month for client in told for month in client.months}
    sentences = []
    for key, expected in TURNS.items():
        month = by_month.get(key)
        if month is None or any(_is(check, expected) for check in month.checks):
            continue
        found = "; ".join(in_short(month.checks)) or "no check"
        sentences.append(f"{key[0]} month {key[1]}: the story is {expected}, found was {found}")
    return sentences


def in_short(checks: Sequence[Check]) -> list[str]:
    """The checks in words, with repeats counted."""
    runs = [(text, len(list(same))) for text, same in groupby(str(check) for check in checks)]
    return [f"{count} times {text}" if count > 1 else text for text, count in runs]


def table(told: Sequence[ClientTold]) -> str:
    """What was found month by month, under what truly happened."""
    lines = []
    for client in told:
        lines.append(f"{client.path} ({client.tier})")
        stories = {story.month: story for story in client.demo.stories}
        for month in client.months:
            story = stories.get(f"{month.month:%Y-%m}")
            if story is None or not month.checks:
                continue
            live = month.checks[-1].live_version
            lines.append(f"  {month.month:%Y-%m}  story  {story.what_happened}")
            lines.append(f"           right  {story.right_action}")
            lines.append(f"           found  {'; '.join(in_short(month.checks))} [{live}]")
    return "\n".join(lines)


def as_json(client: ClientTold) -> dict[str, Any]:
    """The same for programs."""
    stories = {story.month: story for story in client.demo.stories}
    months = []
    for month in client.months:
        story = stories.get(f"{month.month:%Y-%m}")
        months.append(
            {
                "month": f"{month.month:%Y-%m}",
                "what_happened": story.what_happened if story else None,
                "right_action": story.right_action if story else None,
                "rows": month.rows,
                "checks": [
                    {
                        "cycle": check.cycle,
                        "window_end": check.window_end,
                        "verdict": check.verdict,
                        "state": check.state,
                        "causes": list(check.causes),
                        "subjects": list(check.subjects),
                        "live_version": check.live_version,
                    }
                    for check in month.checks
                ],
                "report": month.report or None,
            }
        )
    return {"model": client.path, "tier": client.tier, "months": months}


def _is(check: Check, expected: Expected) -> bool:
    same = (check.verdict, check.state) == (expected.verdict, expected.state)
    return same and (not expected.subject or expected.subject in check.subjects)
