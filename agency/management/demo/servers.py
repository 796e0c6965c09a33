"""The demo's processes: web, two workers, beat, and whether they are ready."""

import os
import re
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from agency.celery import app
from agency.management.processes import Children, ProcessError, listen

WORKERS = 2
"""As many as the smallest machine has cores: clients do not wait for each other."""
START_SECONDS = 120.0
TICK_SECONDS = 60.0
# --pool=solo: a task runs in the worker's own process. The rest is talk between workers, which
# costs files on a broker made of files.
WORKER = ("--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat")


def children(home: Path) -> Children:
    """Our processes in the instance ``home``; they see the same settings as we do."""
    environment = {
        **os.environ,
        "WHETSTONE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "agency.settings",
        "PYTHONUNBUFFERED": "1",
        # An instance of made-up data on the loopback, made to be looked at by whoever starts it.
        "STAFF_MFA": "optional",
    }
    # Reports that were read go out as files, to be looked at, and to nobody.
    environment.setdefault("EMAIL_URL", f"filemail:///{home / 'mail'}")
    # Two workers on two cores: one thread each is faster than two that wait for each other.
    environment.setdefault("OMP_NUM_THREADS", "1")
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    return Children(logs=home / "log", folder=Path(settings.BASE_DIR), environment=environment)


def start_web(children: Children) -> str:
    """Start gunicorn on a free port of the loopback; its address."""
    with listen() as socket:
        port = socket.getsockname()[1]
        children.start(
            "web",
            [
                *(sys.executable, "-m", "gunicorn", "agency.wsgi:application"),
                *("--bind", f"fd://{socket.fileno()}"),
                *("--workers", "1", "--threads", "4", "--timeout", "120"),
            ],
            keep=[socket.fileno()],
        )
    return f"http://127.0.0.1:{port}"


def start_workers(children: Children) -> None:
    """Start the Celery workers."""
    for number in range(1, WORKERS + 1):
        children.start(
            f"worker-{number}",
            [
                *(sys.executable, "-m", "celery", "-A", "agency", "worker"),
                *("--hostname", f"demo-{number}@localhost", "--loglevel", "warning", *WORKER),
            ],
        )


def start_beat(children: Children, home: Path) -> None:
    """Start Celery beat. Only with the history in: before, its sweep finds half of it overdue."""
    children.start(
        "beat",
        [
            *(sys.executable, "-m", "celery", "-A", "agency", "beat", "--loglevel", "info"),
            *("--schedule", str(home / "beat-schedule"), "--pidfile", ""),
        ],
    )


def wait_for_web(children: Children, address: str) -> None:
    """Until the service says that it can serve requests."""
    children.wait_for(
        lambda: get(address, "/readyz")[0] == 200, what="the web process", seconds=START_SECONDS
    )


def wait_for_workers(children: Children) -> None:
    """Until all workers answer."""
    children.wait_for(
        lambda: len(app.control.ping(timeout=1.0, limit=WORKERS) or ()) >= WORKERS,
        what="the workers",
        seconds=START_SECONDS,
    )


def wait_for_tick(children: Children) -> None:
    """Until beat has sent its first sweep."""
    log = next(child.log for child in children.running if child.name == "beat")
    children.wait_for(
        lambda: "retraining.sweep" in log.read_text(errors="replace"),
        what="beat's first sweep",
        seconds=TICK_SECONDS,
    )


def get(address: str, path: str) -> tuple[int, bytes]:
    """Status and body of the answer to a GET; status 0 without an answer."""
    host = urlsplit(address)
    connection = HTTPConnection(host.hostname or "", host.port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def check_login_page(address: str) -> None:
    """``ProcessError`` unless the login page is there, with its style sheets."""
    path = "/accounts/login/"
    status, page = get(address, path)
    if status != 200:
        raise ProcessError(f"{address}{path} answers {status or 'nothing'}, not 200")
    sheets = re.findall(r'href="(/[^"]+\.css)[^"]*"', page.decode())
    missing = [sheet for sheet in sheets if get(address, sheet)[0] != 200]
    if not sheets or missing:
        raise ProcessError(f"{path} lacks its style sheets: {', '.join(missing) or 'none named'}")
