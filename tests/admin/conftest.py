"""A signed-in member of staff, and something to look at."""

import pytest

from tests.admin.admin_world import make_world
from tests.factories import UserFactory


@pytest.fixture
def staff(db, client):
    """A superuser, signed in on ``client``."""
    user = UserFactory(username="dana", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def world(db):
    return make_world()
