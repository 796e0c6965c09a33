"""Who the database takes us for: the second wall between clients, on PostgreSQL.

Every connection works as ``whetstone_agency``, the role for work that rightly crosses clients
(cockpit, sweeper, workers, commands). While an address under ``/api/`` is answered, and inside
``as_client``, it works as ``whetstone_client``, which sees and writes only the rows of the client in
the setting ``whetstone.client``; without one it sees nothing. Migrations alone run as the role that
logged in, which owns the tables; as they force row-level security, it sees their rows only while
``whetstone.migrating`` is on.

Who we are belongs to the thread and not to the connection: a connection that is made, made again or
taken from a pool becomes it at once. A pooler between us and the server has to pool sessions, not
transactions. On SQLite there is no such wall, and nothing here does anything.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

AGENCY = "whetstone_agency"
CLIENT = "whetstone_client"
OWNER = "none"
"""What PostgreSQL calls the role that logged in."""
WALLED = "whetstone_walled"
"""Set on a connection: did it find the wall?"""

BEARER = re.compile(r"bearer ([A-Za-z0-9]{1,8})\.([A-Za-z0-9]{1,120})", re.ASCII | re.IGNORECASE)
"""What our keys look like. Anything else need not reach the database, which refuses some characters."""

# Where the wall is not built yet this finds no row and changes nothing.
FIND_OUT = """
SELECT set_config('role', %s, false), set_config('whetstone.client', %s, false),
       set_config('whetstone.key', %s, false), set_config('whetstone.migrating', %s, false)
FROM pg_catalog.pg_class WHERE oid = to_regclass('clients_client') AND relforcerowsecurity
"""
# Three times as fast, for a connection that has found out.
BECOME = """
SELECT set_config('role', %s, false), set_config('whetstone.client', %s, false),
       set_config('whetstone.key', %s, false)
"""


@dataclass(frozen=True)
class Identity:
    """A role; as whetstone_client also whose rows, and before that is known which key may be read."""

    role: str
    client: str = ""
    key: str = ""
    migrating: str = "off"


class _Who(threading.local):
    identity = Identity(AGENCY)


_who = _Who()


def identity() -> Identity:
    """Who this thread works as at the moment; on every database, also where nothing enforces it."""
    return _who.identity


def presented_key(authorization: str) -> tuple[str, str] | None:
    """The prefix of the key in an ``Authorization`` header and the whole key; None: it is none.

    >>> presented_key("Bearer 8jQ1.s3cret")
    ('8jQ1', '8jQ1.s3cret')
    >>> presented_key("Basic 8jQ1.s3cret") is None
    True
    """
    found = BEARER.fullmatch(authorization)
    return (found[1], f"{found[1]}.{found[2]}") if found else None


@contextmanager
def as_client(client: Model) -> Iterator[None]:
    """Work as this client: the database shows and takes its rows only, whatever is asked for."""
    with _as(Identity(CLIENT, client=str(client.pk))):
        yield


def enter(client: Model) -> None:
    """The key that came with this request was checked: from now on it is this client's.

    Only while an address under /api/ is answered, because the middleware ends it.
    """
    if _who.identity.role != CLIENT:
        raise ImproperlyConfigured("keys are accepted at addresses under /api/ only")
    _who.identity = Identity(CLIENT, client=str(client.pk))
    _apply(connection)


class WallMiddleware:
    """Answers what is under /api/ as a client that is not known yet, which sees nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        presented = presented_key(request.headers.get("Authorization", ""))
        with _as(Identity(CLIENT, key=presented[0] if presented else "")):
            response = self.get_response(request)
            asked = _who.identity
        stored = isinstance(response, FileResponse)
        if isinstance(response, StreamingHttpResponse) and not stored and not response.is_async:
            # Its content is made after we have returned.
            content = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = _streamed(content, asked)
        return response


def _streamed(chunks: Iterator[bytes], asked: Identity) -> Iterator[bytes]:
    while True:
        # Between two chunks the thread may do something else.
        with _as(asked):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


@contextmanager
def _as(wanted: Identity) -> Iterator[None]:
    before, _who.identity = _who.identity, wanted
    try:
        _apply(connection)
        yield
    finally:
        _who.identity = before
        _restore(connection)


def _apply(link: BaseDatabaseWrapper) -> None:
    """Become who we are, if connected; ``connected`` does it for a connection that is still to come."""
    if link.vendor != "postgresql" or link.connection is None:
        return
    # This statement finds out as well as the one that Django would send first: is it still there?
    link.health_check_done = True  # type: ignore[attr-defined]
    try:
        _become(link, walled=getattr(link, WALLED, False))
    except Error:
        if link.in_atomic_block:
            raise
        # The server went away, or took the role from us: the next query says which.
        link.close()


def _become(link: BaseDatabaseWrapper, *, walled: bool = False) -> bool:
    """Whether there is a wall; ``walled`` says that it is known."""
    asked = _who.identity
    values = [asked.role, asked.client, asked.key]
    with link.cursor() as cursor:
        if walled:
            cursor.execute(BECOME, values)
            return True
        cursor.execute(FIND_OUT, [*values, asked.migrating])
        return cursor.fetchone() is not None


def _restore(link: BaseDatabaseWrapper) -> None:
    """Back to who we were. In a transaction that failed nothing can be set any more, and its end
    brings back what was set before it began, which was before we changed it; nor on a lost
    connection, which nobody uses again."""
    if link.vendor == "postgresql" and link.connection is not None:
        status = link.connection.info.transaction_status.name
        if link.needs_rollback or status in ("INERROR", "UNKNOWN"):
            return
    _apply(link)


def connected(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """A connection was made, or taken from a pool: whatever it was before, it is us now."""
    if connection.vendor == "postgresql" and connection.alias == "default":
        try:
            setattr(connection, WALLED, _become(connection))
        except Error:
            # Left open it would go on as whoever it is.
            connection.close()
            raise


def migrating(sender: Any, **kwargs: Any) -> None:
    """Migrations change tables, which only their owner may."""
    _migrate(Identity(OWNER, migrating="on"))


def migrated(sender: Any, **kwargs: Any) -> None:
    """The tables are as they should be."""
    _migrate(Identity(AGENCY))


def _migrate(wanted: Identity) -> None:
    """The wall may have come or gone."""
    _who.identity = wanted
    if connection.vendor == "postgresql" and connection.connection is not None:
        setattr(connection, WALLED, _become(connection))
