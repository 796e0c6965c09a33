"""Job rows: what takes time or has effects is a row with a state, a fence, a lease and attempts.

A state changes in one place, ``advance``: it checks the job's own table of transitions, updates
where id, old state and fence still hold, demands that exactly one row changed, and writes the
transition in the same transaction. Whoever holds an older fence has lost the job.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from agency.base.errors import Conflict


class Job(models.Model):
    """A piece of work with a one-way life; concrete jobs name their states and transition model."""

    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]]
    TRANSITION_MODEL: ClassVar[str]

    state = models.CharField(max_length=24, db_index=True)
    fence = models.PositiveBigIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    error = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True


class Transition(models.Model):
    """One change of a job's state: from, to, by whom, why, when. Never edited."""

    from_state = models.CharField(max_length=24)
    to_state = models.CharField(max_length=24)
    by = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ("pk",)


def advance(
    job: Job,
    *,
    to: str,
    by: str,
    at: datetime,
    reason: str = "",
    fields: Mapping[str, Any] | None = None,
) -> Transition:
    """Move ``job`` to state ``to`` and write the transition; sets ``fields`` in the same update.

    Raises ``Conflict`` where the table knows no such transition, or where the row has another state
    or a newer fence than the object in hand, or where a constraint of the table forbids the new
    state beside another row: somebody else was faster, and nothing is changed.
    """
    if to not in job.TRANSITIONS.get(job.state, frozenset()):
        raise Conflict(f"{job._meta.verbose_name} {job.pk} cannot go from {job.state} to {to}")
    transition_model = job._meta.apps.get_model(job._meta.app_label, job.TRANSITION_MODEL)
    before = job.state
    values = {**(fields or {}), "attempts": 0}
    unchanged = type(job)._default_manager.filter(pk=job.pk, state=before, fence=job.fence)
    with transaction.atomic():
        try:
            with transaction.atomic():
                changed = unchanged.update(state=to, **values)
        except IntegrityError as error:
            raise Conflict(f"{job._meta.verbose_name} {job.pk} cannot be {to} now") from error
        if changed != 1:
            raise Conflict(f"{job._meta.verbose_name} {job.pk} is no longer {before}")
        transition: Transition = transition_model._default_manager.create(
            job=job, from_state=before, to_state=to, by=by, reason=reason, at=at
        )
    job.state = to
    for name, value in values.items():
        setattr(job, name, value)
    return transition


J = TypeVar("J", bound=Job)


def claim(
    job_model: type[J],
    pk: int,
    *,
    at: datetime,
    lease: timedelta,
    states: Collection[str],
    holding: int | None = None,
) -> J | None:
    """Take the job for ``lease``: a new fence, one more attempt. ``None`` if there is nothing to take.

    That is while somebody else holds it, and where it is in none of ``states``: it may have come to
    rest since the caller looked. ``holding`` is the fence of a caller who holds the job already and
    goes on to its next step without letting go. ``at`` is the wall clock, for leases are real time.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=at)
    if holding is not None:
        free |= Q(fence=holding)
    changed = job_model._default_manager.filter(free, pk=pk, state__in=list(states)).update(
        fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=at + lease
    )
    return job_model._default_manager.get(pk=pk) if changed == 1 else None


def holds(job: Job) -> bool:
    """Is the job still in the hands and in the state of the object in hand?"""
    found = type(job)._default_manager.filter(pk=job.pk, fence=job.fence, state=job.state)
    return found.exists()


def renew(job: Job, *, at: datetime, lease: timedelta) -> None:
    """The heartbeat: hold the lease longer. ``Conflict`` where the job was taken over or moved on."""
    held = type(job)._default_manager.filter(pk=job.pk, fence=job.fence, state=job.state)
    if held.update(lease_until=at + lease) != 1:
        raise Conflict(f"{job._meta.verbose_name} {job.pk} was taken over")


def release(job: Job) -> None:
    """Give the lease back; harmless where the job has been taken over."""
    type(job)._default_manager.filter(pk=job.pk, fence=job.fence).update(lease_until=None)
