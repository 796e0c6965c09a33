"""What the other rooms read: models by path, frames of logs and datasets. Starts from a client."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Q, QuerySet
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
    """The model's production rows of the half-open window ``[start, end)``."""
    found = list(
        PredictionLog.objects.filter(
            client_id=model.client_id, model=model, timestamp__gte=start, timestamp__lt=end
        )
        .order_by("timestamp", "row_id")
        .values_list(*_COLUMNS)
    )
    columns: list[Sequence[Any]] = list(zip(*found, strict=True)) if found else [[]] * len(_COLUMNS)
    values = dict(zip(_COLUMNS, columns, strict=True))
    stamps = pd.Series(pd.to_datetime(list(values["timestamp"]), utc=True)).dt.as_unit("us")
    zone = zone_of(model.client.timezone)
    index = pd.RangeIndex(len(found))
    rows = pd.DataFrame(
        {
            "id": _objects(values["row_id"]),
            "timestamp": stamps,
            "day": stamps.dt.tz_convert(zone).dt.date.astype(object),
            "answered": _objects(values["answered"]),
            "model_version": _objects(values["model_version"]),
            "prediction": _objects(values["prediction"]),
            "confidence": _numbers(values["confidence"]),
            "label": _objects(values["label"]),
            "label_source": _objects(values["label_source"]),
            "thumbs": _objects(values["thumbs"]),
        },
        index=index,
    )
    schema = Schema.from_dict(model.schema)
    return Logs(
        rows,
        inputs_frame(schema=schema, inputs=values["input"]),
        _free_frame(values["context"], typed=False),
        _free_frame(values["signals"], typed=True),
    )


def inputs_frame(*, schema: Schema, inputs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Inputs as a frame of the schema's columns: numbers as floats (NaN: missing), else objects."""
    numeric = set(schema.numeric)
    columns = {
        name: (_numbers if name in numeric else _objects)([row.get(name) for row in inputs])
        for name in schema.columns
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(inputs)), columns=list(schema.columns))


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
