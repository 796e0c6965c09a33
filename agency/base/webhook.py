"""One POST to an address that somebody typed in: signed, short, and never into our own network."""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from agency.base.errors import BadInput
from agency.base.outbound import NotSent, PerhapsSent

SECONDS = 10


def signature(*, secret: str, at: datetime, body: bytes) -> str:
    """``t=SECONDS,v1=HEX``: HMAC-SHA256 of ``SECONDS.BODY``, so that an old call can't be played again.

    >>> from datetime import UTC
    >>> signature(secret="s", at=datetime(2025, 3, 1, tzinfo=UTC), body=b"{}")[:31]
    't=1740787200,v1=46d15301081799a'
    """
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"t={stamp},v1={digest.hexdigest()}"


def check_address(url: str) -> None:
    """``BadInput`` unless it is http(s) to a named host, without credentials.

    >>> check_address("https://hooks.example.org/x")
    >>> check_address("file:///etc/passwd")
    Traceback (most recent call last):
    agency.base.errors.BadInput: a webhook's address begins with https:// and names a host
    """
    try:
        parts = urlsplit(url)
        port_is_one = parts.port != 0
    except ValueError as error:
        raise BadInput(f"this is no address: {error}") from error
    schemes = ("https", "http") if settings.WEBHOOKS_MAY_BE_PRIVATE else ("https",)
    if parts.scheme not in schemes or not parts.hostname or not port_is_one:
        raise BadInput("a webhook's address begins with https:// and names a host")
    if parts.username or parts.password:
        raise BadInput("a webhook's address holds no password: what we send is signed")


def post(*, url: str, body: bytes, headers: dict[str, str]) -> None:
    """POST ``body`` as JSON; redirects are not followed.

    Raises ``NotSent`` where the host can't be reached, is in a private network, or answers other than
    2xx; ``PerhapsSent`` where it took the request and gave no answer.
    """
    try:
        check_address(url)
    except BadInput as error:
        raise NotSent(str(error)) from error
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    link = _connected(parts.scheme, host, port)
    path = parts.path or "/"
    if parts.query:
        path = f"{path}?{parts.query}"
    try:
        link.request("POST", path, body, {"Content-Type": "application/json", **headers})
        answer = link.getresponse()
        answer.read(1000)
    except (OSError, http.client.HTTPException) as error:
        raise PerhapsSent(f"{host} gave no answer: {error}") from error
    finally:
        link.close()
    if not 200 <= answer.status < 300:
        raise NotSent(f"{host} answered {answer.status}")


def _connected(scheme: str, host: str, port: int) -> http.client.HTTPConnection:
    """A connection to the address that was checked: a second look-up could answer another one."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f"{host} is not known: {error}") from error
    address: Any = found[0][4]
    if not settings.WEBHOOKS_MAY_BE_PRIVATE and not ipaddress.ip_address(address[0]).is_global:
        raise NotSent(f"{host} is in a private network")
    link = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        plain: socket.socket = socket.create_connection(address[:2], timeout=SECONDS)
        link.sock = plain
        if scheme == "https":
            link.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError as error:
        raise NotSent(f"{host} can't be reached: {error}") from error
    return link
