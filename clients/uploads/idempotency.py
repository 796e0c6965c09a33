"""A request that may be sent again: the repeat gets the first one's answer, the work is done once.

The row of the key is claimed before the work and gets the answer in the work's own transaction, so
that answer and rows are there together or not at all. What was refused stored nothing: its key is
free again, and the same request can be mended and sent under it.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, transaction
from rest_framework.request import Request

from agency.base import clock
from agency.base.api import Refusal
from clients.models import Client, IdempotentRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LEASE = timedelta(minutes=10)
"""A claim that is older belongs to a process that died: bodies are read before it is made, so no
slow client holds one."""
KEPT = timedelta(hours=48)
ATTEMPTS = 5
_KEY = re.compile(r"[ -~]{1,200}", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer; ``replayed``: it was given before."""

    status: int
    content: Mapping[str, Any]
    replayed: bool = False


Settle = Callable[[Answer], None]


@dataclass(frozen=True)
class _Claim:
    pk: int
    lease_until: datetime


def key_of(request: Request) -> str | None:
    """The request's Idempotency-Key; ``Refusal`` 400 unless it is 1 to 200 printable characters."""
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        detail = f"The {HEADER} must be 1 to 200 printable ASCII characters."
        raise Refusal(400, "bad_idempotency_key", detail)
    return key


def answer_once(
    *,
    client: Client,
    key: str | None,
    address: str,
    sha256: Callable[[], str],
    work: Callable[[Settle], Answer],
) -> Answer:
    """The answer of ``work``, or the one that it gave to this key before.

    ``work`` calls what it is given with its answer, in the transaction that writes. ``address``:
    method, path and query; ``sha256``: of the body, asked only where there is a key. Raises
    ``Refusal``: 422 where the key came with another address or body, 409 while the first request is
    being worked on.
    """
    if key is None:
        return work(lambda answer: None)
    claim = _claim(client, key, _short(address), sha256())
    if isinstance(claim, Answer):
        return claim
    try:
        return work(lambda answer: _settle(claim, answer))
    except BaseException:
        _release(claim)
        raise


def forget_old_requests(*, at: datetime) -> int:
    """Delete the keys that came before ``KEPT``; how many."""
    deleted, _ = IdempotentRequest.objects.filter(started_at__lt=at - KEPT).delete()
    return deleted


def _claim(client: Client, key: str, address: str, digest: str) -> _Claim | Answer:
    for _ in range(ATTEMPTS):
        now = clock.now()
        lease = now + LEASE
        try:
            alone = not connection.in_atomic_block
            with transaction.atomic():
                if alone and connection.vendor == "postgresql":
                    _do_not_wait()
                made = IdempotentRequest.objects.create(
                    client=client,
                    key=key,
                    address=address,
                    body_sha256=digest,
                    started_at=now,
                    lease_until=lease,
                )
            return _Claim(made.pk, lease)
        except IntegrityError:
            known = IdempotentRequest.objects.filter(client=client, key=key).first()
        if known is None:
            continue  # the first one was refused just now, and its key is free
        if (known.address, known.body_sha256) != (address, digest):
            detail = f"The {HEADER} came before with another address or body."
            raise Refusal(422, "idempotency_key_reused", detail)
        if known.status is not None:
            return Answer(known.status, known.answer or {}, replayed=True)
        # Whoever moves the lease on has taken the work over from a process that died.
        taken = IdempotentRequest.objects.filter(
            pk=known.pk, status=None, lease_until=known.lease_until, lease_until__lte=now
        ).update(lease_until=lease, started_at=now)
        if taken:
            return _Claim(known.pk, lease)
        break
    detail = f"The first request with this {HEADER} is still being worked on."
    raise Refusal(409, "in_flight", detail, wait=1)


def _do_not_wait() -> None:
    """Let this commit not wait for the disk: the one that stores the rows waits for both."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _settle(claim: _Claim, answer: Answer) -> None:
    settled = _own(claim).update(status=answer.status, answer=dict(answer.content))
    if not settled:
        detail = f"Another request has taken over this {HEADER}."
        raise Refusal(409, "in_flight", detail, wait=1)


def _release(claim: _Claim) -> None:
    with suppress(DatabaseError):  # the database is away: the lease runs out
        _own(claim).delete()


def _own(claim: _Claim) -> Any:
    return IdempotentRequest.objects.filter(pk=claim.pk, status=None, lease_until=claim.lease_until)


def _short(address: str) -> str:
    if len(address) <= 300:
        return address
    return f"{address[:200]} {hashlib.sha256(address.encode()).hexdigest()}"
