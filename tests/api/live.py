"""The service as it runs: gunicorn on a socket, over a copy of the test database, without a broker."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPResponse
from pathlib import Path

from django.conf import settings
from django.db import connection

from clients.models import ApiKey, Client, MaintainedModel
from clients.schema import Field, Schema
from tests.factories import the_tiers

LIMITS = {"UPLOAD_MOST_BYTES": "3000000", "UPLOAD_MOST_ROWS": "2000", "UPLOAD_READ_SECONDS": "1"}
TEXT = Schema(task="text", fields=(), categories=("billing", "delivery"))
TABLE = Schema(
    task="tabular",
    fields=(Field("temp", "number"), Field("sky", "category", values=("clear", "rain"))),
    categories=("high", "low"),
)
AT = datetime(2025, 4, 1, tzinfo=UTC)
UNCOUNTED = ("clients_usage", "clients_apikey", "clients_idempotentrequest", "django_session")


@dataclass
class Answer:
    status: int
    headers: dict
    body: str


@dataclass
class Service:
    """Where it listens, its folder, and the keys of its clients by name."""

    port: int
    home: Path
    keys: dict = field(default_factory=dict)

    def raw(self, *pieces, end=False, timeout=20):
        """Send the bytes as they are; with ``end`` nothing more will come. The answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as sock:
            try:
                for piece in pieces:
                    sock.sendall(piece)
                if end:
                    sock.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has answered already
            response = HTTPResponse(sock)
            response.begin()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read().decode())

    def head(self, path, key="alice", method="POST", **headers):
        """The request line and headers; an underscore in a name stands for a dash."""
        given = {"Host": "localhost", "Connection": "close"}
        if key is not None:
            given["Authorization"] = f"Bearer {self.keys.get(key, key)}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in given.items() if value is not None]
        return "\r\n".join([f"{method} /api/v1/{path} HTTP/1.1", *lines, "", ""]).encode()

    def post(self, path, body, *, key="alice", **headers):
        """The answer to a POST of the bytes, as JSON unless a header says otherwise."""
        given = {"Content_Type": "application/json", "Content_Length": str(len(body))} | headers
        return self.raw(self.head(path, key, **given), body)

    def counts(self):
        """Rows by table, and the stored files."""
        with sqlite3.connect(f"file:{self.home}/db.sqlite3?mode=ro", uri=True) as database:
            names = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND (name LIKE 'clients_%' "
                "OR name LIKE 'retraining_%')"
            ).fetchall()
            rows = {
                name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for (name,) in names
                if name not in UNCOUNTED
            }
        files = [path for path in (self.home / "files").rglob("*") if path.is_file()]
        return rows | {"files": len(files)}


def make_rows():
    """Three clients: alice with many keys and two models, charlie, and one whose quota is used up."""
    tier = the_tiers()["premium"]
    keys, made = {}, []
    for slug in ("alice", "charlie", "limited"):
        client = Client.objects.create(
            slug=slug,
            name=slug,
            domain="finance",
            created_at=AT,
            rows_a_day=0 if slug == "limited" else None,
        )
        made.append(client)
        tables = [("desk", TEXT), ("bikes", TABLE), (f"only-{slug}", TEXT)]
        for name, schema in tables:
            MaintainedModel.objects.create(
                client=client,
                slug=name,
                name=name,
                task=schema.task,
                tier=tier,
                schema=schema.as_dict(),
                created_at=AT,
            )
        keys[slug] = ApiKey.objects.create_key(name="all", client=client)[1]
    alice = made[0]
    keys["reader"] = ApiKey.objects.create_key(name="r", client=alice, scopes=["read"])[1]
    keys["revoked"] = ApiKey.objects.create_key(name="x", client=alice, revoked=True)[1]
    return keys, made


@contextmanager
def service(folder, **environment):
    """A running service over a copy of the (SQLite) test database with rows of its own."""
    keys, made = make_rows()
    connection.ensure_connection()
    with sqlite3.connect(folder / "db.sqlite3") as copy:
        connection.connection.backup(copy)
    copy.close()
    for client in made:
        MaintainedModel.objects.filter(client=client).delete()
        client.delete()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        listener.set_inheritable(True)
        port = listener.getsockname()[1]
        variables = {
            **os.environ,
            "WHETSTONE_HOME": str(folder),
            "BROKER_URL": "redis://127.0.0.1:1/0",
            "DJANGO_SETTINGS_MODULE": "agency.settings",
            **LIMITS,
            **environment,
        }
        arguments = [
            "--bind",
            f"fd://{listener.fileno()}",
            "--threads",
            "4",
            "--log-level",
            "error",
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "agency.wsgi:application", *arguments],
            cwd=settings.BASE_DIR,
            env=variables,
            pass_fds=[listener.fileno()],
            stderr=(folder / "log").open("w"),
        )
    found = Service(port, folder, keys)
    try:
        wait(found)
        yield found
    finally:
        process.terminate()
        process.wait(20)


def wait(found, seconds=60):
    until = time.monotonic() + seconds
    while True:
        try:
            answer = found.raw(
                b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
        except OSError:
            answer = None
        if answer is not None and answer.status == 200:
            return
        assert time.monotonic() < until, "the service did not start"
        time.sleep(0.1)
