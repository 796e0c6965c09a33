"""Messages that leave the house: at most one attempt at a time, and none doubled in silence.

A message is a job row (a report's ``Delivery``, an alert's ``Notice``) with the states due, sending,
sent, unknown and failed. The row says ``sending``, committed, before the first byte goes out. What
the other side refused has ``failed`` and is tried again, less and less often; where we can't know
whether it was taken, because the line or our own process died, the row is ``unknown`` and waits for
a person.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Count, Max, Q

from agency.base import clock
from agency.base.dispatch import enqueue
from agency.base.errors import Conflict, DomainError
from agency.base.jobs import Job, advance, claim, release

LEASE = timedelta(minutes=5)
"""Longer than any attempt may take: a row that is ``sending`` for longer has lost its sender."""
PAUSES = (
    *(timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)),
    *(timedelta(hours=6), timedelta(days=1)),
)
"""Before the second attempt, the third, and so on; after the last one a person decides."""

DUE, SENDING, SENT, UNKNOWN, FAILED = "due", "sending", "sent", "unknown", "failed"


class Outbound(Job):
    """A message to one address; concrete ones say what goes where."""

    class State(models.TextChoices):
        DUE = "due"
        SENDING = "sending"
        SENT = "sent"
        UNKNOWN = "unknown", "perhaps sent"
        FAILED = "failed"

    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        "due": frozenset({"sending", "failed"}),
        "sending": frozenset({"sent", "unknown", "failed"}),
        "unknown": frozenset({"sending", "sent"}),
        "failed": frozenset({"sending"}),
    }

    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


J = TypeVar("J", bound=Outbound)


class NotSent(DomainError):
    """The other side has not taken the message, for certain."""

    code = "not_sent"


class PerhapsSent(DomainError):
    """The line broke while the message was under way: it may have been taken."""

    code = "perhaps_sent"


def attempt(
    model: type[J],
    pk: int,
    *,
    by: str,
    prepare: Callable[[J], Mapping[str, Any]] = lambda job: {},
    send: Callable[[J], None],
    again: bool = False,
    reason: str = "",
) -> J | None:
    """Send the message once; ``None`` where somebody else has it or it is past sending.

    ``prepare`` gives fields that are stored with the step to ``sending``; ``send`` raises ``NotSent``
    or ``PerhapsSent``, or returns once the other side has taken it. Whatever else it raises means that
    nothing was sent, and is raised again. ``again``: a person has decided that what failed, or may
    have gone out, goes out anew.
    """
    states = {FAILED, UNKNOWN} if again else {DUE, FAILED}
    job = claim(model, pk, at=clock.now(), lease=LEASE, states=states)
    if job is None:
        return None
    try:
        fields = prepare(job)
    except Exception:
        release(job)
        raise
    advance(job, to=SENDING, by=by, at=clock.now(), reason=reason, fields=fields)
    try:
        send(job)
    except PerhapsSent as error:
        _rest(job, UNKNOWN, by=by, reason=str(error))
    except NotSent as error:
        _rest(job, FAILED, by=by, reason=str(error))
    except Exception as error:
        _rest(job, FAILED, by=by, reason=f"{type(error).__name__}: {error}")
        raise
    else:
        now = clock.now()
        advance(job, to=SENT, by=by, at=now, fields={"sent_at": now, "lease_until": None})
    return job


def _rest(job: Outbound, state: str, *, by: str, reason: str) -> None:
    fields = {"error": reason, "lease_until": None}
    advance(job, to=state, by=by, at=clock.now(), reason=reason, fields=fields)


def lost(model: type[J], *, at: datetime, by: str) -> int:
    """Rows whose sender died in the middle become ``unknown``; how many."""
    found = 0
    for pk in model._default_manager.filter(state=SENDING, lease_until__lte=at).values_list(
        "pk", flat=True
    ):
        job = claim(model, pk, at=at, lease=LEASE, states={SENDING})
        if job is None:
            continue
        reason = "the process that was sending it died: it may have gone out"
        try:
            _rest(job, UNKNOWN, by=by, reason=reason)
        except Conflict:
            continue  # it was finished at this very moment
        found += 1
    return found


def waiting(model: type[J], *, at: datetime) -> Iterator[int]:
    """Keys of the rows that are to be sent now: new ones, and failed ones after their pause."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=at)
    was_refused = Q(transitions__to_state=FAILED)
    rows = (
        model._default_manager.filter(free, state__in=(DUE, FAILED))
        .order_by("pk")
        .annotate(
            failures=Count("transitions", filter=was_refused),
            failed_at=Max("transitions__at", filter=was_refused),
        )
        .values_list("pk", "failures", "failed_at")
    )
    for pk, failures, failed_at in rows:
        if not failures or (failures <= len(PAUSES) and failed_at + PAUSES[failures - 1] <= at):
            yield pk


def sweep(model: type[J], task: str, *, at: datetime, by: str) -> list[int]:
    """What waits is asked for again by ``task``, and what lost its sender is laid before a person.

    The keys of the rows that were asked for.
    """
    lost(model, at=at, by=by)
    due = list(waiting(model, at=at))
    for pk in due:
        enqueue(task, pk)
    return due


def arrived(job: Outbound, *, by: str, at: datetime, reason: str) -> None:
    """A person has found out that it was taken after all. ``Conflict`` where it is not ``unknown``."""
    if job.state != UNKNOWN:
        raise Conflict(f"{job} is {job.state}: only what may have gone out can have arrived")
    advance(job, to=SENT, by=by, at=at, reason=reason, fields={"sent_at": at})
