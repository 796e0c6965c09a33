"""A private PostgreSQL for a bench: made, started, stopped by its process id, deleted."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


@contextmanager
def private_postgres() -> Iterator[tuple[str, str]]:
    """(address of the service's own database and role, address as superuser); durable as delivered.

    The server refuses to run as root, so root runs it as the user postgres.
    """
    folder = Path(tempfile.mkdtemp(prefix="whetstone-bench-"))
    folder.chmod(0o711)
    home = folder / "postgres"
    home.mkdir()
    server: subprocess.Popen[bytes] | None = None
    as_server: list[str] = []
    if os.getuid() == 0:
        shutil.chown(home, "postgres", "postgres")
        as_server = [
            "setpriv",
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "--reset-env",
        ]
    programs = _programs()
    port = free_port()
    try:
        making = [f"{programs}/initdb", "-D", str(home / "c"), "-U", "postgres", "--auth=trust"]
        making += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([*as_server, *making], cwd=home, check=True, stdout=subprocess.DEVNULL)
        running = [f"{programs}/postgres", "-D", str(home / "c"), "-p", str(port)]
        running += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([*as_server, *running], cwd=home, stdout=log, stderr=log)
        admin = f"postgres://postgres@127.0.0.1:{port}/postgres"
        with _connected(admin) as connection:
            connection.execute("CREATE ROLE whetstone LOGIN CREATEROLE CREATEDB")
            connection.execute("CREATE DATABASE whetstone OWNER whetstone")
        address = f"127.0.0.1:{port}/whetstone"
        yield f"postgres://whetstone@{address}", f"postgres://postgres@{address}"
    finally:
        if server is not None:
            server.send_signal(2)
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if found:
        return str(found[-1])
    initdb = shutil.which("initdb")
    if initdb is None:
        raise SystemExit("PostgreSQL is not installed")
    return str(Path(initdb).resolve().parent)


def _connected(address: str) -> "psycopg.Connection[tuple[object, ...]]":
    until = time.monotonic() + 30
    while True:
        try:
            return psycopg.connect(address, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
