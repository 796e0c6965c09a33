"""What a month's audit says beyond its plain rate, and what the admin's page makes of it."""

import json
from datetime import timedelta

import numpy as np
import pytest

from retraining.admin.measured import measured_view
from tests.retraining import world

pytestmark = pytest.mark.django_db

AUGUST = world.JULY + timedelta(days=31)
MONTHS = (world.APRIL, world.MAY, world.JUNE, world.JULY, AUGUST)
SECTIONS = (
    *("audit_corrected", "estimated", "sequential", "decomposition", "cohorts", "categories"),
    "outcomes",
)


def mislabelled(rows, share, rng, *, channel=None):
    """Some reviewed rows get another known label, so that the answer counts as wrong."""
    for r in rows:
        hit = channel is None or r["context"]["channel"] == channel
        if r["feedback"]["label"] and hit and rng.random() < share:
            others = [w for w in world.WORDS if w != r["feedback"]["label"]]
            r["feedback"]["label"] = others[int(rng.integers(2))]
    return rows


def played(model, rng, shares, **how):
    """One cycle a month, the share of wrong answers as given; each month's ``monitor``."""
    told = []
    for start, end, share in zip(MONTHS, MONTHS[1:], shares, strict=False):
        rows = world.month(rng, start, n=120, review=0.7)
        for i, r in enumerate(rows):
            r["context"]["channel"] = "web" if i % 3 else "app"
        world.load(model, mislabelled(rows, share, rng, **how), at=end)
        told.append(world.cycle(model, end).monitor)
    return told


def test_a_month_without_rows_says_why_there_is_no_figure(model):
    monitor = world.cycle(model).monitor
    assert [monitor[name] for name in SECTIONS] == [None] * 7
    assert monitor["notes"].keys() == set(SECTIONS)
    assert monitor["notes"]["categories"] == "no row was reviewed"
    view = measured_view(monitor)
    assert len(view["missing"]) == 6 and view["categories"] == []


def test_the_corrected_audit_is_above_the_plain_one_and_says_what_noise_it_took(tiers, rng):
    model = world.onboard(tier="basic").model
    monitor = played(model, rng, [0.15])[0]
    plain, corrected = monitor["audit"], monitor["audit_corrected"]
    assert corrected["estimate"] > plain["estimate"] and corrected["n"] == plain["n"]
    assert corrected["low"] < corrected["estimate"] < corrected["high"]
    noise = corrected["label_error"]
    assert (noise["estimate"], noise["basis"]) == (0.1, "assumed")


def test_quiet_months_then_a_drop_are_told_by_all_sections(tiers, rng):
    model = world.onboard(tier="basic").model
    april, may, june, july = played(model, rng, [0.08, 0.08, 0.08, 0.5])
    assert april["sequential"] is None and april["estimated"] is None
    assert "to calibrate" in april["notes"]["estimated"]
    assert [m["sequential"]["alarm"] for m in (may, june)] == [False, False]
    assert june["estimated"]["kind"] == "estimated"
    assert june["estimated"]["n"] > june["audit"]["n"]
    assert june["decomposition"]["total"]["low"] < 0 < june["decomposition"]["total"]["high"]

    sequential = july["sequential"]
    assert sequential["alarm"] and sequential["since"] == "2025-07"
    assert sequential["e_value"] > sequential["limit"] > 1
    assert [m["month"] for m in sequential["months"]] == [
        "2025-04",
        "2025-05",
        "2025-06",
        "2025-07",
    ]
    assert july["estimated"] is None and "switched off" in july["notes"]["estimated"]
    parts = july["decomposition"]
    assert parts["within"]["high"] < 0 and abs(parts["within"]["delta"]) > abs(
        parts["mix"]["delta"]
    )
    assert parts["mix"]["delta"] + parts["within"]["delta"] == pytest.approx(
        parts["total"]["delta"]
    )
    assert json.loads(json.dumps(july)) == july

    view = measured_view(july)
    assert "ALARM" in view["months"] and "2025-07" in view["months"]
    assert "switched off" in dict(view["missing"])["estimated"]
    assert view["change"][0].startswith("-")
    assert any(c["worse_than_before"] for c in july["cohorts"])
    assert view["cohorts"] == [], "all became worse, no segment stands out"


def test_a_decayed_segment_is_named_although_the_average_hides_it(tiers, rng):
    model = world.onboard(tier="basic").model
    april, may = played(model, rng, [0.0, 0.6], channel="app")
    worst = may["cohorts"][0]
    assert (worst["key"], worst["value"]) == ("channel", "app")
    assert worst["worse_than_rest"] and worst["worse_than_before"]
    assert not any(c["worse_than_rest"] or c["worse_than_before"] for c in april["cohorts"])
    assert [line["name"] for line in measured_view(may)["cohorts"]] == ["channel = app"]
    assert measured_view(april)["cohorts"] == []


def test_small_categories_borrow_from_the_others(tiers, rng):
    model = world.onboard(tier="basic").model
    rows = world.month(rng, n=120, review=1.0, labels=("billing", "delivery"))
    rows += [
        world.row(
            900,
            world.APRIL + timedelta(hours=3),
            world.text_of("login", rng),
            label="billing",
            source="review",
        ),
        world.row(
            901,
            world.APRIL + timedelta(hours=4),
            world.text_of("login", rng),
            label="rare",
            source="review",
        ),
    ]
    world.load(model, rows)
    rates = world.cycle(model).monitor["categories"]["rates"]
    assert rates["rare"]["n"] == 1 and rates["rare"]["thin"]
    assert 0 < rates["rare"]["estimate"] < rates["billing"]["estimate"]
    assert (
        rates["rare"]["high"] - rates["rare"]["low"]
        > rates["delivery"]["high"] - rates["delivery"]["low"]
    )


def test_a_weekly_check_looks_at_the_trailing_month_and_at_no_half_month(tiers):
    model, rng = world.onboard(tier="basic").model, np.random.default_rng(3)
    played(model, rng, [0.1, 0.1])
    world.load(model, world.month(rng, world.JUNE, n=40, days=9, review=1.0), at=world.JULY)
    week = world.cycle(
        model, world.JUNE + timedelta(days=10), window_start=world.JUNE + timedelta(days=3)
    )
    months = [m["month"] for m in week.monitor["sequential"]["months"]]
    assert months == ["2025-04", "2025-05"]
    assert week.monitor["audit_corrected"]["n"] > 60


def test_escalations_are_a_rate_where_the_client_sends_them(model, rng):
    rows = world.month(rng, review=0.3)
    for number, r in enumerate(rows):
        r["feedback"]["escalated"] = {0: True, 1: False, 2: False}.get(number % 6)
    world.load(model, rows)
    signals = {s["name"]: s for s in world.cycle(model).monitor["signals"]}
    escalated = signals["escalated_rate"]
    assert (escalated["n"], escalated["value"]) == (45, pytest.approx(1 / 3))
    assert escalated["low"] < 1 / 3 < escalated["high"] and escalated["critical"] is None
