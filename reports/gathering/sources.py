"""The queries that figures name as their source: each is asked again here, of what is retained.

Counts are made from rows where rows are the evidence (answers of a scored run, rows of a dataset,
production rows, proposals), not from the aggregate that the report was made from. What is a record
of its own (a diagnosis, a verdict) is read again. See docs/adr/0014.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from agency.base.clock import parse_month
from agency.base.errors import DomainError
from clients.models import Client, MaintainedModel
from reports import facts as f
from reports import provenance
from reports.gathering.month import ModelMonth
from reports.models import MonthlyReport


class Unknown(LookupError):
    """The source names no query or no snapshot of this client."""


@dataclass(frozen=True)
class Again:
    """What the source says now: the record's fields as far as it knows them, and its ``n``.

    ``moved``: why it may say otherwise than a report of before, which is no fault; empty: it may not.
    ``gone``: what retention or erasure took of it; ``values`` are then from what is left.
    """

    values: Mapping[str, Any]
    n: int | None = None
    moved: str = ""
    gone: str = ""


@dataclass
class Asked:
    """Whose report is asked about, and as known when."""

    report: MonthlyReport
    facts: f.Report
    months: dict[str, ModelMonth] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    """What several figures are counted from, so that it is read once."""

    @property
    def client(self) -> Client:
        return self.report.client

    @property
    def at(self) -> datetime:
        return self.report.created_at

    def month(self, parts: Mapping[str, str]) -> ModelMonth:
        """The month of the snapshot ``model 2 month 2025-03``."""
        label = f"{parts['model']} {parts['month']}"
        if label not in self.months:
            model = MaintainedModel.objects.select_related("client", "tier").get(
                pk=int(parts["model"]), client=self.client
            )
            self.months[label] = ModelMonth(model, parse_month(parts["month"]), self.at)
        return self.months[label]


ERASED = "[erased]"
# A forged source may name snapshots that are not there, or be on a record of another kind.
NOT_FOUND = (LookupError, ValueError, TypeError, AttributeError, ObjectDoesNotExist, DomainError)
Query = Callable[[Asked, Mapping[str, str], Any], Again]
QUERIES: dict[str, Query] = {}


def query(name: str) -> Callable[[Query], Query]:
    """Register what answers for a source's name: (who asks, the snapshots by kind, the record)."""

    def register(answer: Query) -> Query:
        if QUERIES.setdefault(name, answer) is not answer:
            raise ValueError(f"two queries are called {name!r}")
        return answer

    return register


def ask(asked: Asked, record: Any) -> Again:
    """What the record's source says now. Raises ``Unknown``."""
    # Here, for they import this module to be found by name.
    from reports.gathering import of_records, of_rows, of_runs  # noqa: F401

    source: f.Source = record.source
    answer = QUERIES.get(source.query)
    if answer is None:
        raise Unknown(f"no query is called {source.query!r}")
    words = source.of.split()
    try:
        return answer(asked, _snapshots(words), record)
    except NOT_FOUND as error:
        raise Unknown(
            f"{source.query} of {source.of!r} is nothing of {asked.client.slug}"
        ) from error


@dataclass(frozen=True)
class Told:
    """One record of a report against its source: what differs, or why that can't be said."""

    path: str
    source: f.Source
    problems: tuple[str, ...] = ()
    moved: str = ""
    gone: str = ""
    figures: int = 0


def check(asked: Asked, path: str, record: Any) -> Told:
    """Ask the record's source again and compare every leaf that it speaks for."""
    source: f.Source = record.source
    figures = sum(1 for _, value in provenance.said_by(record, path) if _is_figure(value))
    try:
        again = ask(asked, record)
    except Unknown as error:
        return Told(path, source, (f"{path}: {error}",), figures=figures)
    problems = provenance.differences(record, again.values, path)
    if source.n is not None and source.n != again.n:
        problems.append(f"{path}/source/n is {source.n}, its source counts {again.n}")
    said = tuple(f"{problem} ({source.query}, {source.of})" for problem in problems)
    gone = again.gone
    if said and ERASED in str(again.values):
        gone, said = "a person's data was cut out of it", ()
    return Told(path, source, said, again.moved if said else "", gone, figures)


def _is_figure(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _snapshots(words: list[str]) -> dict[str, str]:
    """``eval_run 5 eval_run 9 month 2025-03`` as kinds and numbers; a second one of a kind is primed."""
    found: dict[str, str] = {}
    for kind, value in zip(words[::2], words[1::2], strict=True):
        found[f"{kind}'" if kind in found else kind] = value
    return found
