"""When is a check due? On the client's calendar: months, weeks, changes of the clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from retraining.services.cadence import due_check, next_due


def instant(text):
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("every_days", "zone", "checked_to", "due"),
    [
        # A calendar month runs to the first instant of the next one.
        (30, "UTC", "2025-03-01T00:00Z", "2025-04-01T00:00Z"),
        (30, "UTC", "2025-01-31T23:59Z", "2025-02-01T00:00Z"),
        (30, "UTC", "2025-02-01T00:00Z", "2025-03-01T00:00Z"),
        (30, "UTC", "2024-12-15T10:00Z", "2025-01-01T00:00Z"),
        # Berlin: winter to summer time in March, back in October.
        (30, "Europe/Berlin", "2025-03-01T00:00+01:00", "2025-04-01T00:00+02:00"),
        (30, "Europe/Berlin", "2025-10-01T00:00+02:00", "2025-11-01T00:00+01:00"),
        # In UTC it is still the month before.
        (30, "Pacific/Auckland", "2025-03-01T00:00+13:00", "2025-04-01T00:00+13:00"),
        (30, "America/Los_Angeles", "2025-03-31T22:00-07:00", "2025-04-01T00:00-07:00"),
        # A week is seven local days: 167 hours when the clock goes forward, 169 when it goes back.
        (7, "UTC", "2025-03-03T00:00Z", "2025-03-10T00:00Z"),
        (7, "Europe/Berlin", "2025-03-24T00:00+01:00", "2025-03-31T00:00+02:00"),
        (7, "Europe/Berlin", "2025-10-20T00:00+02:00", "2025-10-27T00:00+01:00"),
        (14, "America/New_York", "2025-02-24T00:00-05:00", "2025-03-10T00:00-04:00"),
        (14, "Asia/Kolkata", "2025-02-20T00:00+05:30", "2025-03-06T00:00+05:30"),
        # A check made in the middle of a day counts from that day.
        (7, "UTC", "2025-03-03T15:30Z", "2025-03-10T00:00Z"),
        # Beirut's clocks go forward at midnight: the day begins at one.
        (7, "Asia/Beirut", "2025-03-23T00:00+02:00", "2025-03-30T01:00+03:00"),
    ],
)
def test_the_next_check_falls_due_at_the_start_of_a_local_day(every_days, zone, checked_to, due):
    found = next_due(every_days=every_days, checked_to=instant(checked_to), zone=ZoneInfo(zone))
    assert found == instant(due)


def check(every_days, zone, *, now, checked_to=None, launched_at="2025-01-10T09:00Z"):
    return due_check(
        every_days=every_days,
        checked_to=instant(checked_to) if checked_to else None,
        launched_at=instant(launched_at),
        now=instant(now),
        zone=ZoneInfo(zone),
    )


@pytest.mark.parametrize(
    ("every_days", "now"),
    [
        (30, "2025-04-01T00:00:01+02:00"),
        (30, "2025-04-30T23:59:59+02:00"),
        (7, "2025-04-07T23:59:59+02:00"),
        (14, "2025-04-14T23:59:59+02:00"),
    ],
)
def test_nothing_is_due_after_a_check_that_ended_at_the_boundary(every_days, now):
    assert check(every_days, "Europe/Berlin", now=now, checked_to="2025-04-01T00:00+02:00") is None


@pytest.mark.parametrize(
    ("every_days", "now", "window"),
    [
        (30, "2025-05-01T00:00+02:00", ("2025-04-01T00:00+02:00", "2025-05-01T00:00+02:00")),
        (30, "2025-05-12T10:00+02:00", ("2025-04-01T00:00+02:00", "2025-05-01T00:00+02:00")),
        (7, "2025-04-08T00:00+02:00", ("2025-04-01T00:00+02:00", "2025-04-08T00:00+02:00")),
        (7, "2025-04-10T00:00+02:00", ("2025-04-01T00:00+02:00", "2025-04-08T00:00+02:00")),
        (14, "2025-04-20T00:00+02:00", ("2025-04-01T00:00+02:00", "2025-04-15T00:00+02:00")),
    ],
)
def test_a_window_runs_from_the_last_check_to_the_boundary_and_not_to_now(every_days, now, window):
    due = check(every_days, "Europe/Berlin", now=now, checked_to="2025-04-01T00:00+02:00")
    assert (due.window_start, due.window_end) == tuple(map(instant, window))


@pytest.mark.parametrize(
    ("every_days", "end"),
    [(30, "2025-11-01T00:00+01:00"), (7, "2025-11-04T00:00+01:00"), (14, "2025-10-28T00:00+01:00")],
)
def test_who_was_off_for_months_makes_one_check_up_to_the_last_boundary(every_days, end):
    due = check(
        every_days,
        "Europe/Berlin",
        now="2025-11-06T12:00+01:00",
        checked_to="2025-04-01T00:00+02:00",
    )
    assert due.window_start == instant("2025-04-01T00:00+02:00")
    assert due.window_end == instant(end)
    assert due.since < due.window_end


@pytest.mark.parametrize(
    ("every_days", "not_yet", "then", "window"),
    [
        (
            30,
            "2025-01-31T23:59:59Z",
            "2025-02-01T00:00Z",
            ("2025-01-01T00:00Z", "2025-02-01T00:00Z"),
        ),
        (
            7,
            "2025-01-16T23:59:59Z",
            "2025-01-17T00:00Z",
            ("2025-01-10T00:00Z", "2025-01-17T00:00Z"),
        ),
    ],
)
def test_a_model_that_was_never_checked_counts_from_its_launch(every_days, not_yet, then, window):
    assert check(every_days, "UTC", now=not_yet) is None
    due = check(every_days, "UTC", now=then)
    assert (due.window_start, due.window_end) == tuple(map(instant, window))
    assert due.since == due.window_end


def test_each_client_has_its_own_midnight():
    now, checked_to = "2025-03-31T16:00Z", "2025-03-01T00:00+13:00"
    assert check(30, "Pacific/Auckland", now=now, checked_to=checked_to)
    assert check(30, "Europe/Berlin", now=now, checked_to="2025-03-01T00:00+01:00") is None
