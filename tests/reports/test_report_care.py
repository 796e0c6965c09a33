"""Hours and answers: how long alerts and decisions waited for us, and what time was written down."""

from datetime import timedelta
from decimal import Decimal

import pytest

from agency.base import clock
from clients.models import Alert, StaffTime
from reports.gathering import care as gathering
from reports.gathering.care import care
from reports.gathering.month import ModelMonth
from retraining import loop
from retraining.models import CycleTransition
from tests import factories as make

HOUR = timedelta(hours=1)


@pytest.fixture
def month(world):
    model, *_ = world
    return ModelMonth(
        model=model, first=make.MARCH.date().replace(day=1), at=make.MARCH + 60 * 24 * HOUR
    )


def alert(model, key, opened, **given):
    return Alert.objects.create(
        model=model, key=key, severity="act", message=key, opened_at=opened, **given
    )


def test_the_loop_is_no_person():
    assert gathering.LOOP == loop.LOOP


def test_a_month_that_asked_nothing_of_us_has_no_care(month):
    assert care(month) is None


def test_an_alert_is_answered_when_a_person_takes_it_up(month):
    day = make.MARCH + 24 * HOUR
    alert(month.model, "a", day, acknowledged_by="ana", acknowledged_at=day + 2 * HOUR)
    alert(month.model, "b", day, acknowledged_by="ben", acknowledged_at=day + 10 * HOUR)
    alert(month.model, "over", day, closed_at=day + 4 * HOUR)
    alert(month.model, "open", day)
    Alert.objects.create(
        model=month.model, key="watch", severity="watch", message="w", opened_at=day
    )
    told = care(month).alerts
    assert (told.n, told.answered, told.still_open) == (4, 2, 1)
    assert (told.median_hours, told.longest_hours) == (6.0, 10.0)


def test_an_alert_is_answered_by_a_persons_decision_on_a_check(month):
    alert(month.model, "a", make.MARCH + 24 * HOUR, closed_at=make.MARCH + 90 * HOUR)
    cycle = make.CycleFactory(model=month.model)
    for by, hours in (("loop", 25), ("ana", 28)):
        CycleTransition.objects.create(
            job=cycle,
            from_state="pending_approval",
            to_state="rolling_out",
            by=by,
            at=make.MARCH + hours * HOUR,
        )
    assert care(month).alerts.longest_hours == 4.0


def test_what_happened_after_the_month_does_not_answer_its_alerts(month):
    last = clock.month_window(month.first, month.zone)[1] - HOUR
    alert(month.model, "late", last, acknowledged_by="ana", acknowledged_at=last + 3 * HOUR)
    assert care(month).alerts.still_open == 1


def test_a_decision_waits_from_the_candidate_until_a_person_decides(month):
    cycle = make.CycleFactory(model=month.model, window_end=make.MARCH + 10 * 24 * HOUR)
    steps = [("comparing", "pending_approval", 0), ("pending_approval", "rolling_out", 5)]
    for before, after, hours in steps:
        CycleTransition.objects.create(
            job=cycle,
            from_state=before,
            to_state=after,
            by="ana",
            at=make.MARCH + 240 * HOUR + hours * HOUR,
        )
    told = care(month).decisions
    assert (told.n, told.still_open, told.longest_hours) == (1, 0, 5.0)


def test_minutes_are_those_of_the_month_and_the_model(month):
    for at, minutes in ((make.MARCH + HOUR, "12.5"), (make.MARCH + 30 * HOUR, "30")):
        StaffTime.objects.create(
            model=month.model, by="ana", kind="review", minutes=Decimal(minutes), at=at
        )
    outside = make.MARCH - 48 * HOUR
    StaffTime.objects.create(
        model=month.model, by="ana", kind="review", minutes=Decimal(99), at=outside
    )
    assert care(month).minutes == 42.5
