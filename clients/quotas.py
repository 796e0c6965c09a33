"""How much a client may send: requests a minute and rows a day, counted in the database.

A count is one statement that adds and answers the sum, so two processes never both read "one left".
A client's own limits stand on its row, the defaults in the settings.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.transaction import TransactionManagementError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from agency.base.clock import now
from agency.base.errors import OverQuota
from clients.auth import Caller
from clients.models import Client, Usage

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

# Requests are asked for while their minute lasts; rows are looked at when a client complains.
KEEP_REQUESTS, KEEP_ROWS = timedelta(days=1), timedelta(days=90)

COUNT = """
INSERT INTO clients_usage (client_id, kind, starts_at, used) VALUES (%s, %s, %s, %s)
ON CONFLICT (client_id, kind, starts_at) DO UPDATE SET used = clients_usage.used + excluded.used
RETURNING used
"""
ROWS_TOO = """,
  (SELECT used FROM clients_usage WHERE client_id = %s AND kind = %s AND starts_at = %s)
"""
# A lost count of the last moments before a crash harms nobody; waiting for the disk is what costs.
NO_WAIT = ", set_config('synchronous_commit', 'off', true)"


class RequestQuota(BaseThrottle):
    """Counts every request that comes with a key, before anything of its body is read.

    A view that stores rows says ``stores_rows = True``: then a client that may store none today is
    refused here, too.
    """

    def allow_request(self, request: Request, view: object) -> bool:
        caller: Any = request.user
        if isinstance(caller, Caller):
            count_request(caller.client, now(), rows=getattr(view, "stores_rows", False))
        return True


def count_request(client: Client, at: datetime, *, rows: bool = False) -> int:
    """Count one request in the minute of ``at``; how many that makes.

    Raises ``OverQuota`` above the client's limit; with ``rows`` also as ``check_rows`` does, without
    a statement of its own. Refused requests are counted, too.
    """
    starts = at.replace(second=0, microsecond=0)
    used, stored = _count_request(client, starts, _midnight(at) if rows else None)
    if used > requests_a_minute(client):
        raise OverQuota(
            f"{client.slug} has used its requests of this minute",
            retry_after=ceil((starts + MINUTE - at).total_seconds()),
        )
    if rows and stored >= rows_a_day(client):
        raise _too_many_rows(client, at)
    return used


def take_rows(client: Client, n: int, at: datetime) -> int:
    """Count ``n`` rows that are being stored on the day (UTC) of ``at``; how many that makes.

    Call it in the transaction that stores them, as late as possible: other uploads of this client
    wait from here until its end. Raises ``OverQuota`` where they are too many for the day, which has
    to end the transaction, and the count with it.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("rows are counted in the transaction that stores them")
    used = _count(client, Usage.Kind.ROWS, _midnight(at), n)
    if used > rows_a_day(client):
        raise _too_many_rows(client, at)
    return used


def check_rows(client: Client, at: datetime) -> int:
    """How many rows the client may still store today, read without waiting for other uploads.

    Raises ``OverQuota`` where it is none: a refusal before a long body is read and checked.
    """
    found = Usage.objects.filter(client=client, kind=Usage.Kind.ROWS, starts_at=_midnight(at))
    left = rows_a_day(client) - (found.values_list("used", flat=True).first() or 0)
    if left <= 0:
        raise _too_many_rows(client, at)
    return left


def requests_a_minute(client: Client) -> int:
    """The client's own limit, or the default."""
    own = client.requests_a_minute
    return settings.REQUESTS_A_MINUTE if own is None else own


def rows_a_day(client: Client) -> int:
    """The client's own limit, or the default."""
    return settings.ROWS_A_DAY if client.rows_a_day is None else client.rows_a_day


def purge_usage(at: datetime) -> int:
    """Delete the windows that nobody asks for any more; how many."""
    old = Q(kind=Usage.Kind.REQUESTS, starts_at__lt=at - KEEP_REQUESTS)
    old |= Q(kind=Usage.Kind.ROWS, starts_at__lt=at - KEEP_ROWS)
    return Usage.objects.filter(old).delete()[0]


def _count(client: Client, kind: Usage.Kind, starts_at: datetime, n: int) -> int:
    starts = connection.ops.adapt_datetimefield_value(starts_at)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [client.pk, kind.value, starts, n])
        return int(cursor.fetchone()[0])


def _count_request(client: Client, minute: datetime, day: datetime | None) -> tuple[int, int]:
    """Requests of the minute with this one, and the rows of ``day`` (0 where that is not asked)."""
    time = connection.ops.adapt_datetimefield_value
    statement = COUNT
    values: list[Any] = [client.pk, Usage.Kind.REQUESTS.value, time(minute), 1]
    if day is not None:
        statement += ROWS_TOO
        values += [client.pk, Usage.Kind.ROWS.value, time(day)]
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        statement += NO_WAIT
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return int(found[0]), int(found[1] or 0) if day is not None else 0


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _too_many_rows(client: Client, at: datetime) -> OverQuota:
    left = _midnight(at) + DAY - at
    return OverQuota(
        f"{client.slug} has used its rows of this day", retry_after=ceil(left.total_seconds())
    )
