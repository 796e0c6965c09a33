"""A dataset file to a new version of a model's golden or training set."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from clients.bad_file import BadFile
from clients.datasets import add_dataset_version
from clients.labelled import MOST_ROWS, read_labelled
from clients.models import Dataset, DatasetVersion, MaintainedModel
from clients.schema import Schema


@dataclass(frozen=True)
class Imported:
    """What an import came to. ``released``: training rows that left, as copies of golden ones.

    ``is_new`` unless every row was there already.
    """

    version: DatasetVersion
    is_new: bool
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
    most_rows: int = MOST_ROWS,
) -> Imported:
    """Read a dataset file and add its rows; ``BadInput`` as ``add_dataset_version`` and the reader.

    Rows that are all there already make no version: ``added`` and ``removed`` are 0 then. A first
    training set must hold two classes.
    """
    schema = Schema.from_dict(model.schema)
    rows, _ = read_labelled(content, name, schema, model.task, most_rows=most_rows)
    # Before the sets are looked at: of two imports at once the second sees the first.
    MaintainedModel.objects.select_for_update().get(pk=model.pk)
    before = _newest(model, kind)
    if kind == Dataset.Kind.TRAINING and before is None and len({row.label for row in rows}) < 2:
        detail = f"{name}: every row has the label {rows[0].label!r}; two classes are needed"
        raise BadFile("one_class", detail, line=rows[0].line, field="label")
    training = _newest(model, Dataset.Kind.TRAINING)
    version = add_dataset_version(model=model, kind=kind, rows=rows, by=by, reason=reason, at=at)
    is_new = before is None or version.pk != before.pk
    after = _newest(model, Dataset.Kind.TRAINING)
    moved = kind == Dataset.Kind.GOLDEN and training and after and after.pk != training.pk
    return Imported(
        version,
        is_new=is_new,
        added=version.added if is_new else 0,
        removed=version.removed if is_new else 0,
        released=after.removed if moved and after else 0,
    )


def _newest(model: MaintainedModel, kind: str) -> DatasetVersion | None:
    versions = DatasetVersion.objects.filter(dataset__model=model, dataset__kind=kind)
    return versions.order_by("-number").first()
