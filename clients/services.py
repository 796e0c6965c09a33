"""What changes rows of this room: register, datasets, late labels, alerts."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction

from agency.base.errors import BadInput
from clients import notices
from clients.datasets import (
    add_dataset_version,
    erase_dataset_rows,
    verify_dataset_version,
)
from clients.feedback import LateLabel, attach_labels
from clients.labelled import LabelledRow
from clients.models import Alert, Client, MaintainedModel, Notice, Tier
from clients.schema import Schema

__all__ = [
    "LabelledRow",
    "LateLabel",
    "add_dataset_version",
    "attach_labels",
    "close_alerts",
    "erase_dataset_rows",
    "raise_alert",
    "register_client",
    "register_model",
    "verify_dataset_version",
]


@transaction.atomic
def register_client(
    *, slug: str, name: str, domain: str, timezone: str, language: str, at: datetime
) -> Client:
    """The client with that slug, made if new.

    ``BadInput`` for a value that is none, or where the client exists with another domain, time zone
    or language.
    """
    client = Client.objects.filter(slug=slug).first()
    if client is None:
        client = Client(
            slug=slug, name=name, domain=domain, timezone=timezone, language=language, created_at=at
        )
        _save_checked(client)
        return client
    given = {"domain": domain, "timezone": timezone, "language": language}
    for field, value in given.items():
        known = getattr(client, field)
        if known != value:
            raise BadInput(f"the client {slug!r} has the {field} {known!r}, not {value!r}")
    return client


@transaction.atomic
def register_model(
    *,
    client: Client,
    slug: str,
    name: str,
    task: str,
    tier: Tier,
    schema: Schema,
    at: datetime,
) -> MaintainedModel:
    """A new model of the client; ``BadInput`` where it exists already or a value is none."""
    if client.maintained_models.filter(slug=slug).exists():
        raise BadInput(f"the client {client.slug!r} has a model {slug!r} already")
    if schema.task != task:
        raise BadInput(f"the schema is of a {schema.task} model, not of a {task} one")
    model = MaintainedModel(
        client=client,
        slug=slug,
        name=name,
        task=task,
        tier=tier,
        schema=schema.as_dict(),
        created_at=at,
    )
    _save_checked(model)
    return model


@transaction.atomic
def raise_alert(
    *, model: MaintainedModel, key: str, severity: str, message: str, at: datetime
) -> Alert | None:
    """Open an alert; ``None`` where one is open for the same key: once per change, not per look."""
    if severity not in Alert.Severity.values:
        raise BadInput(f"unknown severity {severity!r}: {', '.join(Alert.Severity.values)}")
    alert, is_new = Alert.objects.get_or_create(
        model=model,
        key=key,
        closed_at=None,
        defaults={"severity": severity, "message": message, "opened_at": at},
    )
    if is_new:
        notices.announce(alert=alert, event=Notice.Event.OPENED, at=at)
    return alert if is_new else None


@transaction.atomic
def close_alerts(
    *, model: MaintainedModel, keys_still_true: Collection[str], prefix: str, at: datetime
) -> int:
    """Close the open alerts under ``prefix`` whose key no longer holds; how many they were."""
    open_alerts = Alert.objects.filter(model=model, closed_at__isnull=True, key__startswith=prefix)
    closed = 0
    for alert in open_alerts.exclude(key__in=list(keys_still_true)).select_related("model"):
        unchanged = Alert.objects.filter(pk=alert.pk, closed_at__isnull=True)
        if unchanged.update(closed_at=at):
            notices.announce(alert=alert, event=Notice.Event.CLOSED, at=at)
            closed += 1
    return closed


def _save_checked(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise BadInput(f"{field}: {' '.join(messages)}") from error
    row.save()
