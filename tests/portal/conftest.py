import logging

import pytest

from tests.browser.helpers import make_member, make_staff
from tests.portal.portal_world import make_portal_world


@pytest.fixture(autouse=True)
def no_log_of_refusals():
    """Hundreds of answers here are refusals, as they are to be."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def harbour(tiers):
    """A client with something on every page."""
    return make_portal_world("harbour")


@pytest.fixture
def rival(tiers):
    """Another client, with the same."""
    return make_portal_world("rival")


@pytest.fixture
def visitor(client, harbour):
    """``visitor(role)``: the test's browser, signed in as that person of harbour or of ours."""

    def sign_in(role="lead", *clients, username="mia"):
        if role == "staff":
            person = make_staff("ana", groups=["read-only"], authenticator=False)
        else:
            person = make_member(*(clients or [harbour.client]), username=username, role=role)
        client.force_login(person.user)
        return client

    return sign_in
