import logging
import os
import uuid
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import call_command

from clients.models import Tier
from tests.isolation.databases import default_database
from tests.isolation.parties import make_party


@pytest.fixture
def alice(tiers):
    """A client with its own key."""
    return make_party("alice", tiers["premium"])


@pytest.fixture
def charlie(tiers):
    """A stranger: another client, whose model has the same name."""
    return make_party("charlie", tiers["basic"])


@pytest.fixture
def ask(client):
    """GET an address under /api/v1/ with a party's key, or without one."""

    def get(address, party=None, **headers):
        if party is not None:
            headers["Authorization"] = f"Bearer {party.key}"
        return client.get(f"/api/v1/{address}", headers=headers)

    return get


@pytest.fixture(autouse=True)
def no_log_of_refusals():
    """Thousands of answers here are refusals and missing artifacts, as they are to be."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def migrated_postgres(django_db_blocker):
    """A migrated and otherwise empty database on script/test's PostgreSQL: its address."""
    server = os.environ.get("WHETSTONE_TEST_DATABASE_URL")
    if not server:
        pytest.skip("needs WHETSTONE_TEST_DATABASE_URL: run script/test")
    name = f"test_{uuid.uuid4().hex}"
    url = urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as cluster:
        cluster.execute(f"CREATE DATABASE {name}")
        with django_db_blocker.unblock(), default_database(url):
            call_command("migrate", verbosity=0)
        yield url
        cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def walled_url(migrated_postgres):
    """A copy of it for one test."""
    template = urlsplit(migrated_postgres)
    name = f"test_{uuid.uuid4().hex}"
    server = os.environ["WHETSTONE_TEST_DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as cluster:
        cluster.execute(f"CREATE DATABASE {name} TEMPLATE {template.path[1:]}")
        yield template._replace(path=f"/{name}").geturl()
        cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def walled(walled_url, django_db_blocker):
    """The default database is on PostgreSQL, behind the wall: its connection."""
    with django_db_blocker.unblock(), default_database(walled_url) as connection:
        yield connection


@pytest.fixture
def tiers_there(walled):
    """The three tiers, in the database behind the wall."""
    return {tier.slug: tier for tier in Tier.objects.all()}
