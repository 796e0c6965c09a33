"""The bulk writer on both databases: the same rows, and exactly once whoever sends them at once."""

import json

import pytest

from tests.clients.ingest_drive import CLIENTS, COUNT, NASTY
from tests.on_both import BOTH, what_it_says


@pytest.fixture(params=BOTH)
def said(request, tmp_path):
    return what_it_says("tests.clients.ingest_drive", request, tmp_path)


def test_every_upload_is_stored_whole_and_once(said):
    kinds = said["kinds"]
    assert kinds["counts"] == [[4, 1, 2, 0], [0, 5, 0, 0], [1, 0, 0, 2]]
    assert (kinds["refused"], kinds["left_in_the_stage"], kinds["days"]) == (409, 0, 3)
    assert kinds["apart"] == 2
    assert [json.loads(kinds["quarantined"][0])["id"], kinds["quarantined"][1]] == ["bare", "{"]
    logs = {log["row_id"]: log for log in kinds["logs"]}
    assert list(logs) == ["bare", "early", "more", f"nasty {NASTY}".strip(), "plain"]
    nasty, plain, bare, early = (
        logs[key] for key in (f"nasty {NASTY}".strip(), "plain", "bare", "early")
    )
    assert (nasty["input"], nasty["context"]) == ({"text": NASTY}, {NASTY: NASTY})
    assert nasty["prediction"] == NASTY.strip()
    assert (plain["timestamp"], plain["context"]) == ("2025-03-01 05:24:34.500000+00:00", {})
    assert (bare["answered"], bare["model_version"], bare["confidence"]) == ("none", "", None)
    assert (early["label"], early["label_source"], early["thumbs"]) == (
        NASTY.strip(),
        "review",
        "up",
    )
    assert early["signals"] == {"note": NASTY} and early["labelled_at"] == early["received_at"]

    # Everybody was answered, nothing is there twice, and no label is lost between row and waiting.
    assert said["at_once"] == {
        "accepted": COUNT,
        "duplicates": (CLIENTS - 1) * COUNT,
        "stored": COUNT,
        "labelled": COUNT,
        "waiting": 0,
        "batches": COUNT,
    }


def test_whoever_changes_the_same_rows_waits_and_nobody_in_a_circle(said):
    told = said["crossing"]["told"]
    assert told == [[kind, n] for kind, n in told if isinstance(n, int)]
    # The answers of one are there when the other looks; everybody's reaction is kept.
    assert [n for kind, n in told if kind == "answers"] == [0, 3000]
    assert said["crossing"]["whole"] == COUNT
