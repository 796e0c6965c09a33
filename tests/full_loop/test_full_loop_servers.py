"""The whole loop with workers, on the embedded default and on PostgreSQL and Redis."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.servers)])
def instance(request, tmp_path):
    """Where the loop is to run: the environment of its processes, and nothing else differs."""
    env = os.environ | {"WHETSTONE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    if request.param == "servers":
        env |= {
            "DATABASE_URL": request.getfixturevalue("postgres_url"),
            "BROKER_URL": request.getfixturevalue("redis_url"),
        }
    return env


def test_the_loop_runs_in_workers_and_survives_the_death_of_one(instance, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.full_loop.drive"],
        cwd=ROOT,
        env=instance,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    servers = "DATABASE_URL" in instance
    assert said["database"] == ("postgresql" if servers else "sqlite")
    assert said["broker"] == ("redis" if servers else "spool")
    assert (tmp_path / "db.sqlite3").exists() is not servers
    assert (tmp_path / "spool").exists() is not servers

    assert said["claims_at_once"] == 1
    assert said["killed_in"] == {"state": "retraining", "candidate": None, "attempts": 1}
    assert said["worker_lost"]
    assert said["exit_code"] == 0

    assert said["due"], "the window ends at the boundary and not when the sweep came"
    assert said["steps"] == [
        "diagnosing",
        "collecting",
        "curating",
        "retraining",
        "comparing",
        "pending_approval",
        "rolling_out",
        "live",
    ]
    cycle = said["cycle"]
    assert (cycle["state"], cycle["reason"], cycle["live_version"]) == ("live", "decay", "v1.1")
    assert cycle["comparison"]["verdict"] == "promote"
    assert cycle["error"] is None
    # Trained twice, kept once.
    assert said["versions"] == ["v1.0", "v1.1"]
    assert said["runs"] == ["audit", "golden", "golden", "golden", "out_of_fold", "out_of_fold"]
    assert said["rollouts"] == [["launch", "anna"], ["immediate", "anna"]]
