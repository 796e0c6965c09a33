"""Feedback that comes by itself, by log id, before its row or after it."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from clients.feedback import Attached, Late, attach, join
from clients.ingest.arrival import content_of, feedback_of, merge
from clients.ingest.by_id import ByIdUpload, at_row, filled
from clients.ingest.result import IngestResult
from clients.log_days import touch
from clients.log_rows import KEYS, LONGEST_ID, Feedback, RowError, check_feedback, instant, string
from clients.models import MaintainedModel, PendingFeedback, UploadBatch
from clients.readers import Form, RawRow

_INSIDE = "/feedback"


def take_feedback(
    *,
    model: MaintainedModel,
    chunks: Iterable[bytes],
    form: Form,
    name: str,
    partial: bool = False,
    at: datetime,
    most_rows: int | None = None,
) -> IngestResult:
    """Rows ``{"id", "label", "label_source", "thumbs", any signals, "timestamp"}`` onto known rows.

    ``timestamp`` is when the signals were seen: the later one counts. Feedback whose row has not
    come is kept, each content once, and added when the row comes. ``accepted`` counts what said
    something new, ``labels`` of it the known rows that changed, ``pending`` what waits. Raises as
    ``ingest_stream`` does; another label of the same source is a conflict.
    """
    upload = _Feedback(model=model, partial=partial, at=at, most_rows=most_rows)
    return upload.take(chunks=chunks, form=form, name=name)


class _Feedback(ByIdUpload):
    kind = UploadBatch.Kind.FEEDBACK

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.attached = Attached()
        self.unknown_keys: Counter[str] = Counter()

    def store(self, rows: list[tuple[int, RawRow]]) -> None:
        raws = dict(rows)
        items = []
        for number, raw in rows:
            try:
                items.append(self._checked(number, raw))
            except RowError as error:
                self.reject(number, raw, at_row(error.problem, inside=_INSIDE))
        done = attach(model=self.model, items=items, at=self.at)
        for late, problem in done.contradictions:
            self.reject(late.seq, raws[late.seq], at_row(problem, inside=_INSIDE))
        rejected = len(self.rejections)
        kept = self._keep(done.unknown, raws)
        wrong = len(done.contradictions) + len(self.rejections) - rejected
        self.pending += kept
        self.changed += done.changed
        self.accepted += done.said + kept
        self.duplicates += len(items) - done.said - kept - wrong
        merge(self.attached, done)

    def finish(self, batch: UploadBatch) -> None:
        self.ignored = dict(self.unknown_keys)
        touch(model=self.model, changed=self.attached.days, at=self.at)

    def _checked(self, number: int, raw: RawRow) -> Late:
        values = filled(raw)
        row_id = string(values, "id", LONGEST_ID)
        seen = ""
        if values.get("timestamp") is not None:
            moment = instant(values["timestamp"], "timestamp", self.latest)
            # All of one length, so that the later one is the larger string.
            seen = moment.astimezone(UTC).isoformat(timespec="microseconds")
        given = values.get("feedback")
        if given is None:
            given = {
                key.removeprefix("feedback.") if raw.is_csv else key: value
                for key, value in values.items()
                if key not in KEYS
            }
        feedback, others = check_feedback(given, from_csv=raw.is_csv)
        if feedback == Feedback():
            raise RowError("", "missing", "the row says nothing")
        self.unknown_keys.update(key[:100] for key in others)
        if seen:
            times = dict.fromkeys(feedback.signals, seen)
            feedback = Feedback(
                feedback.label, feedback.source, feedback.thumbs, feedback.signals, times
            )
        return Late(number, raw.line, raw.content, row_id, feedback)

    def _keep(self, items: list[Late], raws: dict[int, RawRow]) -> int:
        """Keep feedback until its row comes; what contradicts other waiting feedback is rejected."""
        own = PendingFeedback.objects.filter(client_id=self.model.client_id, model=self.model)
        waiting = own.filter(row_id__in={item.row_id for item in items}).order_by("pk")
        so_far: dict[str, Feedback] = {}
        known: set[tuple[str, str]] = set()
        for row_id, content, sha256 in waiting.values_list("row_id", "content", "content_sha256"):
            so_far[row_id] = join(so_far.get(row_id, Feedback()), feedback_of(content))
            known.add((row_id, sha256))
        new = []
        for item in items:
            content, sha256 = content_of(item.feedback)
            if (item.row_id, sha256) in known:
                continue
            try:
                joined = join(so_far.get(item.row_id, Feedback()), item.feedback)
            except RowError as error:
                self.reject(item.seq, raws[item.seq], at_row(error.problem, inside=_INSIDE))
                continue
            so_far[item.row_id] = joined
            known.add((item.row_id, sha256))
            new.append(
                PendingFeedback(
                    client_id=self.model.client_id,
                    model=self.model,
                    row_id=item.row_id,
                    content=content,
                    content_sha256=sha256,
                    received_at=self.at,
                )
            )
        PendingFeedback.objects.bulk_create(new, batch_size=1000)
        return len(new)
