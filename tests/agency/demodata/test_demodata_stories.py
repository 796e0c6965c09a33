"""The stories that the clients' months tell are true of their rows."""

import json
from collections import Counter
from datetime import date, datetime

from agency.demodata import pathology as pathology_module
from agency.demodata import write_all
from agency.demodata.calendar import six_full_months
from agency.demodata.phrases import TOPICS
from agency.demodata.phrases_account import BORN, CAMPAIGN, CAMPAIGN_FILED
from agency.demodata.standin import StandIn
from agency.demodata.tickets import CUT_LENGTH, CUT_VERSION


def local_day(row):
    return datetime.fromisoformat(row["timestamp"]).date()


def accuracy(files, pairs):
    standin = StandIn(task=files.client.task)
    standin.fit(
        inputs=[inputs for inputs, _ in files.train],
        labels=[label for _, label in files.train],
    )
    answers = standin.answers([row["input"] for row, _ in pairs])
    right = [a == truth["true_label"] for a, (_, truth) in zip(answers, pairs, strict=True)]
    return sum(right) / len(right)


def test_the_born_category_appears_in_no_earlier_month_and_stays(tickets):
    shares = {
        month: sum(row["true_label"] == BORN for row in rows) / len(rows)
        for month, rows in tickets.truth.items()
    }
    assert list(shares.values())[:2] == [0, 0]
    assert all(0.08 < share < 0.14 for share in list(shares.values())[2:])
    for month in tickets.months[:2]:
        assert BORN not in {row["feedback"]["label"] for row in tickets.logs[month]}
    assert {label for _, label in tickets.train + tickets.golden} == set(TOPICS)
    labels = Counter(row["feedback"]["label"] for row in tickets.logs[tickets.months[2]])
    assert labels[BORN] >= 12
    (month,) = tickets.client.golden_additions
    assert month == tickets.months[2]
    added = tickets.dataset(tickets.client.golden_additions[month])
    assert [label for _, label in added] == [BORN] * 10


def test_the_campaign_lasts_a_weekend_and_all_its_labels_say_one_ordinary_category(
    tickets,
):
    month = tickets.months[3]
    campaign = [pair for pair in tickets.pairs(month) if pair[1]["event"] == "campaign"]
    assert all(truth["true_label"] == CAMPAIGN for _, truth in campaign)
    days = {local_day(row) for row, _ in campaign}
    assert len(days) == 4 and (max(days) - min(days)).days == 3
    assert min(days).weekday() == 4
    labels = Counter(row["feedback"]["label"] for row, _ in campaign)
    del labels[None]
    assert labels[CAMPAIGN_FILED] >= 0.85 * labels.total() >= 10
    others = [m for m in tickets.months if m != month]
    assert not any(row["true_label"] == CAMPAIGN for m in others for row in tickets.truth[m])


def test_truncated_tickets_are_exactly_those_of_the_faulty_release(tickets):
    for month in tickets.months:
        for row, truth in tickets.pairs(month):
            faulty = row["context"]["app_version"] == CUT_VERSION
            assert (truth["event"] == "truncated") == faulty
            if not faulty:
                assert truth["input_before_fault"] == ""
                continue
            whole = json.loads(truth["input_before_fault"])["text"]
            assert month == tickets.months[4]
            assert local_day(row).day >= 9
            assert row["context"]["channel"] == "mobile"
            assert row["input"]["text"] == whole[:CUT_LENGTH].rstrip()
    cut = [p for p in tickets.pairs(tickets.months[4]) if p[1]["event"] == "truncated"]
    rest = [p for p in tickets.pairs(tickets.months[4]) if p[1]["event"] == ""]
    assert len(cut) > 70
    assert accuracy(tickets, cut) < accuracy(tickets, rest) - 0.15


def test_the_declared_sale_holds_only_known_categories(tickets):
    (event,) = tickets.client.events
    month = tickets.months[5]
    sale = [pair for pair in tickets.pairs(month) if pair[1]["event"] == "sale"]
    assert len(sale) == 45
    for row, truth in sale:
        at = datetime.fromisoformat(row["timestamp"])
        assert event["starts_at"] <= at < event["ends_at"]
        assert truth["true_label"] in TOPICS
    assert accuracy(tickets, sale) > 0.8


def test_two_digits_are_unseen_at_launch_and_stay_once_there(digits):
    assert {label for _, label in digits.train + digits.golden} == set("01234567")
    for number, month in enumerate(digits.months):
        counts = Counter(row["true_label"] for row in digits.truth[month])
        assert (counts["8"] >= 15 and counts["9"] >= 15) == (number >= 2)
        assert (counts["8"] + counts["9"] > 0) == (number >= 2)
    (month,) = digits.client.golden_additions
    assert month == digits.months[2]
    labels = [label for _, label in digits.dataset(digits.client.golden_additions[month])]
    assert Counter(labels) == {"8": 10, "9": 10}


def test_a_long_demo_begins_again_with_jittered_digits(tmp_path):
    months = six_full_months(date(2026, 7, 1), 10)
    client = write_all(folder=tmp_path, months=months, seed=4)[1]
    rows = [
        tuple(json.loads(line)["input"].values())
        for paths in client.logs.values()
        for line in paths[0].read_text().splitlines()
    ]
    assert len(rows) == 1900
    assert len(set(rows)) > 1890
    assert all(0 <= value <= 64 for row in rows for value in row)


def test_the_unit_changes_by_the_stated_factor_on_the_stated_days_only(pathology):
    field = pathology_module.UNIT_FIELD
    for month in pathology.months:
        for row, truth in pathology.pairs(month):
            broken = month == pathology.months[3] and local_day(row).day >= 8
            assert (truth["event"] == "unit_change") == broken
            if not broken:
                assert row["input"][field] > 20
                continue
            before = json.loads(truth["input_before_fault"])
            assert abs(row["input"][field] / before[field] - 0.001) < 1e-7
            assert {k: v for k, v in row["input"].items() if k != field} == {
                k: v for k, v in before.items() if k != field
            }


def test_the_unit_change_matters_for_the_answers(pathology):
    quiet = accuracy(pathology, pathology.pairs(pathology.months[2]))
    broken = [p for p in pathology.pairs(pathology.months[3]) if p[1]["event"]]
    assert len(broken) > 80
    assert accuracy(pathology, broken) < quiet - 0.15
    after = accuracy(pathology, pathology.pairs(pathology.months[4]))
    assert after > quiet - 0.06
