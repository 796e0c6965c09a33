"""Undecided, labelled blind, looked at again: as an integration does it, file by file."""

import json
from dataclasses import replace

import pytest

from retraining.stages import compare
from tests.retraining import world

pytestmark = pytest.mark.django_db

ASK = ["look_again", "acme/tickets", "--by", "lee", "--as-of", "2025-05-02", "--json"]


@pytest.fixture
def undecided(model, run, rng, lee, monkeypatch):
    """The JSON of a cycle whose gate wants labels of rows that are about ``login``."""
    real = compare.judge

    def judge(**asked):
        found = real(**asked)
        return replace(found, verdict="undecided", more_labels=8, asks={"lost:login": 8})

    world.load(model, world.month(rng, born=15))
    monkeypatch.setattr(compare, "judge", judge)
    _, out, _ = run(
        *("run_cycle", "acme/tickets", "--as-of", "2025-05-01", "--auto-curate"),
        *("--approve-as", lee, "--json"),
    )
    monkeypatch.setattr(compare, "judge", real)
    found = json.loads(out)
    assert found["state"] == "undecided"
    return found


def test_targeted_labels_that_come_by_file_decide_an_undecided_cycle(undecided, model, run, file):
    wanted = undecided["comparison"]["label_more"]["rows"]
    assert len(wanted) == 8
    code, _, said = run(*ASK)
    assert code == 2 and "no row that it asked for has a new label" in said
    rows = [
        world.row(
            0, log.timestamp, log.input["text"], id=log.row_id, label="login", source="targeted"
        )
        for log in model.logs.filter(row_id__in=wanted)
    ]
    code, out, said = run(
        "import_logs", "acme/tickets", file(world.log_file(rows), "l.ndjson"), "--json"
    )
    assert code == 0 and json.loads(out)["rejected"] == [], said
    code, out, _ = run(*ASK)
    found = json.loads(out)
    assert (code, found["state"], found["live_version"]) == (0, "live", "v1.1")
    assert found["comparison"]["attempt"] == 2
    assert len(found["comparison"]["asked"]["lost:login"]) == 8


def test_without_an_undecided_cycle_there_is_nothing_to_look_at(model, run, lee):
    code, out, said = run(*ASK)
    assert (code, out) == (2, "") and "no undecided cycle" in said
