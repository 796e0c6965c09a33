import pytest
from django.db import connection

from agency import health


def test_a_process_that_answers_is_healthy_whatever_its_database_does(client):
    # No database is allowed in this test at all.
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_migrated_instance_with_its_storage_is_ready(client, db):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_what_is_not_ready_is_named(client, db, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError("no such bucket of miller")

    monkeypatch.setattr(health.default_storage, "exists", broken)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reports'")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "failed": ["migrations", "storage"]}


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_are_for_reading(address, client):
    assert client.post(address).status_code == 405
