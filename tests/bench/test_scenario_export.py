"""A simulated half-year as a folder: what is written is what happened, and benches can read it."""

import json
from itertools import pairwise

import pandas as pd
import pytest

from bench.instance import Folder, next_month, rows_of
from bench.scenarios import expected_verdict
from bench.simulation.export import write_scenario
from bench.simulation.stories import story_of
from bench.simulation.streams import play, seeds_of
from bench.simulation.world import launch_of
from bench.strategies import launch_rows, month_of


@pytest.fixture(scope="module", params=["text", "spring"])
def story(request):
    return next(s for s in map(story_of, seeds_of("tuning")) if s.kind == request.param)


@pytest.fixture(scope="module")
def folder(story, tmp_path_factory):
    path = tmp_path_factory.mktemp("stories") / "one"
    write_scenario(story, path)
    return Folder(path)


def test_the_folder_holds_what_a_public_scenario_does(story, folder):
    months = folder.truth["months"]
    assert [month["month"] for month in months] == [1, 2, 3, 4, 5, 6]
    assert folder.task == ("text" if story.kind == "text" else "tabular")
    assert len(rows_of(folder.path / "golden.csv")) == 100
    assert all(next_month(a["calendar"]) == b["calendar"] for a, b in pairwise(months))
    for month in months:
        log = (folder.path / f"logs/month_{month['month']}.ndjson").read_text().splitlines()
        truth = rows_of(folder.path / f"truth/month_{month['month']}.csv")
        assert [json.loads(line)["id"] for line in log] == [row["id"] for row in truth]
        assert len(log) == month["rows"]


def test_right_actions_are_words_that_the_bench_knows(folder):
    verdicts = [expected_verdict(month["right_action"]) for month in folder.truth["months"]]
    assert verdicts[0] == "no_action"
    assert len(set(verdicts)) >= 3


def test_what_was_planted_is_in_the_files(story, folder):
    months = {month["month"]: month for month in folder.truth["months"]}
    for number, cause, _ in story.schedule:
        assert cause in [plant["cause"] for plant in months[number]["planted"]]
    if story.kind == "text":
        labels = {row["label"] for row in rows_of(folder.additions)}
        launch = launch_of(story.kind, story.world_seed)
        assert labels and labels.isdisjoint(launch.labels)
        assert folder.joins() == next(n for n, c, _ in story.schedule if c == "new_category")


def test_reading_a_month_back_gives_its_rows_labels_and_clean_inputs(story, folder):
    inputs, labels, spec = launch_rows(folder)
    launch = launch_of(story.kind, story.world_seed)
    assert set(spec.columns) == set(launch.world.spec.columns)
    # Rows that copy a golden one are set aside, as the product does; the others stand as they were.
    assert len(inputs) >= 0.98 * len(launch.training)
    sent = _pairs(launch.training[list(inputs)], launch.labels)
    following = iter(sent)
    assert all(pair in following for pair in _pairs(inputs, labels))
    for month, _ in play(story):
        read = month_of(folder, month.number, list(inputs))
        assert list(read.truth) == list(month.facts["truth"])
        pd.testing.assert_frame_equal(read.sent, month.inputs[list(inputs)], check_dtype=False)
        pd.testing.assert_frame_equal(read.clean, month.clean[list(inputs)], check_dtype=False)
        nowhere = month.facts["truth"].str.startswith("__").to_numpy()
        assert not (read.counts & nowhere).any()


def _pairs(inputs, labels):
    """(values, label) of each row; numbers as a file writes them."""
    rows = inputs.round(6).astype(str).itertuples(index=False, name=None)
    return list(zip(rows, map(str, labels), strict=True))


def test_a_folder_that_is_there_is_not_written_over(story, folder):
    with pytest.raises(FileExistsError):
        write_scenario(story, folder.path)
