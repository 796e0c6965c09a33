"""What does a tick of the clock cost over many models, few of which are due?

    python bench/tick.py [--models 10000] [--due 100] [--database URL]

Makes that many live models (ten a client), each checked once, and lets the sweep find and start the
checks that are due; then the same for days to profile and rows to answer. Beside it the conventional
way: a task for every model that looks for itself, each with its message and its queries. Prints CPU
seconds of this process and wall seconds, messages and queries.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.live_models import clients_of, live_models
from bench.throwaway import cpu_seconds, instance

MARCH, APRIL = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC)
LAUNCH = datetime(2025, 2, 1, tzinfo=UTC)
LINE = "{:44} {:>9} {:>9} {:>9} {:>9}"


def fill(models: int, due: int) -> None:
    """Live models that were last checked on 1 April, but for those that are due since."""
    from clients import models as c
    from retraining import models as r
    from retraining.policy import Policy

    clients = clients_of(models // 10, at=LAUNCH)
    schema = {"task": "text", "fields": [], "categories": ["a", "b"]}
    versions = live_models([clients[i // 10] for i in range(models)], schema, at=LAUNCH)
    policy = Policy().snapshot()
    step = max(1, models // due)
    late = set(range(0, step * due, step))
    r.Cycle.objects.bulk_create(
        [
            r.Cycle(
                model=v.model,
                state="healthy",
                window_start=LAUNCH if i in late else MARCH,
                window_end=MARCH if i in late else APRIL,
                policy=policy,
                tier={},
                seed=1,
                incumbent=v,
                created_at=APRIL,
            )
            for i, v in enumerate(versions)
        ],
        batch_size=500,
    )
    rows = [versions[i].model for i in sorted(late)]
    c.PredictionLog.objects.bulk_create(
        c.PredictionLog(
            client_id=m.client_id,
            model=m,
            row_id="r",
            timestamp=MARCH + timedelta(days=3),
            input={"text": "x"},
            content_sha256="0" * 64,
            answered="client",
            prediction="a",
            confidence=0.5,
            received_at=APRIL,
        )
        for m in rows
    )
    c.LogDay.objects.bulk_create(
        c.LogDay(client_id=m.client_id, model=m, day=date(2025, 3, 4), changed_at=APRIL)
        for m in rows
    )


def told(name: str, work: Callable[[], Any]) -> float:
    """Print what the work cost; its CPU seconds."""
    from django.db import connection

    sent: list[Any] = []
    queries: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    with (
        patch("agency.base.dispatch.current_app.send_task", lambda *a, **k: sent.append(a)),
        connection.execute_wrapper(count),
    ):
        started = time.perf_counter()
        cpu, _ = cpu_seconds(work)
        wall = time.perf_counter() - started
    print(LINE.format(name, f"{cpu:.2f}", f"{wall:.2f}", len(sent), len(queries)))
    return cpu


def every_model(at: datetime) -> None:
    """The conventional way: one message a model, whose task loads the model and looks."""
    from agency.base import clock
    from agency.base.dispatch import enqueue
    from clients.models import MaintainedModel
    from retraining.models import Cycle
    from retraining.services.cadence import due_check

    for pk in MaintainedModel.objects.values_list("pk", flat=True):
        enqueue("look", pk)
        model = MaintainedModel.objects.select_related("client", "tier").get(pk=pk)
        last = Cycle.objects.filter(model=model).order_by("-window_end").first()
        due_check(
            every_days=model.tier.check_every_days,
            checked_to=last.window_end if last else None,
            launched_at=model.created_at,
            now=at,
            zone=clock.zone_of(model.client.timezone),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--due", type=int, default=100)
    parser.add_argument("--database", default="")
    chosen = parser.parse_args()
    with instance(chosen.database):
        from retraining import services

        fill(chosen.models, chosen.due)
        at = APRIL + timedelta(hours=1)
        print(f"{chosen.models:,} models, {chosen.due:,} due")
        print(LINE.format("", "CPU s", "wall s", "messages", "queries"))
        plain = told("a task for every model", lambda: every_model(at))
        first = told("the sweep, checks are due", lambda: services.sweep(at=at))
        told("the sweep again, nobody took them", lambda: services.sweep(at=at))
        told("days to profile", services.profile_dirty)
        print(f"a task for every model / the sweep: {plain / first:.0f} times")


if __name__ == "__main__":
    main()
