"""PostgreSQL: with the scoping of every query removed, nobody sees another's row all the same."""

import pytest

from clients.models import Client, Outcome, PredictionLog
from tests.isolation import matrix
from tests.isolation.tenants import full_side, ring, without_scoping

pytestmark = pytest.mark.servers


def test_the_matrix_holds_on_postgresql_as_it_does_on_sqlite(tiers_there):
    walk = matrix.walk_fully([full_side(number, tiers_there["premium"]) for number in range(2)])
    assert walk.wrong == []


def test_the_matrix_holds_with_the_scoping_of_queries_removed(tiers_there):
    sides = [full_side(number, tiers_there["premium"]) for number in range(10)]
    with without_scoping():
        walk = matrix.walk_fully(sides)
    print(f"second wall: {len(matrix.TABLE)} routes, {walk.size} requests, {len(walk.wrong)} wrong")
    assert walk.wrong == []
    for rows in (PredictionLog, Outcome):
        assert rows.objects.exists()
        written = rows.objects.values_list("client__slug", "model__client__slug", "row_id")
        assert all(owner == model and owner in row for owner, model, row in written)


def test_a_ring_of_a_thousand_holds_with_the_scoping_of_queries_removed(tiers_there):
    sides = ring(1000, tiers_there["basic"])
    with without_scoping():
        walk = matrix.walk_ring(sides)
    print(f"second wall, ring: {walk.size} requests, {len(walk.wrong)} wrong")
    assert walk.wrong == []
    assert Client.objects.count() == 1000
