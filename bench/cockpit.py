"""What does the staff's first page cost at a thousand clients?

    python bench/cockpit.py [--clients 1000] [--postgres] [--keep HOME]

Makes the clients in an empty instance: one to three models each, a year of checks, and something that
waits at every client: alerts at all, at one in three a decision or a broken feed, reports, mails, rows
set aside, staff time. Then asks for the page as a signed-in approver does, whole, through all
middleware: prints queries, median, fastest and slowest milliseconds of 20 requests, and CPU milliseconds of
this process. ``--keep`` fills an instance that stays, to be looked at in a browser.
"""

import argparse
import os
import random
import statistics
import sys
import time
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.live_models import go_live
from bench.postgres import private_postgres
from bench.throwaway import instance

NOW = datetime.now(UTC)
CHECKS, REQUESTS, SEED = 12, 20, 7
WAITING = ("pending_approval", "curating", "undecided", "upstream", "needs_labels", "failed")
SIGNALS = [
    {"name": "prediction_psi", "value": 0.05, "critical": 0.1, "tripped": False},
    {"name": "error_rate", "change": {"delta": 0.05, "low": 0.01, "high": 0.09, "n_after": 120}},
]
NAMES = ("Alder", "Birch", "Cedar", "Dune", "Elm", "Fjord", "Grove", "Harbour", "Isle", "Juniper")
TRADES = (
    "Dental",
    "Legal",
    "Retail",
    "Freight",
    "Clinic",
    "Bank",
    "Foods",
    "Energy",
    "Care",
    "Air",
)
MODELS = ("Tickets", "Claims", "Returns")


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def fill(clients: int) -> None:
    """The rows, from one seed."""
    from clients import models as c
    from retraining import models as r
    from retraining.policy import Policy

    chance = random.Random(SEED)
    tiers = list(c.Tier.objects.all())
    made = c.Client.objects.bulk_create(
        c.Client(
            slug=f"c{i}",
            name=f"{NAMES[i % 10]} {TRADES[i // 10 % 10]} {i // 100 + 1}",
            domain="finance",
            timezone=("Europe/Berlin", "America/New_York", "Asia/Kolkata")[i % 3],
            created_at=ago(days=400),
        )
        for i in range(clients)
    )
    schema = {"task": "text", "fields": [], "categories": ["a", "b"]}
    models = c.MaintainedModel.objects.bulk_create(
        c.MaintainedModel(
            client=client,
            slug=f"m{k}",
            name=MODELS[k],
            task="text",
            tier=tiers[i % 3],
            schema=schema,
            monthly_fee=None if i % 2 else 1500,
            created_at=ago(days=400),
        )
        for i, client in enumerate(made)
        for k in range(1 + i % 3)
    )
    versions = go_live(models, at=ago(days=400), learner="text")
    cycles = r.Cycle.objects.bulk_create(
        [_cycle(r.Cycle, v, n, i, Policy().snapshot()) for i, v in enumerate(versions)
         for n in range(CHECKS)],
        batch_size=500,
    )  # fmt: skip
    r.CycleTransition.objects.bulk_create(
        (
            r.CycleTransition(
                job=y,
                from_state=a,
                to_state=b,
                by="the loop",
                at=y.window_end + timedelta(minutes=m),
            )
            for y in cycles
            for m, (a, b) in enumerate((("monitoring", "diagnosing"), ("diagnosing", y.state)))
        ),
        batch_size=2000,
    )
    _waiting(made, models, [y for y in cycles if y.state == "curating"], chance)


def _cycle(cycle: Any, version: Any, number: int, at: int, policy: dict[str, Any]) -> Any:
    """The newest of every third model waits for somebody; the rest were healthy."""
    last = number == CHECKS - 1
    end = ago(days=1 + 30 * (CHECKS - 1 - number), hours=at % 24)
    if last and at % 40 == 7:
        end = ago(days=45)  # missed
    return cycle(
        model=version.model,
        state=WAITING[at // 3 % 6] if last and at % 3 == 0 else "healthy",
        window_start=end - timedelta(days=30),
        window_end=end,
        policy=policy,
        tier={"slug": "standard"},
        monitor={"signals": SIGNALS, "audit": {"estimate": 0.8, "low": 0.7, "high": 0.9, "n": 90}},
        seed=1,
        incumbent=version,
        created_at=end,
    )


def _waiting(clients: list[Any], models: list[Any], curating: list[Any], chance: Any) -> None:
    from clients import models as c
    from reports import models as p
    from retraining import models as r

    severities = ("watch", "watch", "act", "act", "fault")
    c.Alert.objects.bulk_create(
        c.Alert(
            model=m,
            key=f"signal:{n}",
            severity=chance.choice(severities) if n else "watch",
            message=f"confidence_psi is 0.{chance.randrange(10, 99)}, above 0.10: look at the diagnosis.",
            opened_at=ago(hours=chance.randrange(1, 400)),
        )
        for m in models
        for n in range(1 + m.pk % 3)
    )
    r.Proposal.objects.bulk_create(
        (
            r.Proposal(
                model=y.model, cycle=y, row_id=f"r{n}", source="override", input={"text": "x"},
                label="a", why="corrected",
            )
            for y in curating
            for n in range(60)
        ),
        batch_size=1000,
    )  # fmt: skip
    made = p.MonthlyReport.objects.bulk_create(
        (
            p.MonthlyReport(
                client=client, month=date(2026, n + 1, 1), revision=1, state="rendered",
                provisional=False, facts={}, facts_sha256="0" * 64, created_at=ago(days=20),
                **({} if n == 9 and client.pk % 2 else {"read_by": "lee", "read_at": NOW}),
            )
            for client in clients
            for n in range(10)
        ),
        batch_size=1000,
    )  # fmt: skip
    p.Delivery.objects.bulk_create(
        p.Delivery(
            report=report, name="Ada", email="a@b.invalid", created_at=ago(days=19),
            state="unknown" if report.pk % 300 == 0 else "sent",
        )
        for report in made
    )  # fmt: skip
    batches = c.UploadBatch.objects.bulk_create(
        c.UploadBatch(model=m, name="x", sha256="0" * 64, received_at=ago(days=2)) for m in models
    )
    c.QuarantinedRow.objects.bulk_create(
        c.QuarantinedRow(batch=b, line=1, pointer="/x", code="bad", detail="no", content="{}")
        for b in batches[::9]
    )
    c.StaffTime.objects.bulk_create(
        c.StaffTime(model=m, by="lee", kind="review", minutes=chance.randrange(5, 90), at=at)
        for m in models
        for at in (ago(minutes=5), ago(days=30))
    )


def approver() -> Any:
    """A signed-in browser of somebody with the role, not of a superuser, whom nobody asks."""
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.models import Group, User
    from django.test import Client

    user, _ = User.objects.get_or_create(username="bench", is_staff=True)
    user.groups.set([Group.objects.get(name="approver")])
    Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": {}})
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    return browser


def measure(clients: int) -> None:
    from django.db import connection

    from agency.cockpit.today import today
    from agency.cockpit.world import read_world

    browser = approver()
    queries: list[tuple[float, str]] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            queries.append((1000 * (time.perf_counter() - started), sql))

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the server does by itself before long
    browser.get("/admin/")  # templates are read and compiled once

    with connection.execute_wrapper(count):
        answer = browser.get("/admin/")
    world = read_world()
    waiting = today(world, at=NOW)
    print(f"{clients:,} clients, {len(world.models):,} models, {len(waiting):,} things wait")
    print(f"{len(queries)} queries, {len(answer.content) / 1000:.0f} kB")
    for took, sql in sorted(queries, reverse=True)[:3]:
        print(f"  {took:.0f} ms: {sql[:70]}")
    walls, cpus = [], []
    for _ in range(REQUESTS):
        started, used = time.perf_counter(), time.process_time()
        assert browser.get("/admin/").status_code == 200
        walls.append(1000 * (time.perf_counter() - started))
        cpus.append(1000 * (time.process_time() - used))
    ends = f"fastest {min(walls):.0f} ms, slowest {max(walls):.0f} ms"
    print(f"median {statistics.median(walls):.0f} ms of {REQUESTS}, {ends}")
    print(f"CPU: median {statistics.median(cpus):.0f} ms, least {min(cpus):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--postgres", action="store_true", help="on a private one, not on SQLite")
    parser.add_argument("--keep", default="")
    chosen = parser.parse_args()
    if chosen.keep:
        os.environ |= {"WHETSTONE_HOME": chosen.keep, "DJANGO_SETTINGS_MODULE": "agency.settings"}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        fill(chosen.clients)
        measure(chosen.clients)
        return
    server = private_postgres() if chosen.postgres else nullcontext(("", ""))
    with server as (address, _), instance(address):
        fill(chosen.clients)
        measure(chosen.clients)


if __name__ == "__main__":
    main()
