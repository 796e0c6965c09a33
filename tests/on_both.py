"""A module of the tests, run as a program of its own on the embedded database or on the servers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BOTH = ["embedded", pytest.param("servers", marks=pytest.mark.servers)]


def what_it_says(module, request, home):
    """What ``module`` prints, which is one JSON object; ``request.param`` is one of ``BOTH``."""
    env = os.environ | {"WHETSTONE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    if request.param == "servers":
        env |= {"DATABASE_URL": request.getfixturevalue("postgres_url")}
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["vendor"] == ("postgresql" if request.param == "servers" else "sqlite")
    return found
