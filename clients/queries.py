"""What the other rooms read: models by path, frames of logs and datasets. Starts from a client."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pandas as pd
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from agency.base.clock import zone_of
from agency.base.errors import NotFound
from clients.models import (
    Client,
    DatasetRow,
    DatasetVersion,
    KnownEvent,
    MaintainedModel,
    PredictionLog,
)
from clients.schema import Schema

_COLUMNS = (
    "row_id",
    "timestamp",
    "answered",
    "model_version",
    "prediction",
    "confidence",
    "label",
    "label_source",
    "thumbs",
    "input",
    "context",
    "signals",
)
_JSON = ("input", "context", "signals")
_PLAIN = tuple(name for name in _COLUMNS if name not in _JSON)
_REPEATED = frozenset(
    ["answered", "model_version", "prediction", "label", "label_source", "thumbs"]
)
ROWS_AT_ONCE = 5000
"""Rows that are on their way from the database to columns."""


@dataclass(frozen=True)
class Logs:
    """A window's production rows by time, then id; the four frames share one ``RangeIndex``.

    ``rows``: id, timestamp (UTC), day (the client's date), answered, model_version, prediction,
    confidence (NaN: none), label, label_source, thumbs; what is absent is ``None``. ``inputs``: the
    schema's columns. ``context`` and ``signals``: a column per key that occurs.
    """

    rows: pd.DataFrame
    inputs: pd.DataFrame
    context: pd.DataFrame
    signals: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Labelled:
    """The rows of a dataset version in their order; erased rows are left out."""

    ids: list[str]
    inputs: pd.DataFrame
    labels: NDArray[np.object_]
    sources: list[str]
    log_row_ids: list[str]

    def __len__(self) -> int:
        return len(self.ids)


def find_client(slug: str) -> Client:
    """The client; ``NotFound`` where there is none."""
    client = Client.objects.filter(slug=slug).first()
    if client is None:
        raise NotFound(f"no client {slug!r}")
    return client


def find_model(path: str) -> MaintainedModel:
    """The model at ``CLIENT/MODEL``; ``NotFound`` where there is none."""
    client_slug, slash, slug = path.partition("/")
    if not (client_slug and slash and slug) or "/" in slug:
        raise NotFound(f"{path!r} is not of the form CLIENT/MODEL")
    client = find_client(client_slug)
    found = client.maintained_models.select_related("client", "tier").filter(slug=slug).first()
    if found is None:
        raise NotFound(f"the client {client_slug!r} has no model {slug!r}")
    return found


def logs(*, model: MaintainedModel, start: datetime, end: datetime) -> Logs:
    """The model's production rows of the half-open window ``[start, end)``.

    No row becomes an object: values are read in chunks and go to columns at once.
    """
    schema = Schema.from_dict(model.schema)
    inputs: dict[str, list[Any]] = {name: [] for name in schema.columns}
    plain: dict[str, list[Any]] = {name: [] for name in _PLAIN}
    free: dict[str, list[Mapping[str, Any]]] = {"context": [], "signals": []}
    for chunk in _chunks(model, start, end):
        columns = dict(zip(_COLUMNS, zip(*chunk, strict=True), strict=True))
        for name, values in plain.items():
            values += _shared(columns[name]) if name in _REPEATED else columns[name]
        for name, dicts in free.items():
            dicts += _decoded(columns[name])
        given = _decoded(columns["input"])
        for name, values in inputs.items():
            values += [row.get(name) for row in given]
    stamps = pd.Series(pd.to_datetime(plain["timestamp"], utc=True)).dt.as_unit("us")
    rows = pd.DataFrame(
        {
            "id": _objects(plain["row_id"]),
            "timestamp": stamps,
            "day": _local_days(stamps, zone_of(model.client.timezone)),
            "answered": _objects(plain["answered"]),
            "model_version": _objects(plain["model_version"]),
            "prediction": _objects(plain["prediction"]),
            "confidence": _numbers(plain["confidence"]),
            "label": _objects(plain["label"]),
            "label_source": _objects(plain["label_source"]),
            "thumbs": _objects(plain["thumbs"]),
        },
        index=pd.RangeIndex(len(stamps)),
    )
    return Logs(
        rows,
        _typed_frame(schema, inputs),
        _free_frame(free["context"], typed=False),
        _free_frame(free["signals"], typed=True),
    )


def _chunks(
    model: MaintainedModel, start: datetime, end: datetime
) -> Iterator[list[tuple[Any, ...]]]:
    found = (
        PredictionLog.objects.filter(
            client_id=model.client_id, model=model, timestamp__gte=start, timestamp__lt=end
        )
        .order_by("timestamp", "row_id")
        # As text, so that a chunk is decoded in one go.
        .annotate(**{f"{name}_text": Cast(name, TextField()) for name in _JSON})
        .values_list(*(f"{name}_text" if name in _JSON else name for name in _COLUMNS))
        .iterator(chunk_size=ROWS_AT_ONCE)
    )
    while chunk := list(islice(found, ROWS_AT_ONCE)):
        yield chunk


def _decoded(texts: Sequence[str]) -> list[dict[str, Any]]:
    whole = f"[{','.join(texts)}]"
    try:
        found: list[dict[str, Any]] = msgspec.json.decode(whole)
    except msgspec.DecodeError:  # half a character: no upload brings one, older rows may
        found = json.loads(whole)
    return found


def _shared(values: Sequence[Any]) -> list[Any]:
    """The same values; equal ones are one object, as a column of few names needs no more."""
    known: dict[Any, Any] = {}
    return [known.setdefault(value, value) for value in values]


def _local_days(stamps: pd.Series, zone: ZoneInfo) -> pd.Series:
    codes, midnights = pd.factorize(stamps.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize())
    days = np.array([midnight.date() for midnight in midnights], dtype=object)
    return pd.Series(days[codes] if len(days) else [], dtype=object)


def inputs_frame(*, schema: Schema, inputs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Inputs as a frame of the schema's columns: numbers as floats (NaN: missing), else objects."""
    given = {name: [row.get(name) for row in inputs] for name in schema.columns}
    return _typed_frame(schema, given)


def _typed_frame(schema: Schema, given: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    numeric = set(schema.numeric)
    columns = {
        name: (_numbers if name in numeric else _objects)(values) for name, values in given.items()
    }
    return pd.DataFrame(columns, columns=list(schema.columns))


def current_version(*, model: MaintainedModel, kind: str) -> DatasetVersion:
    """The newest version of the training or golden set; ``NotFound`` before the first one."""
    found = (
        DatasetVersion.objects.filter(dataset__model=model, dataset__kind=kind)
        .select_related("dataset")
        .order_by("-number")
        .first()
    )
    if found is None:
        raise NotFound(f"{model.path} has no {kind} set yet")
    return found


def rows_of(version: DatasetVersion) -> QuerySet[DatasetRow]:
    """The rows that belong to the version, in its order; erased ones among them."""
    return DatasetRow.objects.filter(
        Q(removed_in__isnull=True) | Q(removed_in__gt=version.number),
        dataset_id=version.dataset_id,
        added_in__lte=version.number,
    ).order_by("position")


def dataset_frame(version: DatasetVersion) -> Labelled:
    """The version's rows as frame and labels; what was erased is no longer there."""
    found = list(
        rows_of(version)
        .filter(input__isnull=False)
        .values_list("row_id", "input", "label", "source", "log_row_id")
    )
    schema = Schema.from_dict(version.dataset.model.schema)
    return Labelled(
        [row[0] for row in found],
        inputs_frame(schema=schema, inputs=[row[1] or {} for row in found]),
        np.array([row[2] for row in found], dtype=object),
        [row[3] for row in found],
        [row[4] for row in found],
    )


def known_events(*, model: MaintainedModel, start: datetime, end: datetime) -> list[KnownEvent]:
    """The declared events of the client or this model that touch the half-open window, by start."""
    return list(
        KnownEvent.objects.filter(
            Q(model__isnull=True) | Q(model=model),
            client_id=model.client_id,
            starts_at__lt=end,
            ends_at__gt=start,
        ).order_by("starts_at", "pk")
    )


def _objects(values: Iterable[Any]) -> pd.Series:
    cleaned = [None if value == "" else value for value in values]
    return pd.Series(cleaned, dtype=object)


def _numbers(values: Iterable[Any]) -> pd.Series:
    return pd.Series(np.array(list(values), dtype=float))


def _free_frame(rows: Sequence[Mapping[str, Any]], *, typed: bool) -> pd.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    frame = {name: _typed(found) if typed else _objects(found) for name, found in columns.items()}
    return pd.DataFrame(frame, index=pd.RangeIndex(len(rows)), columns=names)


def _typed(values: Sequence[Any]) -> pd.Series:
    """bool where all are; floats where all that are there are numbers; else objects."""
    if all(isinstance(value, bool) for value in values):
        return pd.Series(values, dtype=bool)
    numbers = (int, float, type(None))
    if all(isinstance(value, numbers) and not isinstance(value, bool) for value in values):
        return _numbers(values)
    return _objects(values)
