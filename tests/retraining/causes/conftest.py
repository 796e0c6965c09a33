"""Quiet months, made once: a test that breaks one makes a copy."""

from datetime import date

import pytest

from tests.retraining.causes.streams import quiet

MAY = date(2025, 5, 1)


@pytest.fixture(scope="session")
def text():
    return quiet("text", seed=1, month=MAY)


@pytest.fixture(scope="session")
def table():
    return quiet("table", seed=1, month=MAY)
