"""Run as a process of its own: walk the loop with real workers on the instance of the environment.

This process is the client, the person and beat's tick; stages run in workers alone. One of them is
killed while it trains. What came of it is one JSON object on stdout.
"""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from agency.base.jobs import claim, release  # noqa: E402
from agency.celery import app  # noqa: E402
from clients.dataset_import import import_rows  # noqa: E402
from retraining import services  # noqa: E402
from retraining.models import Cycle, PolicyOverride, Proposal, State  # noqa: E402
from retraining.queries import cycle_json  # noqa: E402
from tests.full_loop.small_desk import SmallDesk, midnight_before  # noqa: E402

LOG = Path(os.environ["WHETSTONE_HOME"], "worker.log")
PATIENCE = 90.0
TICK = 0.5


def start_worker() -> subprocess.Popen:
    flags = ["--concurrency=1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with LOG.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "agency", "worker", "-l", "info", *flags],
            stdout=log,
            stderr=log,
        )


def kill_child_of(worker: subprocess.Popen) -> int:
    """SIGKILL to the process in which the stage runs; which it was."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    assert len(children) == 1, children
    os.kill(int(children[0]), signal.SIGKILL)
    return int(children[0])


def wait_for(holds, what):
    """Tick like beat until it holds."""
    until, ticked = time.monotonic() + PATIENCE, 0.0
    while not (found := holds()):
        if time.monotonic() > until:
            raise SystemExit(f"waited in vain for {what}\n{LOG.read_text()[-4000:]}")
        if time.monotonic() - ticked > TICK:
            ticked = time.monotonic()
            app.send_task("retraining.sweep", expires=5)
        time.sleep(0.02)
    return found


def onboard():
    now = timezone.now()
    launch = midnight_before(now, days=15)
    end = launch + timedelta(days=14)
    desk = SmallDesk()
    model = services.onboard(
        client="desk",
        model="tickets",
        name="",
        tier="premium",
        domain="customer_support",
        timezone="UTC",
        language="en",
        task="text",
        train=("train.csv", desk.train),
        golden=("golden.csv", desk.golden),
        as_of=launch,
        by="anna",
    ).model
    PolicyOverride.objects.create(
        model=model, name="lease_seconds", value=3, reason="a test is in a hurry", by="anna"
    )
    import_rows(
        model=model,
        kind="golden",
        content=desk.golden_added,
        name="added.csv",
        reason="a new category",
        by="anna",
        at=now,
    )
    files = [("logs.ndjson", desk.logs(launch, end))]
    services.import_logs(model=model, files=files, partial=False, ignore_predictions=False, at=now)
    return model, end


def claims_at_once(cycle, people=6):
    """How many of so many threads get the cycle, each with a connection of its own."""

    def take(_):
        try:
            lease = timedelta(seconds=60)
            return claim(Cycle, cycle.pk, at=timezone.now(), lease=lease, states=[cycle.state])
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        held = [one for one in pool.map(take, range(people)) if one is not None]
    for one in held:
        release(one)
    return len(held)


def rests(pk, state):
    found = Cycle.objects.filter(pk=pk, state=state, lease_until=None).first()
    if found is None and Cycle.objects.filter(pk=pk, state=State.FAILED).exists():
        raise SystemExit(f"the cycle failed: {Cycle.objects.get(pk=pk).error}")
    return found


def main():
    worker = start_worker()
    try:
        call_command("migrate", verbosity=0)
        User.objects.create_user("anna")
        model, end = onboard()
        cycle = wait_for(model.cycles.first, "the sweep to start the cycle that is due")
        cycle = wait_for(lambda: rests(cycle.pk, State.CURATING), "the proposals")
        at_once = claims_at_once(cycle)
        at = timezone.now()
        services.accept_proposals(
            proposals=Proposal.objects.filter(cycle=cycle, state="proposed"), by="anna", at=at
        )
        services.finish_curation(cycle=cycle, by="anna", at=at)
        training = Cycle.objects.filter(pk=cycle.pk, state=State.RETRAINING, attempts=1)
        wait_for(training.exists, "a worker to train")
        time.sleep(0.2)
        kill_child_of(worker)
        killed_in = Cycle.objects.values("state", "candidate", "attempts").get(pk=cycle.pk)
        cycle = wait_for(lambda: rests(cycle.pk, State.PENDING_APPROVAL), "the comparison")
        services.approve(cycle=cycle, by="anna", reason="it knows lockers", at=timezone.now())
        cycle = wait_for(lambda: rests(cycle.pk, State.LIVE), "the rollout")
    finally:
        worker.terminate()
        worker.wait()
    said = {
        "database": connection.vendor,
        "broker": app.connection_for_write().transport_cls,
        "claims_at_once": at_once,
        "killed_in": killed_in,
        "cycle": cycle_json(cycle),
        "due": end.isoformat() == cycle.window_end.isoformat(),
        "steps": [step.to_state for step in cycle.transitions.all()],
        "versions": [version.name for version in model.versions.order_by("number")],
        "runs": sorted(cycle.eval_runs.values_list("kind", flat=True)),
        "rollouts": list(model.rollouts.order_by("pk").values_list("strategy", "by")),
        "worker_lost": LOG.read_text().count("WorkerLostError"),
        "exit_code": worker.returncode,
    }
    print(json.dumps(said, default=str))


if __name__ == "__main__":
    main()
