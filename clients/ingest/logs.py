"""Production rows: read, checked, staged, and then all written at once or not at all."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from agency.base.errors import BadInput
from clients.ingest.intake import Intake
from clients.ingest.result import IngestResult
from clients.models import MaintainedModel
from clients.readers import Form, form_of, refuse_binary, unzip


def ingest_stream(
    *,
    model: MaintainedModel,
    chunks: Iterable[bytes],
    form: Form,
    name: str,
    partial: bool = False,
    ignore_predictions: bool = False,
    at: datetime,
    most_rows: int | None = None,
    then: Callable[[IngestResult], None] = lambda result: None,
) -> IngestResult:
    """Store the rows of decompressed bytes that come in pieces of any size: all of them or nothing.

    With ``partial`` the good rows are stored and the bad ones kept in quarantine. With
    ``ignore_predictions`` only the labels of the feedback are used, and the answer is left to
    scoring. A row that is known already is a duplicate; feedback that it lacks is attached.
    ``then`` is called with the result in the transaction that writes, which is a short one at the
    end: what it raises undoes all.

    Raises ``Unreadable`` (400; 413 for an endless row), ``TooManyRows`` (413), ``RejectedRows``
    (422) or one of its kinds: ``BrokenRows`` (400), ``ConflictingRows`` (409).
    """
    whole = hashlib.sha256()
    intake = Intake(
        model=model,
        partial=partial,
        ignore_predictions=ignore_predictions,
        at=at,
        most_rows=most_rows,
    )
    with intake.session():
        intake.read(name=name, form=form, chunks=_hashed(chunks, whole.update))
        return intake.finish(name=name, sha256=whole.hexdigest, then=then)


def ingest(
    *,
    model: MaintainedModel,
    files: Sequence[tuple[str, bytes]],
    partial: bool = False,
    ignore_predictions: bool = False,
    at: datetime,
) -> IngestResult:
    """``ingest_stream`` for whole files (name, bytes), gzipped or not, as one batch."""
    if not files:
        raise BadInput("no file to import")
    intake = Intake(
        model=model,
        partial=partial,
        ignore_predictions=ignore_predictions,
        at=at,
        many=len(files) > 1,
    )
    with intake.session():
        for name, content in files:
            text = unzip(content, name)
            refuse_binary(text, name)
            form = form_of(name, text[:4096].decode(errors="replace").lstrip("\ufeff \t\r\n")[:1])
            intake.read(name=name, form=form, chunks=[text], mark=True)
        names = ", ".join(name for name, _ in files)
        return intake.finish(name=names, sha256=lambda: _sha256(files))


def _hashed(chunks: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk


def _sha256(files: Sequence[tuple[str, bytes]]) -> str:
    """Of the file; of the files' digests one after the other where there are several."""
    digests = [hashlib.sha256(content).hexdigest() for _, content in files]
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    )
