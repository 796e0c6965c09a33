"""How much a client may send, counted in the database."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.transaction import TransactionManagementError

from agency.base.errors import OverQuota
from clients.models import ApiKey, Client, Usage
from clients.quotas import check_rows, count_request, purge_usage, take_rows

AT = datetime(2025, 4, 1, 12, 0, 20, tzinfo=UTC)


@pytest.fixture
def acme(db):
    return Client.objects.create(
        slug="acme",
        name="Acme",
        domain="finance",
        created_at=AT,
        requests_a_minute=3,
        rows_a_day=1000,
    )


def used(kind):
    return Usage.objects.values_list("used", flat=True).get(kind=kind)


def take(client, n, at=AT):
    with transaction.atomic():
        return take_rows(client, n, at)


def test_requests_are_counted_by_the_minute(acme):
    assert [count_request(acme, AT) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(OverQuota) as refused:
        count_request(acme, AT)
    assert refused.value.retry_after == 40
    assert count_request(acme, AT + timedelta(seconds=40)) == 1


def test_one_clients_requests_are_nothing_to_another(acme):
    other = Client.objects.create(slug="other", name="Other", domain="legal", created_at=AT)
    for _ in range(3):
        count_request(acme, AT)
    assert count_request(other, AT) == 1


def test_rows_are_counted_by_the_day_and_a_refusal_counts_none(acme):
    assert take(acme, 600) == 600
    with pytest.raises(OverQuota) as refused:
        take(acme, 401)
    assert refused.value.retry_after == 12 * 3600 - 20
    assert used("rows") == 600
    assert take(acme, 400) == 1000
    assert take(acme, 1000, AT + timedelta(hours=12)) == 1000


def test_rows_are_not_counted_where_the_batch_is_not_stored(acme):
    with transaction.atomic():
        take_rows(acme, 600, AT)
        transaction.set_rollback(True)
    assert check_rows(acme, AT) == 1000


def test_looking_first_takes_nothing(acme):
    take(acme, 999)
    assert check_rows(acme, AT) == check_rows(acme, AT) == 1
    take(acme, 1)
    with pytest.raises(OverQuota):
        check_rows(acme, AT)


@pytest.mark.django_db(transaction=True)
def test_rows_cannot_be_counted_outside_of_a_transaction():
    acme = Client.objects.create(slug="acme", name="Acme", domain="finance", created_at=AT)
    with pytest.raises(TransactionManagementError):
        take_rows(acme, 1, AT)
    assert not Usage.objects.exists()


def test_without_a_limit_of_its_own_a_client_has_the_default(acme, settings):
    acme.requests_a_minute = acme.rows_a_day = None
    settings.REQUESTS_A_MINUTE = settings.ROWS_A_DAY = 1
    assert (count_request(acme, AT), take(acme, 1)) == (1, 1)
    with pytest.raises(OverQuota):
        count_request(acme, AT)
    acme.requests_a_minute = 0
    with pytest.raises(OverQuota):
        count_request(acme, AT + timedelta(minutes=1))


def test_too_many_requests_are_a_429_that_says_when_to_come_back(acme, client):
    _, key = ApiKey.objects.create_key(name="x", client=acme)
    with time_machine.travel(AT, tick=False):
        answers = [
            client.get("/api/v1/models", headers={"Authorization": f"Bearer {key}"})
            for _ in range(4)
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "40"
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert answers[-1].json()["code"] == "throttled"


def test_windows_that_are_over_are_purged(acme):
    for days in (0, 2, 100):
        count_request(acme, AT - timedelta(days=days))
        take(acme, 1, AT - timedelta(days=days))
    assert purge_usage(AT) == 3
    kept = Usage.objects.values_list("kind", flat=True).order_by("kind")
    assert list(kept) == ["requests", "rows", "rows"]
