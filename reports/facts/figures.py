"""The figures of a report: rates with intervals, differences, categories, the time line. Pure."""

from dataclasses import dataclass

from reports.facts.source import Source


@dataclass(frozen=True)
class Rate:
    """A share of rows with its interval, in fractions, and the number of rows behind it."""

    estimate: float
    low: float
    high: float
    n: int
    source: Source | None = None


@dataclass(frozen=True)
class Difference:
    """After minus before, in fractions; ``fixed`` and ``broken`` where the rows are the same."""

    delta: float
    low: float | None
    high: float | None
    n: int | None
    fixed: int | None
    broken: int | None
    source: Source | None = None


@dataclass(frozen=True)
class Count:
    """How often something happened."""

    what: str
    n: int


@dataclass(frozen=True)
class Point:
    """One check on the time line: what both probes said then, and of which version."""

    day: str
    version: str
    golden: Rate | None
    golden_version: int | None
    audit: Rate | None
    source: Source | None = None


@dataclass(frozen=True)
class Category:
    """One category, before and after.

    ``verdict``: better, worse, same, new (nothing to set it beside), or thin (too few rows to say).
    """

    name: str
    before: Rate | None
    after: Rate | None
    difference: Difference | None
    verdict: str


@dataclass(frozen=True)
class Categories:
    """What is set beside what.

    ``basis``: ``comparison`` (two versions on the same golden rows), ``audit`` (this month's checked
    rows beside those of the month before) or ``golden`` (one version, nothing to set beside it).
    """

    basis: str
    before: str
    after: str
    min_n: int
    rows: tuple[Category, ...]
    source: Source | None = None
