"""Outcomes by log id: what came of a row in the client's business."""

import math
from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from agency.base.clock import local_day, zone_of
from clients.ingest.by_id import ByIdUpload, filled
from clients.ingest.result import IngestResult
from clients.log_days import touch_days
from clients.log_rows import LONGEST_ID, MOST_KEYS, RowError, instant, string
from clients.models import MaintainedModel, Outcome, PredictionLog, UploadBatch
from clients.readers import Form, RawRow
from clients.schema import parse_number

LONGEST_NAME = 60
_CONFLICT = ("/value", "conflict", "the row has another value of it already")


def take_outcomes(
    *,
    model: MaintainedModel,
    chunks: Iterable[bytes],
    form: Form,
    name: str,
    partial: bool = False,
    at: datetime,
    most_rows: int | None = None,
) -> IngestResult:
    """Rows ``{"id", "name", "value", "observed_at"}`` or ``{"id", "outcomes": {name: value}}``.

    A value is a number, or true or false. Of two values the one observed later counts (one that
    does not say when counts as the earliest); two of one time contradict each other. A row that is
    not known yet may have outcomes all the same. ``accepted`` counts rows that said something new.
    Raises as ``ingest_stream`` does.
    """
    upload = _Outcomes(model=model, partial=partial, at=at, most_rows=most_rows)
    return upload.take(chunks=chunks, form=form, name=name)


class _Value(NamedTuple):
    name: str
    value: float
    observed_at: datetime | None


class _Outcomes(ByIdUpload):
    kind = UploadBatch.Kind.OUTCOMES

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.zone = zone_of(self.model.client.timezone)
        self.days: set[Any] = set()

    def store(self, rows: list[tuple[int, RawRow]]) -> None:
        checked: list[tuple[int, RawRow, str, list[_Value]]] = []
        for number, raw in rows:
            try:
                checked.append((number, raw, *self._checked(filled(raw))))
            except RowError as error:
                self.reject(number, raw, error.problem)
        ids = {row_id for _, _, row_id, _ in checked}
        own = Outcome.objects.filter(client_id=self.model.client_id, model=self.model)
        known = {(o.row_id, o.name): o for o in own.filter(row_id__in=ids)}
        stored = frozenset(known)
        touched: set[str] = set()
        changed: dict[tuple[str, str], Outcome] = {}
        for number, raw, row_id, values in checked:
            try:
                new = self._join(row_id, values, known)
            except RowError as error:
                self.reject(number, raw, error.problem)
                continue
            known |= new
            changed |= new
            self.accepted += bool(new)
            self.duplicates += not new
            touched |= {row_id} if new else set()
        self._write(changed, stored)
        logs = PredictionLog.objects.filter(
            client_id=self.model.client_id, model=self.model, row_id__in=touched
        )
        for timestamp in logs.order_by().values_list("timestamp", flat=True):
            self.days.add(local_day(timestamp, self.zone))

    def finish(self, batch: UploadBatch) -> None:
        touch_days(model=self.model, days=self.days, at=self.at)

    def _join(
        self, row_id: str, values: list[_Value], known: dict[tuple[str, str], Outcome]
    ) -> dict[tuple[str, str], Outcome]:
        new = {}
        for name, value, observed_at in values:
            before = known.get((row_id, name))
            if before is not None:
                if (before.value, before.observed_at) == (value, observed_at):
                    continue
                later = _later(observed_at, before.observed_at)
                if later is False or (later is None and before.value == value):
                    continue
                if later is None:
                    raise RowError(*_CONFLICT)
            new[row_id, name] = Outcome(
                pk=before.pk if before else None,
                client_id=self.model.client_id,
                model=self.model,
                row_id=row_id,
                name=name,
                value=value,
                observed_at=observed_at,
                received_at=self.at,
            )
        return new

    def _write(
        self, changed: dict[tuple[str, str], Outcome], stored: Container[tuple[str, str]]
    ) -> None:
        new = [o for key, o in changed.items() if key not in stored]
        Outcome.objects.bulk_create(new, batch_size=500)
        Outcome.objects.bulk_update(
            [o for key, o in changed.items() if key in stored],
            ["value", "observed_at", "received_at"],
            batch_size=200,
        )

    def _checked(self, values: dict[str, Any]) -> tuple[str, list[_Value]]:
        row_id = string(values, "id", LONGEST_ID)
        observed_at = None
        if values.get("observed_at") is not None:
            observed_at = instant(values["observed_at"], "observed_at", self.latest)
        several = values.get("outcomes")
        if several is None:
            pairs = {string(values, "name", LONGEST_NAME): values.get("value")}
            pointers = dict.fromkeys(pairs, "/value")
        elif isinstance(several, dict):
            pairs = {str(key): value for key, value in several.items()}
            pointers = {key: f"/outcomes/{key}" for key in pairs}
        else:
            raise RowError("/outcomes", "not_an_object", "outcomes must be an object", broken=True)
        if not pairs:
            raise RowError("/outcomes", "missing", "the row names no outcome")
        if len(pairs) > MOST_KEYS:
            raise RowError("/outcomes", "too_many", f"more than {MOST_KEYS} outcomes")
        found = []
        for key, value in pairs.items():
            if not key.strip() or len(key) > LONGEST_NAME:
                raise RowError(
                    "/outcomes", "too_long", f"a name has 1 to {LONGEST_NAME} characters"
                )
            found.append(_Value(key.strip(), _number(value, pointers[key]), observed_at))
        return row_id, found


def _later(one: datetime | None, other: datetime | None) -> bool | None:
    """Whether ``one`` is later than ``other``; ``None`` where they are the same."""
    if one == other:
        return None
    if one is None or other is None:
        return other is None
    return one > other


def _number(value: Any, pointer: str) -> float:
    if value is None:
        raise RowError(pointer, "missing", "the outcome has no value")
    if isinstance(value, str):  # a cell of a CSV
        word = value.strip().lower()
        number = float(word == "true") if word in ("true", "false") else parse_number(value)
    elif isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = None
    else:
        raise RowError(pointer, "not_a_value", "must be a number, true or false")
    if number is None or not math.isfinite(number):
        raise RowError(pointer, "not_a_number", "must be a number, true or false")
    return number + 0.0
