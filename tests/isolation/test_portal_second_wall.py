"""The portal's pages behind the second wall: the database itself shows them one client's rows."""

import pytest
from django.test import Client as Browser

from agency.base import tenancy
from clients.models import MaintainedModel
from reports.portal import home, queries
from tests.browser.helpers import make_member, make_staff
from tests.portal.portal_matrix import TABLE, asked_of, expected, unknown
from tests.portal.portal_world import make_portal_world


@pytest.mark.servers
@pytest.mark.parametrize("role", ["lead", "staff"])
def test_every_page_works_as_the_client_that_it_is_about(walled, tiers_there, role):
    harbour, rival = make_portal_world("harbour"), make_portal_world("rival")
    if role == "staff":
        person = make_staff("ana", superuser=True, authenticator=False)
    else:
        person = make_member(harbour.client, role=role)
    browser = Browser()
    browser.force_login(person.user)
    wrong = []
    for asked in asked_of(harbour, rival, unknown()):
        for method in ("GET", "POST"):
            ask = browser.post if method == "POST" else browser.get
            answer = ask(asked.address, TABLE[asked.name].post or {})
            right = expected(asked, role, method)
            if answer.status_code != right:
                wrong.append(f"{method} {asked}: {answer.status_code}, not {right}")
    assert wrong == []
    assert tenancy.identity().role == tenancy.AGENCY


@pytest.mark.servers
def test_a_page_that_forgets_to_ask_whose_shows_its_own_client_only(
    walled, tiers_there, monkeypatch
):
    harbour, _rival = make_portal_world("harbour"), make_portal_world("rival")

    def everybodys(client):
        models = list(MaintainedModel.objects.select_related("tier"))
        for model in models:
            model.client = client
        return models

    monkeypatch.setattr(queries, "own_models", everybodys)
    assert home.queries is queries
    browser = Browser()
    browser.force_login(make_member(harbour.client).user)
    page = browser.get("/portal/harbour/").content.decode()
    assert "Intents of harbour" in page and "Intents of rival" not in page
