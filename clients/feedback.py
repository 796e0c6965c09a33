"""Late feedback: what may be added to a stored row, and what contradicts it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from agency.base.clock import local_day, zone_of
from agency.base.errors import BadInput, Conflict
from clients.bulk import FeedbackChange, writer
from clients.canonical import sorted_json
from clients.log_days import touch
from clients.log_rows import LABEL_SOURCES, Feedback, RowError
from clients.models import MaintainedModel, PredictionLog
from clients.readers import Problem
from clients.schema import LONGEST_LABEL

AT_ONCE = 1000  # rows looked up, locked and changed by one statement
# A fair sample has to be whole, so a review replaces anything; a correction what we asked for.
RANK = {"": 0, "targeted": 1, "override": 2, "review": 3}


@dataclass(frozen=True)
class LateLabel:
    """A label that came after its row; ``source`` is review, override or targeted."""

    row_id: str
    label: str
    source: str


class Late(NamedTuple):
    """Feedback for a row by its id; ``seq``, ``line`` and ``raw`` say where it stood."""

    seq: int
    line: int
    raw: str
    row_id: str
    feedback: Feedback


@dataclass
class Attached:
    """What became of late feedback: rows ``changed``, by how many items that ``said``
    something new, the items whose row is ``unknown`` and the contradictory ones.

    ``days`` are the local days whose rows changed; true where a label did.
    """

    changed: int = 0
    said: int = 0
    unknown: list[Late] = field(default_factory=list)
    contradictions: list[tuple[Late, Problem]] = field(default_factory=list)
    days: dict[date, bool] = field(default_factory=dict)


def join(known: Feedback, more: Feedback, *, strict: bool = False) -> Feedback:
    """What is known of a row once ``more`` has come, in whatever order the two came.

    A label gives way to one of a higher source, and a lower one changes nothing (``strict``: it is
    refused); of one source two labels contradict each other, like two thumbs. Of two values of a
    signal the later counts where that was told, else true over false and the larger number.
    Raises ``RowError`` with the code ``conflict``.
    """
    label, source = known.label, known.source
    if more.label and (more.label, more.source) != (label, source):
        outranks = RANK[more.source] > RANK[source]
        if not outranks and (strict or more.source == source):
            part = "label" if label != more.label else "label_source"
            raise RowError(f"/feedback/{part}", "conflict", f"the row has another {part} already")
        if outranks:
            label, source = more.label, more.source
    if more.thumbs and known.thumbs and more.thumbs != known.thumbs:
        raise RowError("/feedback/thumbs", "conflict", "the row has the other thumb already")
    signals, times = dict(known.signals), dict(known.signals_at)
    for name, value in more.signals.items():
        when = more.signals_at.get(name, "")
        if name not in signals or _order(value, when) > _order(signals[name], times.get(name, "")):
            signals[name] = value
            if when:
                times[name] = when
    return Feedback(label, source, known.thumbs or more.thumbs, signals, times)


def _order(value: Any, when: str) -> tuple[str, int, Any]:
    kind = 0 if isinstance(value, bool) else 1 if isinstance(value, int | float) else 2
    return when, kind, value


def attach(
    *, model: MaintainedModel, items: Sequence[Late], at: datetime, strict: bool = False
) -> Attached:
    """Add feedback to the rows that it is about, in the order of ``items``; all are of one model.

    Inside a transaction: the rows stay locked until its end. A replayed row takes no reactions,
    because people reacted to another answer. Nothing is raised: see ``Attached``.
    """
    done = Attached()
    zone = zone_of(model.client.timezone)
    for start in range(0, len(items), AT_ONCE):
        part = items[start : start + AT_ONCE]
        rows = _locked(model, {item.row_id for item in part})
        now: dict[str, Feedback] = {}
        for item in part:
            row = rows.get(item.row_id)
            if row is None:
                done.unknown.append(item)
                continue
            known = now.get(item.row_id, row.feedback)
            more = item.feedback.labels_only() if row.replayed else item.feedback
            try:
                joined = join(known, more, strict=strict)
            except RowError as error:
                done.contradictions.append((item, error.problem))
                continue
            if joined != known:
                now[item.row_id] = joined
                done.said += 1
        changes = []
        for row_id, feedback in now.items():
            row = rows[row_id]
            changes.append(_change(row, feedback, at))
            day = local_day(row.timestamp, zone)
            labels = changes[-1].labelled_at != row.labelled_at
            done.days[day] = done.days.get(day, False) or labels
        if changes:
            writer().change_feedback(changes)
        done.changed += len(changes)
    return done


@transaction.atomic
def attach_labels(*, model: MaintainedModel, labels: Sequence[LateLabel], at: datetime) -> int:
    """Attach late labels by log id, all or none; the number of rows that changed.

    A ``review`` replaces any other label, an ``override`` a ``targeted`` one. ``BadInput`` for an
    unknown row or source or an empty label, ``Conflict`` where a row has another label already.
    """
    for item in labels:
        if item.source not in LABEL_SOURCES:
            raise BadInput(f"unknown label source {item.source!r}: {', '.join(LABEL_SOURCES)}")
        if not item.label.strip() or len(item.label) > LONGEST_LABEL:
            raise BadInput(f"the label of row {item.row_id!r} is empty or too long")
    writer().lock(model, alone=True)
    given = [
        Late(number, 0, "", item.row_id, Feedback(item.label.strip(), item.source))
        for number, item in enumerate(labels)
    ]
    done = attach(model=model, items=given, at=at, strict=True)
    if done.unknown:
        raise BadInput(f"{model.path} has no log row {done.unknown[0].row_id!r}")
    for late, problem in done.contradictions:
        raise Conflict(f"row {late.row_id!r}: {problem.detail}")
    touch(model=model, changed=done.days, at=at)
    return done.changed


class _Row(NamedTuple):
    pk: int
    timestamp: datetime
    replayed: bool
    labelled_at: datetime | None
    feedback: Feedback


def _locked(model: MaintainedModel, row_ids: Iterable[str]) -> dict[str, _Row]:
    """The stored rows with these ids; locked in one order, so that nobody waits in a circle."""
    rows = PredictionLog.objects.select_for_update().filter(
        client_id=model.client_id, model=model, row_id__in=sorted(row_ids)
    )
    values = rows.order_by("row_id").values_list(
        "row_id", "pk", "timestamp", "replayed", "labelled_at",
        "label", "label_source", "thumbs", "signals", "signals_at",
    )  # fmt: skip
    found = {}
    for row_id, pk, timestamp, replayed, labelled_at, *said in values:
        label, source, thumbs, signals, times = said
        feedback = Feedback(label, source, thumbs, signals, times or {})
        found[row_id] = _Row(pk, timestamp, replayed, labelled_at, feedback)
    return found


def _change(row: _Row, feedback: Feedback, at: datetime) -> FeedbackChange:
    before = row.feedback
    same = (before.label, before.source) == (feedback.label, feedback.source)
    return FeedbackChange(
        row.pk,
        feedback.label,
        feedback.source,
        row.labelled_at if same else at,
        feedback.thumbs,
        sorted_json(feedback.signals),
        _times(feedback.signals_at),
    )


def _times(times: Mapping[str, str]) -> str | None:
    return sorted_json(times) if times else None
