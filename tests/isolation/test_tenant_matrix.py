"""Every route, role and tenant: what is another's is as unknown as what never was."""

import pytest

from clients.models import Outcome, PredictionLog, UploadBatch
from tests.isolation import matrix
from tests.isolation.tenants import full_side, ring, without_scoping


@pytest.fixture
def ten(tiers):
    return [full_side(number, tiers["premium"]) for number in range(10)]


def check(walk):
    assert walk.wrong == [], f"{len(walk.wrong)} of {walk.size} answers were wrong"
    # One body for each refusal, whatever was asked for and whosever it is.
    assert {status: len(bodies) for status, bodies in walk.refusals.items()}.items() <= {
        401: 1,
        403: 1,
        404: 1,
    }.items()


def test_no_route_of_the_api_escapes_the_matrix():
    assert matrix.untold() == {"missing": set(), "gone": set()}


def test_every_role_gets_its_own_and_nothing_else(ten, record_property):
    walk = matrix.walk_fully(ten)
    record_property("requests", walk.size)
    print(f"tenant matrix: {len(matrix.TABLE)} routes, {walk.size} requests")
    check(walk)
    assert set(walk.refusals) == {401, 403, 404}
    for rows in (PredictionLog, Outcome):
        assert rows.objects.exists()
        written = rows.objects.values_list("client__slug", "model__client__slug", "row_id")
        assert all(owner == model and owner in row for owner, model, row in written)
    assert UploadBatch.objects.values("model__client").distinct().count() == len(ten)


def test_in_a_ring_of_a_thousand_nobody_sees_its_neighbour(tiers):
    walk = matrix.walk_ring(ring(1000, tiers["basic"]))
    print(f"ring: {len(walk.sides)} clients, {walk.size} requests")
    check(walk)
    assert set(walk.refusals) == {404}


def test_without_the_scoping_of_queries_the_matrix_would_show_others_rows(tiers):
    """The matrix has teeth: on a database without the second wall the accident is seen."""
    sides = ring(3, tiers["basic"])
    with without_scoping():
        walk = matrix.walk_ring(sides)
    assert len(walk.wrong) >= len(sides)
    assert any("shows" in line for line in walk.wrong)
