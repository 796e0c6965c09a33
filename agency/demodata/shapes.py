"""What a demo client is made of: paths to its files and the story that they tell."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypedDict


class DemoDataError(ValueError):
    """The request for demo data makes no sense (for instance months with a gap)."""


class DeclaredEvent(TypedDict):
    """Something the client told us beforehand: aware times, half open."""

    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class MonthStory:
    """What truly happened in one month ("2026-05") and what a good agency does about it."""

    month: str
    what_happened: str
    right_action: str


@dataclass(frozen=True)
class DemoClient:
    """One client with one model, as files on disk.

    Months are keyed "YYYY-MM" in the client's own calendar. ``launch`` is midnight of the
    first month in ``timezone``. ``golden_additions[month]`` are golden rows to import before
    the cycle that looks at that month. ``truth[month]`` holds the right answer of every log
    row; nothing but tests and people may read it.
    """

    slug: str
    model_slug: str
    client_name: str
    model_name: str
    tier: str
    domain: str
    timezone: str
    language: str
    task: str
    launch: datetime
    train: Path
    golden: Path
    golden_additions: dict[str, Path] = field(default_factory=dict)
    logs: dict[str, list[Path]] = field(default_factory=dict)
    events: tuple[DeclaredEvent, ...] = ()
    truth: dict[str, Path] = field(default_factory=dict)
    stories: tuple[MonthStory, ...] = ()
