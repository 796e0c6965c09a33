"""A dataset file to a new version of a model's golden or training set."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from clients.datasets import add_dataset_version
from clients.labelled import read_labelled
from clients.models import Dataset, DatasetVersion, MaintainedModel
from clients.schema import Schema


@dataclass(frozen=True)
class Imported:
    """What an import came to. ``released``: training rows that left, as copies of golden ones."""

    version: DatasetVersion
    added: int
    removed: int
    released: int


@transaction.atomic
def import_rows(
    *,
    model: MaintainedModel,
    kind: str,
    content: bytes,
    name: str,
    reason: str,
    by: str,
    at: datetime,
) -> Imported:
    """Read a dataset file and add its rows; ``BadInput`` as ``add_dataset_version`` and the reader.

    Rows that are all there already make no version: ``added`` and ``removed`` are 0 then.
    """
    rows, _ = read_labelled(content, name, Schema.from_dict(model.schema), model.task)
    before = _newest(model, kind)
    training = _newest(model, Dataset.Kind.TRAINING)
    version = add_dataset_version(model=model, kind=kind, rows=rows, by=by, reason=reason, at=at)
    is_new = before is None or version.pk != before.pk
    after = _newest(model, Dataset.Kind.TRAINING)
    moved = kind == Dataset.Kind.GOLDEN and training and after and after.pk != training.pk
    return Imported(
        version,
        added=version.added if is_new else 0,
        removed=version.removed if is_new else 0,
        released=after.removed if moved and after else 0,
    )


def _newest(model: MaintainedModel, kind: str) -> DatasetVersion | None:
    versions = DatasetVersion.objects.filter(dataset__model=model, dataset__kind=kind)
    return versions.order_by("-number").first()
