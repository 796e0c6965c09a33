"""Late feedback: what may be added to a stored row, and what contradicts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from agency.base.clock import local_day, zone_of
from agency.base.errors import BadInput, Conflict
from clients.log_days import touch_days
from clients.log_rows import LABEL_SOURCES, Feedback, RowError
from clients.models import MaintainedModel, PredictionLog
from clients.schema import LONGEST_LABEL

FEEDBACK_FIELDS = ("label", "label_source", "labelled_at", "thumbs", "signals")


@dataclass(frozen=True)
class LateLabel:
    """A label that came after its row; ``source`` is review, override or targeted."""

    row_id: str
    label: str
    source: str


def apply_feedback(
    log: PredictionLog, feedback: Feedback, *, at: datetime, review_wins: bool = False
) -> bool:
    """Fill what is empty in ``log`` (not saved) and tell whether anything changed.

    Another label, another source or the other thumb is a ``RowError`` with the code ``conflict``;
    with ``review_wins`` a review replaces a correction, because a fair sample has to be whole.
    Signals that came later replace earlier ones: a click can follow. A replayed row takes no
    reactions, because people reacted to another answer.
    """
    if log.replayed:
        feedback = feedback.labels_only()
    same = (log.label, log.label_source) == (feedback.label, feedback.source)
    sets_label = bool(feedback.label) and not same
    if sets_label and log.label:
        outranks = review_wins and feedback.source == "review" and log.label_source != "review"
        if not outranks:
            part = "label" if log.label != feedback.label else "label_source"
            raise RowError(f"/feedback/{part}", "conflict", f"the row has another {part} already")
    if feedback.thumbs and log.thumbs and feedback.thumbs != log.thumbs:
        raise RowError("/feedback/thumbs", "conflict", "the row has the other thumb already")
    if sets_label:
        log.label, log.label_source, log.labelled_at = feedback.label, feedback.source, at
    sets_thumbs = bool(feedback.thumbs) and not log.thumbs
    if sets_thumbs:
        log.thumbs = feedback.thumbs
    signals = {**log.signals, **feedback.signals}
    sets_signals = signals != log.signals
    log.signals = signals
    return sets_label or sets_thumbs or sets_signals


@transaction.atomic
def attach_labels(*, model: MaintainedModel, labels: Sequence[LateLabel], at: datetime) -> int:
    """Attach late labels by log id, all or none; the number of rows that changed.

    A ``review`` replaces an ``override`` or ``targeted`` label. ``BadInput`` for an unknown row or
    source or an empty label, ``Conflict`` where a row has another label already.
    """
    for item in labels:
        if item.source not in LABEL_SOURCES:
            raise BadInput(f"unknown label source {item.source!r}: {', '.join(LABEL_SOURCES)}")
        if not item.label.strip() or len(item.label) > LONGEST_LABEL:
            raise BadInput(f"the label of row {item.row_id!r} is empty or too long")
    logs = find_logs(model=model, row_ids=[item.row_id for item in labels])
    changed: dict[str, PredictionLog] = {}
    for item in labels:
        log = logs.get(item.row_id)
        if log is None:
            raise BadInput(f"{model.path} has no log row {item.row_id!r}")
        given = Feedback(item.label.strip(), item.source)
        try:
            if apply_feedback(log, given, at=at, review_wins=True):
                changed[log.row_id] = log
        except RowError as error:
            raise Conflict(f"row {item.row_id!r}: {error}") from error
    PredictionLog.objects.bulk_update(changed.values(), FEEDBACK_FIELDS, batch_size=200)
    zone = zone_of(model.client.timezone)
    days = {local_day(log.timestamp, zone) for log in changed.values()}
    touch_days(model=model, days=days, at=at, labels=True)
    return len(changed)


def find_logs(*, model: MaintainedModel, row_ids: Sequence[str]) -> dict[str, PredictionLog]:
    """The stored rows with these ids, locked to the transaction's end; no entry for unknown ids."""
    found: dict[str, PredictionLog] = {}
    for start in range(0, len(row_ids), 500):
        logs = PredictionLog.objects.select_for_update().filter(
            client_id=model.client_id, model=model, row_id__in=row_ids[start : start + 500]
        )
        found |= {log.row_id: log for log in logs}
    return found
