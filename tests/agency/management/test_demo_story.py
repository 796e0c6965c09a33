from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agency.base.clock import start_of_day
from agency.demodata import DemoClient, MonthStory
from agency.management.demo.calendar import chapters
from agency.management.demo.story import (
    TURNS,
    Check,
    ClientTold,
    MonthTold,
    as_json,
    in_short,
    missed,
    table,
)
from retraining.services.cadence import due_check

MONTHS = [date(2026, month, 1) for month in range(5, 11)]
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def days(chapter, zone):
    return [f"{at.astimezone(zone):%m-%d %H}" for at in chapter.checks]


def test_a_monthly_tier_is_checked_at_every_months_end():
    plan = chapters(months=MONTHS, every_days=30, zone=BERLIN, until=NOW)
    assert [days(chapter, BERLIN) for chapter in plan] == [
        *([f"{month:02d}-01 00"] for month in range(6, 12)),
        [],
    ]
    assert [chapter.whole for chapter in plan] == [True] * 6 + [False]


def test_a_fortnightly_tier_is_checked_in_between_and_at_the_end():
    plan = chapters(months=MONTHS, every_days=14, zone=BERLIN, until=NOW)
    assert days(plan[0], BERLIN) == ["05-15 00", "05-29 00", "06-01 00"]
    # Summer time ends on 25 October: the days count, not the hours.
    assert days(plan[5], BERLIN) == ["10-15 00", "10-29 00", "11-01 00"]
    assert days(plan[6], BERLIN) == ["11-15 00"]


@pytest.mark.parametrize("every_days", [1, 7, 14, 30])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("day", [1, 2, 15, 30])
def test_after_the_last_check_nothing_is_overdue(every_days, zone, day):
    now, zone = datetime(2026, 11, day, 13, tzinfo=UTC), ZoneInfo(zone)
    plan = chapters(months=MONTHS, every_days=every_days, zone=zone, until=now)
    checks = [at for chapter in plan for at in chapter.checks]
    assert checks == sorted(set(checks)) and checks[-1] <= now
    launch = start_of_day(MONTHS[0], zone)
    how = {"every_days": every_days, "launched_at": launch, "now": now, "zone": zone}
    assert due_check(checked_to=checks[-1], **how) is None
    assert due_check(checked_to=launch, **how) is not None


def check(verdict="no_action", state="healthy", causes=(), subjects=()):
    return Check(1, "2026-08-01T00:00:00Z", verdict, state, causes, subjects, "v1.1")


def told(path, number, *checks):
    month = MONTHS[number - 1]
    stories = (MonthStory(f"{month:%Y-%m}", "A lot happened.", "Do something."),)
    demo = DemoClient(
        *(path, "", "", "", "basic", "", "", "", "", NOW, None, None), stories=stories
    )
    return ClientTold(path, "basic", demo, [MonthTold(month, number, checks, 100, 1.0, "a.pdf")])


RETRAIN = check("retrain", "live", ("new_category",), ("parcel_locker",))


def test_a_story_is_found_by_any_check_of_its_month():
    assert missed([told("northwind/tickets", 3, RETRAIN, check())]) == []


@pytest.mark.parametrize(
    "found",
    [
        check(),
        check("retrain", "rejected", ("new_category",), ("parcel_locker",)),
        check("retrain", "live", ("weak_category",), ("payment_declined",)),
    ],
)
def test_a_story_with_another_end_or_about_something_else_is_missed(found):
    (sentence,) = missed([told("northwind/tickets", 3, found)])
    assert (
        "northwind/tickets month 3: the story is retrain naming parcel_locker -> live" in sentence
    )
    assert sentence.endswith(str(found))


def test_months_that_were_not_told_and_quiet_ones_are_not_missed():
    assert missed([told("northwind/tickets", 1, RETRAIN)]) == []
    assert missed([]) == []


def test_every_turn_is_of_a_month_that_the_demo_tells():
    assert {path for path, _ in TURNS} == {
        "northwind/tickets",
        "lakeside-clinic/form-digits",
        "coromandel-pathology/needle-samples",
    }
    assert all(1 <= number <= 6 for _, number in TURNS)


def test_repeated_checks_are_counted():
    assert in_short([check(), check(), RETRAIN]) == [
        "2 times no_action -> healthy",
        "retrain (new_category: parcel_locker) -> live",
    ]


def test_the_table_has_the_story_above_what_was_found():
    lines = table([told("northwind/tickets", 3, RETRAIN)]).splitlines()
    assert lines[0] == "northwind/tickets (basic)"
    assert lines[1].split() == ["2026-07", "story", "A", "lot", "happened."]
    assert lines[3].endswith("retrain (new_category: parcel_locker) -> live [v1.1]")


def test_programs_read_the_same():
    answer = as_json(told("northwind/tickets", 3, RETRAIN))
    (month,) = answer["months"]
    assert month["what_happened"] == "A lot happened." and month["report"] == "a.pdf"
    assert month["checks"][0]["verdict"] == "retrain"
    assert month["checks"][0]["subjects"] == ["parcel_locker"]
