"""What a client's own key gets, and what it gets when something is wrong."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser
from rest_framework.exceptions import ValidationError

from agency.base.api import ExceptionHandler
from agency.base.errors import BadInput, Conflict, Corrupt, NotAllowed, NotFound
from agency.base.files import address
from clients.models import DatasetVersion


def body(response):
    found = response.json()
    found.pop("request_id")
    return found


def test_unknown_revoked_and_expired_keys_get_the_same_401_as_none(ask, alice, charlie):
    charlie.api_key.revoked = True
    charlie.api_key.save()
    nobody = ask("models")
    alice.api_key.expiry_date = datetime.now(UTC) + timedelta(days=1)
    alice.api_key.save()
    assert ask("models", alice).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        expired = ask("models", alice)
    refused = [
        expired,
        ask("models", charlie),
        ask("models", Authorization=f"Bearer {alice.key[:-1]}!"),
        ask("models", Authorization=f"Bearer {alice.key.partition('.')[0]}.{'x' * 32}"),
        ask("models", Authorization=f"Basic {alice.key}"),
        ask("models", Authorization="Bearer \x00.\x00"),
    ]
    assert {response.status_code for response in [nobody, *refused]} == {401}
    assert [body(response) for response in refused] == [body(nobody)] * len(refused)


def test_a_key_is_kept_only_as_a_hash(alice):
    secret = alice.key.partition(".")[2]
    row = type(alice.api_key).objects.filter(pk=alice.api_key.pk).values().get()
    assert secret not in str(row)


def test_an_error_is_a_problem_with_the_id_of_its_request(ask, alice):
    response = ask("models/none/cycles", alice)
    found = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert response["X-Request-ID"] == found.pop("request_id")
    assert found == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "errors": [{"pointer": "", "code": "not_found", "detail": "Not found."}],
    }


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (BadInput("the label 'Mrs Miller' is none"), 422, "bad_input"),
        (NotFound("no client 'miller'"), 404, "not_found"),
        (Conflict("cycle 3 of miller is no longer pending"), 409, "conflict"),
        (NotAllowed("miller's tier has no right to it"), 403, "permission_denied"),
        (Corrupt("the file of miller is missing"), 503, "corrupt"),
        (ZeroDivisionError("miller"), 500, "error"),
    ],
)
def test_a_domain_error_has_its_status_and_quotes_nothing(raised, status, code, db):
    response = ExceptionHandler(raised, {"request": None}).run()
    assert (response.status_code, response.data["code"]) == (status, code)
    assert "miller" not in str(response.data).lower()


def test_a_fault_is_named_by_its_place(db):
    fault = ValidationError({"rows": [{}, {"label": ["This field is required."]}]})
    response = ExceptionHandler(fault, {"request": None}).run()
    assert response.status_code == 400
    assert [error["pointer"] for error in response.data["errors"]] == ["/rows/1/label"]


def test_pages_go_on_by_cursor_and_miss_no_row(ask, alice, client):
    first = DatasetVersion.objects.get(dataset__model=alice.model, dataset__kind="training")
    for number in range(2, 8):
        first.pk, first.number = None, number
        first.save(force_insert=True)
    seen, response = [], ask("models/tickets/datasets?limit=3", alice)
    while True:
        page = response.json()
        assert len(page["results"]) <= 3
        seen += [(row["dataset"], row["version"]) for row in page["results"]]
        if page["next"] is None:
            break
        response = client.get(page["next"], headers={"Authorization": f"Bearer {alice.key}"})
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize("position", ["p=abc", "p=%00", "p=-1", "p=1e5", "o=x", f"p={10**30}"])
def test_a_made_up_cursor_is_not_found_rather_than_a_fault_of_ours(position, ask, alice):
    cursor = b64encode(position.encode()).decode()
    assert ask(f"models?cursor={cursor}", alice).status_code == 404


def test_an_evaluation_shows_estimate_interval_and_n(ask, alice):
    (row,) = ask("models/tickets/evaluations", alice).json()["results"]
    assert row["accuracy"] == {"estimate": 0.9, "low": 0.6, "high": 0.98, "n": 10}
    assert (row["version"], row["golden_version"], row["cycle"]) == ("v1.0", 1, None)


def test_a_version_shows_its_hash_and_not_our_reference_of_drift(ask, alice):
    rows = ask("models/tickets/versions", alice).json()["results"]
    assert [row["version"] for row in rows] == ["v1.1", "v1.0"]
    assert "reference" not in rows[0]
    assert "secret" not in str(rows)


def test_a_cycle_shows_its_window_in_utc(ask, alice):
    (row,) = ask("models/tickets/cycles", alice).json()["results"]
    assert row["window"] == ["2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z"]
    assert (row["state"], row["reason"], row["verdict"]) == ("live", None, None)


def test_a_report_comes_as_facts_and_as_pdf(ask, alice):
    facts = ask(f"reports/{alice.report.pk}", alice).json()
    assert (facts["month"], facts["facts"]) == ("2025-03", {"client": "alice"})
    pdf = ask(f"reports/{alice.report.pk}/pdf", alice, Accept="application/pdf")
    assert (pdf.content, pdf["Content-Type"]) == (b"%PDF of alice", "application/pdf")
    assert 'filename="alice-2025-03-r1.pdf"' in pdf["Content-Disposition"]


def test_a_report_that_is_not_rendered_is_not_there_yet(ask, alice):
    alice.report.state = "frozen"
    alice.report.save()
    assert ask("reports", alice).json()["results"] == []
    assert ask(f"reports/{alice.report.pk}", alice).status_code == 404
    assert ask(f"reports/{alice.report.pk}/pdf", alice).status_code == 404


def test_a_damaged_pdf_is_refused_rather_than_sent(ask, alice, own_files, client):
    client.raise_request_exception = False
    (own_files / address(alice.report.pdf_sha256, ".pdf")).write_bytes(b"other bytes")
    response = ask(f"reports/{alice.report.pk}/pdf", alice, Accept="application/pdf")
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"


def test_an_address_that_is_none_is_a_problem_in_the_api_and_a_page_elsewhere(db):
    browser = Browser()
    assert browser.get("/api/v1/none")["Content-Type"] == "application/problem+json"
    assert browser.get("/none")["Content-Type"].startswith("text/html")


def test_the_documentation_loads_nothing_from_elsewhere(client, db):
    page = client.get("/api/v1/docs").content.decode()
    assert "swagger-ui" in page
    assert "https://" not in page
    assert "//cdn" not in page
