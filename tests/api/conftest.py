"""A client with a text model, its key, and a way to send things to the API."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from clients.models import ApiKey, Client, MaintainedModel
from clients.schema import Schema

AT = datetime(2025, 4, 1, tzinfo=UTC)


@dataclass
class Party:
    """A client's program: what it may reach, and its key."""

    client: Client
    model: MaintainedModel
    api_key: ApiKey
    key: str


def make_party(slug, tier, **key):
    client = Client.objects.create(
        slug=slug, name=slug.title(), domain="customer_support", timezone="UTC", created_at=AT
    )
    schema = Schema(task="text", fields=(), categories=("billing", "delivery"))
    model = MaintainedModel.objects.create(
        client=client,
        slug="desk",
        name="Desk",
        task="text",
        tier=tier,
        schema=schema.as_dict(),
        created_at=AT,
    )
    api_key, written = ApiKey.objects.create_key(name="integration", client=client, **key)
    return Party(client, model, api_key, written)


@pytest.fixture
def alice(tiers):
    return make_party("alice", tiers["premium"])


@pytest.fixture
def charlie(tiers):
    return make_party("charlie", tiers["premium"])


@pytest.fixture
def send(client):
    """POST a body to an address under /api/v1/; a list goes as a JSON array, a string as it is."""
    client.raise_request_exception = False

    def post(address, party, content, *, kind="application/json", **headers):
        if not isinstance(content, bytes | str):
            content = json.dumps(content)
        if party is not None:
            headers = {"Authorization": f"Bearer {party.key}", **headers}
        return client.post(f"/api/v1/{address}", content, content_type=kind, headers=headers)

    return post


@pytest.fixture
def ask(client):
    client.raise_request_exception = False

    def get(address, party, **headers):
        return client.get(
            f"/api/v1/{address}", headers={"Authorization": f"Bearer {party.key}", **headers}
        )

    return get


@pytest.fixture(scope="session")
def live(django_db_setup, django_db_blocker, tmp_path_factory):
    """The service running on a socket, with rows of its own; for tests marked ``django_db``."""
    from tests.api.live import service

    with django_db_blocker.unblock():
        folder = tmp_path_factory.mktemp("live")
        with service(folder) as found:
            yield found
