"""What the lists and reports of two clients show to each other; every address is in the matrix."""

import json

import pytest

LISTS = {
    "models": 1,
    "models/<slug:model>/datasets": 2,
    "models/<slug:model>/versions": 2,
    "models/<slug:model>/evaluations": 1,
    "models/<slug:model>/cycles": 1,
    "models/<slug:model>/comparisons": 1,
    "models/<slug:model>/rollouts": 1,
    "reports": 1,
}
ITEMS = ["reports/<int:pk>", "reports/<int:pk>/pdf"]


def address(route, party, *, model="tickets", report=None):
    return route.replace("<slug:model>", model).replace("<int:pk>", str(report or party.report.pk))


def without_id(response):
    body = response.json()
    assert len(body.pop("request_id")) == 32
    return body


@pytest.mark.parametrize("route", [*LISTS, *ITEMS])
def test_without_a_key_nothing_is_answered(route, ask, alice):
    response = ask(address(route, alice))
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("route", "rows"), LISTS.items())
def test_a_list_holds_the_rows_of_the_asking_client_and_no_others(route, rows, ask, alice, charlie):
    mine, theirs = (ask(address(route, party), party) for party in (alice, charlie))
    assert mine.status_code == theirs.status_code == 200
    assert len(mine.json()["results"]) == len(theirs.json()["results"]) == rows
    assert "charlie" not in mine.content.decode().lower()
    assert "alice" not in theirs.content.decode().lower()


@pytest.mark.parametrize("route", [route for route in LISTS if "<slug:model>" in route])
def test_a_model_of_another_client_is_as_unknown_as_one_that_is_not(route, ask, alice, charlie):
    charlie.model.slug = "only-theirs"
    charlie.model.save()
    theirs = ask(address(route, alice, model="only-theirs"), alice)
    none = ask(address(route, alice, model="no-such-model"), alice)
    assert theirs.status_code == none.status_code == 404
    assert without_id(theirs) == without_id(none)


@pytest.mark.parametrize("route", ITEMS)
def test_a_report_of_another_client_is_as_unknown_as_one_that_is_not(route, ask, alice, charlie):
    assert ask(address(route, alice), alice).status_code == 200
    theirs = ask(address(route, charlie), alice)
    none = ask(address(route, alice, report=10**6), alice)
    assert theirs.status_code == none.status_code == 404
    assert without_id(theirs) == without_id(none)


def test_the_schema_needs_no_key_and_says_that_the_rest_does(ask, db):
    response = ask("schema", Accept="application/vnd.oai.openapi+json")
    assert response.status_code == 200
    schema = json.loads(response.content)
    assert schema["components"]["securitySchemes"]["clientKey"]["scheme"] == "bearer"
    assert all(
        [list(scheme) for scheme in operation["security"]] == [["clientKey"]]
        for path in schema["paths"].values()
        for operation in path.values()
    )
