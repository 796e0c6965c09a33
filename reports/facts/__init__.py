"""All that a monthly report says, frozen. HTML, PDF and charts are made from this and nothing else.

Rates are fractions of rows; differences are fractions too and are printed as points. Days are the
client's local calendar days, ``YYYY-MM-DD``. Codes (states, causes, kinds) are the contract's words;
``reports.wording`` turns them into sentences. Text from outside went through ``reports.text``.
"""

from dataclasses import dataclass

from reports.facts.figures import Categories, Category, Count, Difference, Point, Rate
from reports.facts.found import Cause, Deployment, Fault, Findings, Next, NotDone, Ruling, Trial
from reports.facts.record import (
    Answered,
    Care,
    Check,
    Data,
    DataChange,
    Event,
    Service,
    Step,
)
from reports.facts.source import Source

__all__ = [
    "Answered",
    "Brand",
    "Care",
    "Categories",
    "Category",
    "Cause",
    "Check",
    "Count",
    "Data",
    "DataChange",
    "Deployment",
    "Difference",
    "Edition",
    "Event",
    "Fault",
    "Findings",
    "Model",
    "Next",
    "NotDone",
    "Point",
    "Rate",
    "Reader",
    "Report",
    "Revised",
    "Ruling",
    "Service",
    "Source",
    "Step",
    "Trial",
]


@dataclass(frozen=True)
class Brand:
    """The agency as it appears on the page."""

    name: str
    logo_svg: str
    primary: str
    accent: str
    footer: str


@dataclass(frozen=True)
class Reader:
    """The client who reads this."""

    slug: str
    name: str
    domain: str
    language: str
    timezone: str
    paper: str = "a4"


@dataclass(frozen=True)
class Revised:
    """One thing that an earlier revision said otherwise. ``what`` is a code of reports.changes."""

    model: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Edition:
    """Which revision this is, when its facts were gathered, and what it corrects."""

    revision: int
    dated: str
    changes: tuple[Revised, ...]
    source: Source | None = None


@dataclass(frozen=True)
class Model:
    """One maintained model's month.

    ``version`` is in use at its end; ``measured`` is the one that ``audit`` and ``golden`` are of,
    ``after_golden`` is that of a version that went live since. ``source`` is that of the model's own
    fields, not of the records that it holds.
    """

    slug: str
    name: str
    task: str
    version: str
    measured: str
    golden: Rate | None
    golden_version: int | None
    audit: Rate | None
    audit_before: Rate | None
    after_golden: Rate | None
    points: tuple[Point, ...]
    deployments: tuple[Deployment, ...]
    findings: Findings | None
    trials: tuple[Trial, ...]
    rulings: tuple[Ruling, ...]
    not_done: tuple[NotDone, ...]
    categories: Categories | None
    data: Data
    service: Service
    events: tuple[Event, ...]
    next: tuple[Next, ...]
    source: Source | None = None
    care: Care | None = None


@dataclass(frozen=True)
class Report:
    """A client's month. ``provisional`` lists why it may still change; empty when it is final."""

    format: int
    brand: Brand
    client: Reader
    month: str
    provisional: tuple[str, ...]
    edition: Edition
    models: tuple[Model, ...]
