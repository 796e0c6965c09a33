"""What earlier checks set aside: a fault to its end, its segment only, and no month twice."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from retraining.causes.history import Check, judged, marks, settled, standing

MAY_START, MAY_STOP = datetime(2025, 4, 30, 22, tzinfo=UTC), datetime(2025, 5, 31, 22, tzinfo=UTC)


def check(*, causes=(), excluded=(), fields=(), segments=()):
    findings = {
        "causes": [{"cause": cause} for cause in causes],
        "excluded_days": list(excluded),
        "suspect_fields": [
            {"acts": True, "until": None, "segment": None, "kind": "unit_change"} | f
            for f in fields
        ],
        "suspect_segments": [
            {"acts": True, "until": None, "cause": "truncated_input"} | s for s in segments
        ],
    }
    return Check(findings=findings, start=MAY_START, stop=MAY_STOP, end_day=date(2025, 6, 1))


def test_a_fault_is_marked_to_the_day_on_which_it_was_right_again(table):
    fault = {"field": "temp", "kind": "unit_change", "since": "2025-05-10", "until": "2025-05-20"}
    ((reason, mask),) = marks(check(fields=[fault]), table.now)
    days = table.now.rows["day"]
    assert reason == "upstream"
    assert (mask == ((days >= date(2025, 5, 10)) & (days < date(2025, 5, 20)))).all()


def test_a_fault_without_an_end_is_marked_to_the_end_of_the_window_that_found_it(table):
    fault = {"field": "temp", "kind": "unit_change", "since": "2025-04-10"}
    ((_, mask),) = marks(check(fields=[fault]), table.now)
    assert mask.all()
    short = Check(check(fields=[fault]).findings, MAY_START, MAY_STOP, date(2025, 5, 5))
    ((_, mask),) = marks(short, table.now)
    assert set(table.now.rows["day"][mask]) == {date(2025, 5, n) for n in range(1, 5)}


@pytest.mark.parametrize(
    "faults",
    [
        {"fields": [{"field": "temp", "since": "2025-05-10", "segment": ["channel", "web"]}]},
        {"segments": [{"key": "channel", "value": "web", "since": "2025-05-10"}]},
    ],
)
def test_a_fault_of_a_segment_marks_no_other_row(table, faults):
    ((_, mask),) = marks(check(**faults), table.now)
    assert mask.any() and set(table.now.context["channel"][mask]) == {"web"}
    assert set(table.now.rows["day"][mask]) <= {date(2025, 5, n) for n in range(10, 32)}


def test_a_segment_that_no_row_has_marks_nothing(table):
    fault = {"key": "ward", "value": "3", "since": "2025-05-10"}
    assert marks(check(segments=[fault]), table.now) == []


def test_a_month_of_decay_is_no_baseline_and_a_quiet_one_is(table):
    for cause, healthy in (("concept_change", False), ("label_noise", False), ("mix_shift", True)):
        keep, found = judged([check(causes=[cause])], table.now)
        assert keep.all() and (found == healthy).all()


def test_what_was_set_aside_or_is_older_than_the_live_version_is_settled(table):
    days = table.now.rows["day"]
    burst = check(causes=["transient"], excluded=[["2025-05-05", "2025-05-07"]])
    ids = settled([burst], table.now)
    assert ids == set(table.now.rows["id"][days.isin([date(2025, 5, 5), date(2025, 5, 6)])])
    live = settled([], table.now, live_since=datetime(2025, 5, 15, 22, tzinfo=UTC))
    assert live == set(table.now.rows["id"][np.asarray(days < date(2025, 5, 16))])


def running_burst(wait_until, found_again=()):
    burst = check(excluded=[["2025-05-29", "2025-06-01"]])
    cause = {"cause": "transient", "since": "2025-05-29", "until": "2025-06-01"}
    burst.findings.update(causes=[cause], wait_until=wait_until)
    later = check(excluded=found_again)
    return [burst, Check(later.findings, MAY_STOP, MAY_STOP, date(2025, 7, 1))]


@pytest.mark.parametrize(
    ("today", "found_again", "stands"),
    [
        (date(2025, 6, 20), [], True),
        (date(2025, 7, 1), [], False),
        (date(2025, 7, 1), [["2025-05-30", "2025-06-03"]], True),
    ],
)
def test_a_burst_that_still_ran_is_trusted_until_its_wait_is_over(today, found_again, stands):
    first, _ = standing(running_burst("2025-07-01", found_again), today=today)
    assert bool(first.findings["excluded_days"]) == stands


def test_a_burst_whose_end_was_seen_stays_out_for_good():
    checks = running_burst("2025-06-10")
    checks[0].findings["causes"][0]["until"] = "2025-05-31"
    checks[0].findings["excluded_days"] = [["2025-05-29", "2025-05-31"]]
    assert standing(checks, today=date(2026, 1, 1))[0].findings["excluded_days"]
