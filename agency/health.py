"""Probes for whoever restarts and routes: is the process up, and can it work?"""

from collections.abc import Callable

from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def storage() -> bool:
    default_storage.exists("sha256/probe")
    return True


# The broker is none of them: without it work waits, and nothing is lost or refused.
CHECKS: tuple[Callable[[], bool], ...] = (database, migrations, storage)


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; says nothing of what it stands on."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where requests can be served, 503 with the names of what is not ready."""
    failed = [check.__name__ for check in CHECKS if not _holds(check)]
    if failed:
        return JsonResponse({"status": "not ready", "failed": failed}, status=503)
    return JsonResponse({"status": "ready"})


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # whatever the driver raises, the answer is: not ready
        return False
