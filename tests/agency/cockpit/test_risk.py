"""Which of two things comes first, and why: the pure part."""

from datetime import timedelta

import pytest

from agency.cockpit.risk import (
    KINDS,
    LATEST,
    SEEN,
    TIER_WEIGHT,
    allowed,
    clock_words,
    minutes,
    risk,
    span,
    tier_class,
)

DAY = timedelta(days=1)


def of(kind="approval", tier="standard", waited=DAY, **more):
    return risk(kind, tier=tier, waited=waited, **more)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_says_why_and_a_dearer_tier_never_waits_longer(kind):
    row = KINDS[kind]
    basic, standard, premium = row.hours
    assert row.why and 1 <= row.base <= 9 and row.minutes > 0
    assert basic >= standard >= premium > 0


def test_longer_waiting_presses_more_until_it_is_forgotten():
    limit = allowed("approval", "standard")
    pressing = [of(waited=limit * part) for part in (0, 0.5, 1, 2, 3)]
    assert pressing == sorted(pressing) and len(set(pressing)) == 5
    assert of(waited=limit * 3) == of(waited=limit * 300) == LATEST * of(waited=timedelta(0))


def test_a_clock_that_has_not_begun_takes_nothing_away():
    assert of(waited=-DAY) == of(waited=timedelta(0))


def test_a_loss_of_accuracy_weighs_by_how_sure_it_is():
    plain, unsure, sure = of(), of(drop=6, drop_low=-4), of(drop=6, drop_low=4)
    assert plain < unsure < sure
    assert of(drop=5, drop_low=5) == pytest.approx(2 * plain)


def test_a_gain_of_accuracy_is_no_less_risk():
    assert of(drop=-6, drop_low=-9) == of()


def test_what_is_in_hands_and_small_tiers_press_less():
    assert of(seen=True) == pytest.approx(SEEN * of())
    zero = timedelta(0)
    found = [risk("alert", tier=tier, waited=zero) for tier in TIER_WEIGHT]
    assert found == sorted(found) and len(set(found)) == 3


def test_fifty_rows_take_what_the_queue_was_made_for():
    assert minutes("curation", rows=50) - minutes("curation") == pytest.approx(10)


@pytest.mark.parametrize(
    ("slug", "bought", "column"),
    [
        ("premium", 10, "premium"),
        ("gold", 479, "standard"),
        ("gold", 480, "premium"),
        ("mini", 30, "basic"),
    ],
)
def test_a_tier_of_ones_own_counts_by_the_minutes_it_buys(slug, bought, column):
    assert tier_class(slug=slug, staff_minutes=bought) == column


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=30), "due in 30 min"),
        (timedelta(seconds=2), "due in 1 min"),
        (timedelta(hours=47), "due in 47 h"),
        (timedelta(hours=48), "due in 2 d"),
        (timedelta(0), "overdue 1 min"),
        (timedelta(hours=-30), "overdue 30 h"),
        (timedelta(days=-9), "overdue 9 d"),
    ],
)
def test_a_clock_is_told_in_words(left, words):
    assert clock_words(left) == words


def test_minutes_are_told_in_hours_once_there_are_many():
    told = [span(n) for n in (0, 0.2, 59.4, 60, 61, 601)]
    assert told == ["0 min", "1 min", "59 min", "1 h", "1 h 1 min", "10 h"]
