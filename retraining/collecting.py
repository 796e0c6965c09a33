"""Gathers the rows that a cycle may learn from: labelled log rows and staff's examples, masked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pandas as pd

from agency.base.clock import local_day, zone_of
from clients import queries as client_queries
from clients.models import Dataset, DatasetRow, DatasetVersion
from clients.near_copy import NearCopyIndex, Task
from clients.redaction import names_of, redact_input
from clients.schema import Schema
from retraining.causes.evidence import Rows
from retraining.curation.candidates import Candidate
from retraining.evidence import logged_rows, training_ids
from retraining.models import Cycle, Proposal
from retraining.queries import last_trained
from retraining.repairs import repaired_fields


@dataclass
class Gathering:
    """The candidates of one cycle and what became of each: id -> reason for those set aside.

    Every input is masked already; ``masked`` tells by id what was, ``repaired`` which fields are
    not as they came, ``notes`` what the checks found out about the rows as a whole.
    """

    candidates: list[Candidate]
    staff: dict[str, Proposal]
    masked: dict[str, dict[str, int]] = field(default_factory=dict)
    repaired: dict[str, str] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, float] = field(default_factory=dict)
    golden: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    chosen: tuple[str, ...] = ()

    @property
    def open_rows(self) -> list[Candidate]:
        """Candidates that nothing has set aside so far."""
        return [c for c in self.candidates if c.id not in self.aside]


def labelled_rows(cycle: Cycle) -> Rows:
    """Rows with a label since the last cycle that trained, or since launch, up to the window's end."""
    last = last_trained(cycle)
    start = min(last.window_end, cycle.window_start) if last else cycle.model.created_at
    rows = logged_rows(
        cycle.model,
        start=min(start, cycle.window_start),
        end=cycle.window_end,
        repaired=cycle.incumbent,
    )
    known = training_ids(cycle.incumbent)
    return rows.where(rows.labelled & ~rows.rows["id"].isin(known).to_numpy(dtype=bool))


def gathering(cycle: Cycle, rows: Rows) -> Gathering:
    """The rows, and staff's examples that wait, as candidates; their context says which names to mask."""
    zone = zone_of(cycle.model.client.timezone)
    schema = Schema.from_dict(cycle.model.schema)
    found = Gathering([], {}, repaired=repaired_fields(rows))
    columns = (rows.rows[name] for name in ("id", "label", "label_source", "day", "prediction"))
    for given, context, row_id, label, source, day, prediction in zip(
        records(rows.inputs), rows.context.to_dict("records"), *columns, strict=True
    ):
        # What we made of a row is held to what a row must be.
        whole = schema.check_input(given) if row_id in found.repaired else given
        clean, found.masked[row_id] = redact_input(
            whole, names=names_of({str(key): value for key, value in context.items()})
        )
        found.candidates.append(
            Candidate(
                id=row_id, input=clean, label=label, source=source, day=day, prediction=prediction
            )
        )
    for proposal in Proposal.objects.filter(model=cycle.model, cycle__isnull=True):
        found.staff[proposal.row_id] = proposal
        clean, found.masked[proposal.row_id] = redact_input(proposal.input)
        found.candidates.append(
            Candidate(
                id=proposal.row_id,
                input=clean,
                label=proposal.label,
                source="staff",
                day=local_day(cycle.window_end, zone),
            )
        )
    return found


def newest_training(cycle: Cycle) -> DatasetVersion:
    """The newest training version: what the candidate's data starts from."""
    return client_queries.current_version(model=cycle.model, kind=Dataset.Kind.TRAINING)


def ever(cycle: Cycle, kind: str) -> NearCopyIndex:
    """An index of all rows that were ever golden (or training) rows of the model.

    A version that learned a row since removed may still be an ancestor of what is compared.
    """
    rows = DatasetRow.objects.filter(
        dataset__model=cycle.model, dataset__kind=kind, input__isnull=False
    ).values_list("row_id", "input")
    return index_of(cycle, [(row_id, given or {}) for row_id, given in rows])


def index_of(cycle: Cycle, rows: list[tuple[str, Mapping[str, Any]]]) -> NearCopyIndex:
    """Rows to be asked for copies, masked as the candidates are."""
    masked = [(row_id, redact_input(given)[0]) for row_id, given in rows]
    return NearCopyIndex(masked, cast(Task, cycle.model.task))


def records(inputs: pd.DataFrame) -> list[dict[str, Any]]:
    """Inputs row by row as they are stored: what is missing is None."""
    plain = inputs.astype(object).where(inputs.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]
