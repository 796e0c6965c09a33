"""What a monitor reads: counts by state, no names, and not for everybody."""

import pytest

from agency.base import clock
from tests import factories as make


@pytest.fixture
def world(db):
    model = make.MaintainedModelFactory(client=make.ClientFactory(slug="harbour", name="Harbour"))
    make.AlertFactory(model=model)
    make.CycleFactory(model=model, state="monitoring", created_at=clock.now())
    make.MonthlyReportFactory(client=model.client)


def test_what_waits_is_counted_by_state(client, world):
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.content.decode().splitlines()
    assert "whetstone_clients 1" in lines
    assert 'whetstone_cycles{state="monitoring"} 1' in lines
    assert 'whetstone_reports{state="rendered"} 1' in lines
    assert "whetstone_reports_to_read 1" in lines
    assert any(line.startswith("whetstone_alerts_open{severity=") for line in lines)


def test_every_figure_says_what_it_is_and_no_client_is_named(client, world):
    text = client.get("/metrics").content.decode()
    assert "harbour" not in text.lower()
    told = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    shown = {
        line.split("{")[0].split()[0] for line in text.splitlines() if not line.startswith("#")
    }
    assert shown <= told


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"REMOTE_ADDR": "203.0.113.9"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer s3cret"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": ""}, 403),
    ],
)
def test_they_are_read_from_this_machine_or_with_the_token(client, world, settings, asked, status):
    settings.METRICS_TOKEN = "s3cret"
    assert client.get("/metrics", **asked).status_code == status


def test_without_a_token_none_is_the_right_one(client, db, settings):
    settings.METRICS_TOKEN = ""
    asked = {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer "}
    assert client.get("/metrics", **asked).status_code == 403
