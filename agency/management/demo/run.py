"""The whole demo: agency, processes, three histories side by side, and what came of them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from agency.base import clock
from agency.base.errors import BadInput, DomainError
from agency.demodata import DemoClient, DemoDataError, six_full_months, write_all
from agency.management import verification
from agency.management.demo import instance, servers, story
from agency.management.demo.history import History
from agency.management.processes import Children, ProcessError
from retraining.models import Cycle
from retraining.services import due_checks

DEFAULT_SEED = 1
MOST_MONTHS = 12
FULL_STORY = 6
# A month is over once it is over everywhere.
EVERYWHERE = timedelta(hours=12)

Say = Callable[[str], None]


@dataclass
class Demo:
    """What there is once the demo has run; ``failed`` is empty where all of it went well."""

    home: Path
    admin: str
    user: str
    password: str
    clients: list[story.ClientTold]
    children: dict[str, int]
    seconds: float = 0.0
    verified: dict[str, int] = field(default_factory=dict)
    readers: list[str] = field(default_factory=list)
    readers_password: str = ""
    failed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def pdfs(self) -> list[str]:
        return [month.report for client in self.clients for month in client.months if month.report]

    def as_json(self) -> dict[str, Any]:
        return {
            "home": str(self.home),
            "admin": {"url": self.admin, "user": self.user, "password": self.password},
            "portal": {
                "url": self.admin.replace("/admin/", "/portal/"),
                "users": self.readers,
                "password": self.readers_password,
            },
            "mail": str(self.home / "mail"),
            "pdfs": self.pdfs,
            "clients": [story.as_json(client) for client in self.clients],
            "processes": self.children,
            "verified": self.verified,
            "failed": self.failed,
            "warnings": self.warnings,
            "seconds": round(self.seconds, 1),
        }

    def in_words(self) -> str:
        checked = ", ".join(f"{n} {what}" for what, n in self.verified.items())
        parts = [
            story.table(self.clients),
            f"Verified: {checked}.",
            "Reports:\n" + "\n".join(f"  {path}" for path in self.pdfs),
            f"Admin: {self.admin}\nLogin: {self.user}  password: {self.password}\n"
            "Here staff sign in without a second factor (STAFF_MFA=optional), because these are "
            "made-up data on your own machine; anywhere else it is required.",
            f"Portal, as a client sees it: {self.admin.replace('/admin/', '/portal/')}\n"
            f"Login: {' or '.join(self.readers)}  password: {self.readers_password}",
            f"Mails that went out are files in {self.home / 'mail'}; the last month's reports wait in "
            "the admin to be read.",
        ]
        parts += [f"Note: {warning}" for warning in self.warnings]
        parts += [f"FAILED: {failure}" for failure in self.failed]
        parts.append(f"{self.seconds:.0f} seconds.")
        return "\n\n".join(parts)


def write_data(*, home: Path, months: int, seed: int, now: datetime) -> list[DemoClient]:
    """The clients' files for the full months before ``now``, and for the month that goes on."""
    if not 1 <= months <= MOST_MONTHS:
        raise BadInput(f"the demo tells 1 to {MOST_MONTHS} months, not {months}")
    today = (now - EVERYWHERE).date()
    try:
        full = six_full_months(today, months)
        return write_all(folder=home / "demo-data", months=[*full, today.replace(day=1)], seed=seed)
    except DemoDataError as error:
        raise BadInput(str(error)) from error


def run(*, children: Children, months: int, seed: int, say: Say) -> Demo:
    """Run the demo in this instance with ``children``, who are left running.

    ``BadInput`` where it cannot begin. What goes wrong later is in the result's ``failed``.
    """
    started, now, home = time.monotonic(), clock.now(), Path(settings.HOME)
    instance.check_empty(home)
    children.hold(instance.lock(home))
    data = write_data(home=home, months=months, seed=seed, now=now)
    user, password = instance.make_agency()
    say(f"starting web and {servers.WORKERS} workers; logs are in {children.logs}")
    address = servers.start_web(children)
    servers.start_workers(children)
    folder = home / "reports"
    folder.mkdir(exist_ok=True)
    ready = threading.Event()
    histories = [
        History(
            demo=demo,
            months=months,
            until=now,
            by=user,
            folder=folder,
            children=children,
            ready=ready,
            say=say,
        )
        for demo in data
    ]
    failed = _walk(histories, children, ready, address, say)
    told = [history.told for history in histories]
    readers, readers_password = instance.make_readers()
    demo = Demo(
        *(home, f"{address}/admin/", user, password, told, {}),
        readers=readers,
        readers_password=readers_password,
        failed=failed,
    )
    if not failed:
        _finish(demo, children, address, say)
    _compare(demo, ordinary=seed == DEFAULT_SEED and months >= FULL_STORY)
    demo.children = {child.name: child.pid for child in children.running}
    demo.seconds = time.monotonic() - started
    return demo


def _walk(
    histories: list[History], children: Children, ready: threading.Event, address: str, say: Say
) -> list[str]:
    """All clients side by side, each in a thread that waits for the workers; what failed."""
    failed: list[str] = []

    def walk(history: History) -> None:
        try:
            history.walk()
        except Exception as error:
            text = str(error) if isinstance(error, DomainError) else repr(error)
            if not children.stopping:
                failed.append(f"{history.path}: {text}")
                say(f"{history.path}  FAILED: {text}")
        finally:
            connection.close()

    threads = [threading.Thread(target=walk, args=[h], daemon=True) for h in histories]
    for thread in threads:
        thread.start()
    try:
        servers.wait_for_web(children, address)
        servers.wait_for_workers(children)
        say(f"{address} is ready, the workers answer")
        ready.set()
    except ProcessError as error:
        failed.append(str(error))
        children.give_up()
    for thread in threads:
        # In small steps, so that Ctrl-C is heard.
        while thread.is_alive():
            thread.join(timeout=0.5)
    return failed


def _finish(demo: Demo, children: Children, address: str, say: Say) -> None:
    """Beat joins in, finds nothing overdue; all that is stored is derived again."""
    cycles = Cycle.objects.count()
    try:
        servers.start_beat(children, demo.home)
        say("the history is in: beat starts; verifying all that is stored")
        found = verification.verify(model=None)
        demo.verified = dict(found.checked)
        demo.failed += [
            f"verify: {failure.what} {failure.id}: {failure.why}" for failure in found.failed
        ]
        servers.check_login_page(address)
        servers.wait_for_tick(children)
        children.check()
    except ProcessError as error:
        demo.failed.append(str(error))
    overdue = [str(model) for model, _ in due_checks(at=clock.now())]
    demo.failed += [f"{name}: a check is overdue" for name in overdue]
    if Cycle.objects.count() != cycles:
        demo.failed.append("the first sweep started a cycle: something was overdue")
    if not overdue:
        say("beat's first sweep found nothing overdue")


def _compare(demo: Demo, *, ordinary: bool) -> None:
    """A story that was not found is a failure; only a warning with another seed or fewer months."""
    (demo.failed if ordinary else demo.warnings).extend(story.missed(demo.clients))
