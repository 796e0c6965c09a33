"""Dataset versions: made once, never changed, verifiable for ever."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from agency.base.errors import BadInput
from clients.bad_file import BadFile
from clients.canonical import canonical_json, row_digest, version_digest
from clients.labelled import LabelledRow
from clients.models import Dataset, DatasetRow, DatasetVersion, MaintainedModel
from clients.near_copy import fold_text
from clients.queries import rows_of
from clients.redaction import redact_input
from clients.schema import LONGEST_LABEL, Schema, SchemaError


def copy_key(task: str, values: Mapping[str, Any]) -> object:
    """Equal for two rows that are exact copies: the folded text, or every feature."""
    return fold_text(values["text"]) if task == "text" else canonical_json(dict(values))


@transaction.atomic
def add_dataset_version(
    *,
    model: MaintainedModel,
    kind: str,
    rows: Sequence[LabelledRow],
    by: str,
    reason: str,
    at: datetime,
    remove: Collection[str] = (),
) -> DatasetVersion:
    """A new version: the current one without the ids in ``remove``, and with ``rows`` at its end.

    Rows that the current version has already are skipped; with nothing left to do, the current
    version is returned. Training rows that exactly copy a new golden row leave the training set in
    a version of its own, whose reason says so. What reaches a person (``clients.redaction``) is
    masked in every row that enters.

    ``BadFile`` that names the row for: duplicate ids, an id that is known with other content, an
    input that does not fit the schema, an empty label, a training row that exactly copies a golden
    row. ``BadInput`` for an unknown id to remove, and a version without any row.
    """
    if kind not in Dataset.Kind.values:
        raise BadInput(f"unknown kind of dataset {kind!r}: {' or '.join(Dataset.Kind.values)}")
    # The model's row is the lock: of two additions at once the second sees the first.
    MaintainedModel.objects.select_for_update().get(pk=model.pk)
    dataset, _ = Dataset.objects.get_or_create(model=model, kind=kind)
    current = dataset.versions.order_by("-number").first()
    stored = list(dataset.all_rows.all())
    new = _new_rows(_checked(rows, Schema.from_dict(model.schema)), stored)
    removed = _to_remove(stored, remove, {row.row_id for row in rows})
    if kind == Dataset.Kind.TRAINING:
        _refuse_golden_copies(model, new)
    if not new and not removed:
        if current is None:
            raise BadInput(f"the {kind} set has no rows")
        return current
    version = _write(dataset, current, stored, new, removed, by=by, reason=reason, at=at)
    if kind == Dataset.Kind.GOLDEN and new:
        _release_copies(model, new, version, by=by, at=at)
    return version


def verify_dataset_version(version: DatasetVersion) -> list[str]:
    """Derive the version's digests again from its rows; one sentence for each that differs.

    An erased row keeps its digest only, which counts as it stands.
    """
    problems = []
    rows = list(rows_of(version))
    for row in rows:
        if row.input is None and not row.salt:
            continue
        digest = row_digest(salt=row.salt, row_id=row.row_id, values=row.input, label=row.label)
        if digest != row.digest:
            problems.append(f"{version}: the row {row.row_id!r} no longer matches its digest")
    if len(rows) != version.rows:
        problems.append(f"{version}: {len(rows)} rows are stored, it was made of {version.rows}")
    if version_digest(row.digest for row in rows) != version.sha256:
        problems.append(f"{version}: its rows no longer give its SHA-256")
    return problems


@transaction.atomic
def erase_dataset_rows(*, model: MaintainedModel, row_ids: Collection[str]) -> int:
    """Empty input, label and salt of the rows with these ids, or made from these log rows.

    The digests stay, so every version can still be verified. Returns how many were erased.
    """
    chosen = Q(row_id__in=list(row_ids)) | Q(log_row_id__in=list(row_ids))
    rows = DatasetRow.objects.filter(chosen, dataset__model=model, input__isnull=False)
    return rows.update(input=None, label="", salt="")


def _bad(
    row: LabelledRow, code: str, detail: str, *, field: str = "", status: int = 422
) -> BadFile:
    return BadFile(code, detail, line=row.line, index=row.index, field=field, status=status)


def _checked(rows: Sequence[LabelledRow], schema: Schema) -> list[LabelledRow]:
    seen: set[str] = set()
    checked = []
    for row in rows:
        if not row.row_id or len(row.row_id) > 200:
            detail = f"a row id must have 1 to 200 characters: {row.row_id[:40]!r}"
            raise _bad(row, "bad_id", detail, field="id")
        if row.row_id in seen:
            detail = f"the id {row.row_id!r} stands twice in the new rows"
            raise _bad(row, "duplicate_id", detail, field="id")
        seen.add(row.row_id)
        if not row.label.strip() or len(row.label) > LONGEST_LABEL:
            detail = f"the label of row {row.row_id!r} is empty or too long"
            raise _bad(row, "bad_label", detail, field="label")
        try:
            clean = schema.check_input(row.input)
        except SchemaError as error:
            raise _bad(row, error.code, f"row {row.row_id!r}: {error}") from error
        checked.append(replace(row, input=redact_input(clean)[0], label=row.label.strip()))
    return checked


def _new_rows(rows: Sequence[LabelledRow], stored: Sequence[DatasetRow]) -> list[LabelledRow]:
    """Those that are not in the current version yet; generated ids that are taken are replaced."""
    by_id = {row.row_id: row for row in stored}
    unclaimed: dict[bytes, int] = {}
    for old in stored:
        if old.removed_in is None and old.input is not None:
            key = canonical_json([old.input, old.label])
            unclaimed[key] = unclaimed.get(key, 0) + 1
    taken = {*by_id, *(row.row_id for row in rows)}
    number = 0
    new = []
    for row in rows:
        if row.generated:
            key = canonical_json([row.input, row.label])
            if unclaimed.get(key, 0) > 0:
                unclaimed[key] -= 1
                continue
            row_id = row.row_id
            while row_id in by_id or (row_id in taken and row_id != row.row_id):
                number += 1
                row_id = f"r-{number:06d}"
            taken.add(row_id)
            new.append(replace(row, row_id=row_id))
            continue
        known = by_id.get(row.row_id)
        if known is None:
            new.append(row)
        elif known.input is None:
            detail = f"the row {row.row_id!r} was erased; its id can't be used again"
            raise _bad(row, "erased_id", detail, field="id", status=409)
        elif known.removed_in is not None:
            detail = f"the id {row.row_id!r} was removed before; give the row another id"
            raise _bad(row, "removed_id", detail, field="id", status=409)
        elif (known.input, known.label) != (row.input, row.label):
            detail = f"the id {row.row_id!r} is known with other content"
            raise _bad(row, "known_id", detail, field="id", status=409)
    return new


def _to_remove(
    stored: Sequence[DatasetRow], remove: Collection[str], added: Collection[str]
) -> list[DatasetRow]:
    current = {row.row_id: row for row in stored if row.removed_in is None}
    for row_id in remove:
        if row_id not in current:
            raise BadInput(f"the row {row_id!r} to remove is not in the current version")
        if row_id in added:
            raise BadInput(f"the row {row_id!r} is both added and removed")
    return [current[row_id] for row_id in dict.fromkeys(remove)]


def _refuse_golden_copies(model: MaintainedModel, rows: Iterable[LabelledRow]) -> None:
    golden = {
        copy_key(model.task, row.input): row.row_id
        for row in _current_rows(model, Dataset.Kind.GOLDEN)
        if row.input is not None
    }
    for row in rows:
        original = golden.get(copy_key(model.task, row.input))
        if original is not None:
            what = f"an exact copy of the golden row {original!r}"
            detail = f"the training row {row.row_id!r} is {what}"
            raise _bad(row, "golden_copy", detail, status=409)


def _release_copies(
    model: MaintainedModel, golden: Iterable[LabelledRow], version: DatasetVersion, **how: Any
) -> None:
    keys = {copy_key(model.task, row.input) for row in golden}
    copies = [
        row.row_id
        for row in _current_rows(model, Dataset.Kind.TRAINING)
        if row.input is not None and copy_key(model.task, row.input) in keys
    ]
    if copies:
        reason = f"{len(copies)} exact copies of rows that are golden since v{version.number}"
        add_dataset_version(
            model=model, kind=Dataset.Kind.TRAINING, rows=(), remove=copies, reason=reason, **how
        )


def _current_rows(model: MaintainedModel, kind: str) -> Iterable[DatasetRow]:
    return DatasetRow.objects.filter(
        dataset__model=model, dataset__kind=kind, removed_in__isnull=True
    ).order_by("position")


def _write(
    dataset: Dataset,
    current: DatasetVersion | None,
    stored: Sequence[DatasetRow],
    new: Sequence[LabelledRow],
    removed: Sequence[DatasetRow],
    *,
    by: str,
    reason: str,
    at: datetime,
) -> DatasetVersion:
    number = current.number + 1 if current else 1
    gone = {row.pk for row in removed}
    kept = [row.digest for row in stored if row.removed_in is None and row.pk not in gone]
    position = max((row.position for row in stored), default=-1) + 1
    made = []
    for offset, row in enumerate(new):
        salt = secrets.token_hex(16)
        digest = row_digest(salt=salt, row_id=row.row_id, values=row.input, label=row.label)
        made.append(
            DatasetRow(
                dataset=dataset,
                position=position + offset,
                row_id=row.row_id,
                input=dict(row.input),
                label=row.label,
                salt=salt,
                digest=digest,
                source=row.source,
                log_row_id=row.log_row_id,
                added_in=number,
                added_by=by,
            )
        )
    digests = kept + [row.digest for row in made]
    if not digests:
        raise BadInput(f"the {dataset.kind} set would be left without any row")
    DatasetRow.objects.bulk_create(made, batch_size=500)
    for old in removed:
        old.removed_in = number
    DatasetRow.objects.bulk_update(removed, ["removed_in"], batch_size=200)
    return DatasetVersion.objects.create(
        dataset=dataset,
        number=number,
        parent=current,
        sha256=version_digest(digests),
        rows=len(digests),
        added=len(made),
        removed=len(removed),
        reason=reason,
        by=by,
        created_at=at,
    )
