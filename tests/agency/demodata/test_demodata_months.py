from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from agency.demodata import DemoDataError, six_full_months, write_all
from agency.demodata.calendar import days_of, moments


def test_the_six_full_months_before_a_day_leave_out_the_month_of_that_day():
    assert six_full_months(date(2026, 3, 31)) == [
        date(2025, 9, 1),
        date(2025, 10, 1),
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert six_full_months(date(2026, 3, 1)) == six_full_months(date(2026, 3, 31))


def test_no_months_at_all_is_an_error():
    with pytest.raises(DemoDataError, match="at least one"):
        six_full_months(date(2026, 3, 1), 0)


@pytest.mark.parametrize(
    "months",
    [
        [],
        [date(2026, 1, 2)],
        [date(2026, 1, 1), date(2026, 3, 1)],
        [date(2026, 2, 1), date(2026, 1, 1)],
    ],
)
def test_months_must_be_first_days_in_a_row(tmp_path, months):
    with pytest.raises(DemoDataError):
        write_all(folder=tmp_path, months=months, seed=1)
    assert not list(tmp_path.iterdir())


def test_a_negative_seed_is_refused(tmp_path):
    with pytest.raises(DemoDataError, match="seed"):
        write_all(folder=tmp_path, months=[date(2026, 1, 1)], seed=-1)


def test_traffic_has_the_shape_of_office_hours():
    times = moments(
        rng=np.random.default_rng(1),
        count=2000,
        days=days_of(date(2026, 3, 1)),
        zone=ZoneInfo("Europe/Berlin"),
        weekend=0.5,
    )
    assert times == sorted(times)
    assert {at.date() for at in times} == set(days_of(date(2026, 3, 1)))
    assert all(7 <= at.hour < 21 for at in times)
    office = sum(9 <= at.hour < 18 for at in times)
    assert office > 0.7 * len(times)
    saturdays = sum(at.weekday() == 5 for at in times) / 4
    tuesdays = sum(at.weekday() == 1 for at in times) / 5
    assert saturdays < 0.8 * tuesdays


def test_traffic_on_days_without_any_is_an_error():
    sunday = date(2026, 3, 1)
    with pytest.raises(DemoDataError, match="no traffic"):
        moments(
            rng=np.random.default_rng(1),
            count=1,
            days=[sunday],
            zone=ZoneInfo("Europe/Berlin"),
            weekend=0.0,
        )
