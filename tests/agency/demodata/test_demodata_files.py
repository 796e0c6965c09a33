"""What holds for every demo client's files."""

import hashlib
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from agency.demodata import six_full_months, write_all
from agency.demodata.standin import StandIn

MODELS = ["tickets", "form-digits", "needle-samples"]
MONTHS = six_full_months(date(2026, 7, 14))
DOMAINS = {
    "customer_support",
    "legal",
    "healthcare",
    "e_commerce",
    "finance",
    "knowledge_base",
}


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_and_months_give_the_same_bytes_and_another_seed_does_not(
    tmp_path,
):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_all(folder=tmp_path / name, months=MONTHS, seed=seed)
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert first == again
    assert first.keys() == other.keys()
    assert all(first[name] != other[name] for name in first)


def test_three_clients_on_three_tiers(demo_files):
    clients = [files.client for files in demo_files.values()]
    assert sorted(client.tier for client in clients) == ["basic", "premium", "standard"]
    assert len({client.slug for client in clients}) == 3
    assert {client.domain for client in clients} <= DOMAINS
    assert len({client.timezone for client in clients}) == 3


@pytest.mark.parametrize("model", MODELS)
def test_launch_and_months_are_the_clients_own(demo_files, model):
    client = demo_files[model].client
    assert client.launch == datetime(2026, 1, 1, tzinfo=ZoneInfo(client.timezone))
    names = [f"{month:%Y-%m}" for month in MONTHS]
    assert list(client.logs) == list(client.truth) == names
    assert [story.month for story in client.stories] == names


@pytest.mark.parametrize("model", MODELS)
def test_rows_lie_strictly_within_the_clients_local_month_and_ids_are_unique(demo_files, model):
    files, seen = demo_files[model], set()
    zone = ZoneInfo(files.client.timezone)
    for month in files.months:
        times = [datetime.fromisoformat(row["timestamp"]) for row in files.logs[month]]
        assert all(at.tzinfo is not None for at in times)
        assert {f"{at.astimezone(zone):%Y-%m}" for at in times} == {month}
        assert times == sorted(times)
        assert [row["id"] for row in files.logs[month]] == [row["id"] for row in files.truth[month]]
        seen.update(row["id"] for row in files.logs[month])
    assert len(seen) == sum(len(rows) for rows in files.logs.values())


@pytest.mark.parametrize("model", MODELS)
def test_log_rows_are_unscored_and_carry_the_columns_of_the_training_set(demo_files, model):
    files = demo_files[model]
    columns = list(files.train[0][0])
    for rows in files.logs.values():
        for row in rows:
            assert set(row) == {"id", "timestamp", "input", "context", "feedback"}
            assert list(row["input"]) == columns
            assert (row["feedback"]["label"] is None) == (row["feedback"]["label_source"] is None)


@pytest.mark.parametrize("model", MODELS)
def test_no_input_stands_in_two_places(demo_files, model):
    files = demo_files[model]
    inputs = [tuple(row.items()) for row, _ in files.train + files.golden]
    for path in files.client.golden_additions.values():
        inputs += [tuple(row.items()) for row, _ in files.dataset(path)]
    for month in files.months:
        inputs += [
            tuple(row["input"].items())
            for row, truth in files.pairs(month)
            if truth["event"] != "truncated"
        ]
    assert len(set(inputs)) == len(inputs)


@pytest.mark.parametrize(("model", "share"), [("tickets", 0.2), ("form-digits", 0.4)])
def test_people_review_label_and_err_at_the_stated_rates(demo_files, model, share):
    files = demo_files[model]
    pairs = [
        pair for month in files.months for pair in files.pairs(month) if pair[1]["event"] == ""
    ]
    reviewed = [pair for pair in pairs if pair[0]["feedback"]["label_source"] == "review"]
    assert abs(len(reviewed) / len(pairs) - share) < 0.04
    labelled = [pair for pair in pairs if pair[0]["feedback"]["label"] is not None]
    wrong = [row["feedback"]["label"] != truth["true_label"] for row, truth in labelled]
    assert wrong == [truth["label_is_wrong"] == "1" for _, truth in labelled]
    assert 0.02 < sum(wrong) / len(wrong) < 0.09
    thumbs = sum(row["feedback"]["thumbs"] is not None for row, _ in pairs)
    assert abs(thumbs / len(pairs) - 0.15) < 0.04
    overridden = sum(row["feedback"]["label_source"] == "override" for row, _ in pairs)
    assert 0 < overridden / len(pairs) < 0.1


@pytest.mark.parametrize("model", MODELS)
def test_a_model_trained_at_launch_does_plausibly_well_in_quiet_months(demo_files, model):
    files = demo_files[model]
    standin = StandIn(task=files.client.task)
    standin.fit(
        inputs=[inputs for inputs, _ in files.train],
        labels=[label for _, label in files.train],
    )
    rows = [pair for month in files.months[:2] for pair in files.pairs(month)]
    answers = standin.answers([row["input"] for row, _ in rows])
    right = sum(
        answer == truth["true_label"] for answer, (_, truth) in zip(answers, rows, strict=True)
    )
    assert 0.86 <= right / len(rows) <= 0.96


def test_with_fewer_months_the_later_happenings_stay_away(tmp_path):
    clients = write_all(folder=tmp_path, months=MONTHS[:1], seed=3)
    for client in clients:
        assert list(client.logs) == ["2026-01"]
        assert client.golden_additions == {}
        assert client.events == ()
        assert [story.right_action for story in client.stories] == ["None: nothing changed."]
