"""The clients' tables as files: rows of the logs and the datasets, known events, minutes of staff."""

import json
from typing import Any

from django.utils import timezone
from import_export.fields import Field
from import_export.resources import Resource

from agency.base.clock import parse_instant, zone_of
from agency.base.errors import BadInput
from agency.base.exchange import Importer
from agency.base.tables import Row
from clients.models import (
    Client,
    DatasetRow,
    KnownEvent,
    MaintainedModel,
    PredictionLog,
    StaffTime,
)
from clients.redaction import names_of, redact_input


def column(name: str, attribute: str = "") -> Any:
    """A column of an export; ``attribute`` where it is read elsewhere than under its own name."""
    return Field(attribute=(attribute or name).replace(".", "__"), column_name=name)


def input_text(given: Any) -> str:
    """A row's input in one cell: its text, or its fields as JSON."""
    if isinstance(given, dict) and set(given) == {"text"}:
        return str(given["text"])
    return "" if not given else json.dumps(given, ensure_ascii=False, sort_keys=True)


class LogExport(Resource):
    """Rows of the logs. What reaches a file is masked, as what reaches a person's queue is."""

    model = column("model", "model.path")
    row_id = column("row_id")
    time = column("time", "timestamp")
    input = Field(column_name="input")
    version = column("version", "model_version")
    answer = column("answer", "prediction")
    confidence = column("confidence")
    label = column("label")
    label_source = column("label_source")
    thumbs = column("thumbs")

    def dehydrate_input(self, log: PredictionLog) -> str:
        return input_text(redact_input(log.input, names=names_of(log.context))[0])


class DatasetRowExport(Resource):
    """Rows of the training and golden sets as they stand; erased ones are empty."""

    dataset = column("dataset")
    row_id = column("row_id")
    input = Field(column_name="input")
    label = column("label")
    source = column("source")
    added_in = column("added_in")
    removed_in = column("removed_in")
    added_by = column("added_by")

    def dehydrate_input(self, row: DatasetRow) -> str:
        return input_text(row.input)


class StaffTimeExport(Resource):
    """Who spent how many minutes on what."""

    model = column("model", "model.path")
    by = column("by")
    kind = column("kind")
    minutes = Field(column_name="minutes")
    note = column("note")
    at = column("at")

    def dehydrate_minutes(self, spent: StaffTime) -> float:
        return float(spent.minutes)


class KnownEventExport(Resource):
    """Campaigns and releases, their times in the client's own zone. The same columns come back in."""

    id = column("id")
    client = column("client", "client.slug")
    model = Field(column_name="model")
    kind = column("kind")
    title = column("title")
    starts_at = Field(column_name="starts_at")
    ends_at = Field(column_name="ends_at")
    declared_by = column("declared_by")

    def dehydrate_model(self, event: KnownEvent) -> str:
        return event.model.slug if event.model else ""

    def dehydrate_starts_at(self, event: KnownEvent) -> str:
        return _local(event, "starts_at")

    def dehydrate_ends_at(self, event: KnownEvent) -> str:
        return _local(event, "ends_at")


class KnownEventImporter(Importer):
    """New events, and changes of those whose ``id`` is given; a time without offset is the client's."""

    columns = ("id", "client", "model", "kind", "title", "starts_at", "ends_at")
    needed = ("client", "kind", "title", "starts_at", "ends_at")

    def take(self, row: Row) -> KnownEvent | None:
        client = Client.objects.filter(slug=row["client"]).first()
        if client is None:
            raise BadInput(f"there is no client {row['client']!r}")
        model = None
        if row["model"]:
            model = MaintainedModel.objects.filter(client=client, slug=row["model"]).first()
            if model is None:
                raise BadInput(f"{client.slug} has no model {row['model']!r}")
        event = self._event(row["id"], client)
        before = _values(event)
        zone = zone_of(client.timezone)
        event.model, event.kind, event.title = model, row["kind"], row["title"]
        event.starts_at = parse_instant(row["starts_at"], zone=zone)
        event.ends_at = parse_instant(row["ends_at"], zone=zone)
        if event.pk and _values(event) == before:
            return None
        event.full_clean()
        # Where django-simple-history looks for why.
        vars(event)["_change_reason"] = f"Imported from {self.asked.file}"[:100]
        event.save()
        return event

    def _event(self, key: str, client: Client) -> KnownEvent:
        if not key:
            return KnownEvent(client=client, declared_by=self.asked.by)
        found = KnownEvent.objects.filter(client=client, pk=key if key.isdecimal() else 0).first()
        if found is None:
            raise BadInput(f"{client.slug} has no event with the id {key!r}")
        return found


def _values(event: KnownEvent) -> tuple[Any, ...]:
    return (event.model, event.kind, event.title, event.starts_at, event.ends_at)


def _local(event: KnownEvent, name: str) -> str:
    zone = zone_of(event.client.timezone)
    return str(timezone.localtime(getattr(event, name), zone).isoformat())
