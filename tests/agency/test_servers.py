"""The same code on PostgreSQL and Redis, moved there by environment variables alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kombu import Connection

from agency.base.home import broker_settings

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.servers

# One process for all of it: starting Django is the larger part of the time.
BECOME_READY = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.test import Client
from clients.models import Tier

def probe():
    response = Client().get("/readyz")
    return response.status_code, response.json().get("failed")

print(connection.vendor, *probe())
call_command("migrate", verbosity=0)
print(connection.vendor, *probe(), Tier.objects.count())
from agency.base.tenancy import identity
from tests.factories import MaintainedModelFactory
pk = MaintainedModelFactory().pk
call_command("flush", interactive=False, verbosity=0)
print(identity().role, Tier.objects.count(), MaintainedModelFactory.create().pk == pk)
"""


def test_an_instance_on_postgresql_is_not_ready_until_migrated_and_then_is(postgres_url, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", BECOME_READY],
        cwd=ROOT,
        env=os.environ
        | {
            "WHETSTONE_HOME": str(tmp_path),
            "DATABASE_URL": postgres_url,
            "ALLOWED_HOSTS": "testserver",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.splitlines() == [
        "postgresql 503 ['migrations']",
        "postgresql 200 None 3",
        # Emptied by somebody who is no superuser, its numbers anew, the tiers as migrations made them.
        "whetstone_agency 3 True",
    ], done.stderr
    assert not (tmp_path / "db.sqlite3").exists()


def test_a_message_goes_through_redis(redis_url, tmp_path):
    url, options = broker_settings(redis_url, tmp_path)
    with Connection(url, transport_options=options) as connection:
        queue = connection.SimpleQueue("work")
        queue.put({"cycle": 12})
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"cycle": 12}
    assert list(tmp_path.iterdir()) == []
