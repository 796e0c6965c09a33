"""An empty instance in this process, for benches that need its database: the embedded one, or
PostgreSQL's where `--database URL` names an empty one."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def instance(database: str = "") -> Iterator[None]:
    """Migrated and empty. Nothing of Django may be imported before, and only one can be had."""
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"WHETSTONE_HOME": home, "DJANGO_SETTINGS_MODULE": "agency.settings"}
        os.environ.pop("DATABASE_URL", None)
        if database:
            os.environ["DATABASE_URL"] = database
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        yield
        connections.close_all()


def cpu_seconds(work: Callable[[], Any], *, times: int = 1) -> tuple[float, Any]:
    """CPU seconds of this process (the fastest of so many runs), and what came out."""
    best, found = float("inf"), None
    for _ in range(times):
        started = time.process_time()
        found = work()
        best = min(best, time.process_time() - started)
    return best, found
