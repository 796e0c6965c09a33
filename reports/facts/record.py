"""The record of a month: data, service, events. Pure."""

from dataclasses import dataclass

from reports.facts.figures import Count
from reports.facts.source import Source


@dataclass(frozen=True)
class Step:
    """The size of both data sets after a check."""

    day: str
    training_version: int
    training_rows: int
    golden_version: int
    golden_rows: int
    source: Source | None = None


@dataclass(frozen=True)
class DataChange:
    """A dataset version that came into use this month."""

    kind: str
    version: int
    rows: int
    added: int
    removed: int
    by: str
    reason: str
    source: Source | None = None


@dataclass(frozen=True)
class Data:
    """How the data grew: over time, this month, and what was offered and set aside."""

    steps: tuple[Step, ...]
    changes: tuple[DataChange, ...]
    proposed: int
    accepted: int
    set_aside: tuple[Count, ...]
    source: Source | None = None


@dataclass(frozen=True)
class Check:
    """One check of the month and how it ended."""

    day: str
    outcome: str


@dataclass(frozen=True)
class Service:
    """What was promised and what was done: checks, rows seen, labels read."""

    tier: str
    every_days: int
    retrain_every_days: int | None
    promised: int
    checks: tuple[Check, ...]
    rows: int
    reviewed: int
    corrected: int
    targeted: int
    awaited: int
    source: Source | None = None


@dataclass(frozen=True)
class Event:
    """A campaign, release or deprecation that somebody declared."""

    kind: str
    title: str
    starts: str
    ends: str


@dataclass(frozen=True)
class Answered:
    """How often something called for us, how often a person of ours answered, after how many hours,
    and how often it still waits; what is neither was over by itself."""

    n: int
    answered: int
    still_open: int
    median_hours: float | None
    longest_hours: float | None


@dataclass(frozen=True)
class Care:
    """Minutes of our people's time, and how quickly alerts and decisions were answered."""

    minutes: float
    alerts: Answered
    decisions: Answered
    source: Source | None = None
