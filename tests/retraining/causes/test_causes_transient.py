"""Bursts that are over, and what only looks like one: rhythms, lasting changes, weather."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from retraining.causes import transient
from retraining.causes.evidence import Event, Rows
from tests.retraining.causes.streams import KINDS, quiet, since

MAY = date(2025, 5, 1)
SALE = (date(2025, 5, 13), date(2025, 5, 17))


def spoil(rows: Rows, mask, *, share=1.0, seed=0) -> Rows:
    """People find so many of the answers at ``mask`` wrong: reviews, corrections and thumbs say so."""
    rng = np.random.default_rng(seed)
    frame = rows.rows.copy()
    hit = np.asarray(mask) & (rng.random(len(frame)) < share)
    other = [rng.choice([kind for kind in KINDS if kind != one]) for one in frame["prediction"]]
    corrected = hit & ~rows.reviewed & (rng.random(len(frame)) < 0.35)
    told = hit & (rows.reviewed | corrected)
    frame.loc[told, "label"] = np.array(other, dtype=object)[told]
    frame.loc[corrected, "label_source"] = "override"
    frame.loc[hit & frame["thumbs"].notna().to_numpy(dtype=bool), "thumbs"] = "down"
    return replace(rows, rows=frame)


def spoilt(stream, first, stop=None, share=0.6, seed=0):
    return replace(
        stream,
        now=spoil(stream.now, since(stream.now.rows["day"], first, stop), share=share, seed=seed),
    )


def months(count):
    return [quiet("text", seed=200 + seed, month=MAY) for seed in range(count)]


def test_four_days_of_mostly_wrong_answers_are_found_in_nearly_every_month():
    found = [
        transient.find(spoilt(stream, *SALE, share=0.8, seed=i).evidence(), ())
        for i, stream in enumerate(months(10))
    ]
    right = [
        len(one) == 1 and abs((one[0].since - SALE[0]).days) <= 2 and one[0].numbers["over"]
        for one in found
    ]
    assert sum(right) >= 9


def test_thumbs_speak_where_nobody_wrote_a_label():
    stream = quiet("text", seed=7, month=MAY, n=900)
    burst = spoilt(stream, *SALE, share=0.9)
    unlabelled = np.full(len(burst.now), None, dtype=object)
    mute = burst.with_rows(label=unlabelled, label_source=unlabelled)
    (finding,) = transient.find(mute.evidence(), ())
    assert abs((finding.since - SALE[0]).days) <= 1
    ours = mute.with_rows(replayed=np.ones(len(mute.now), dtype=bool))
    assert transient.find(ours.evidence(), ()) == []


def test_weekends_that_are_worse_every_week_are_no_burst():
    fired = 0
    for seed in range(8):
        stream = quiet("text", seed=300 + seed, month=MAY)

        def weekly(rows, seed=seed):
            weekend = np.array([day.weekday() >= 5 for day in rows.rows["day"]])
            return spoil(rows, weekend, share=0.35, seed=seed)

        month = replace(stream, now=weekly(stream.now), before=weekly(stream.before))
        fired += bool(transient.find(month.evidence(), ()))
    assert fired <= 1


@pytest.mark.parametrize("first", [date(2025, 5, 1), date(2025, 5, 9), date(2025, 5, 18)])
def test_a_change_that_lasts_from_the_middle_of_the_month_is_no_transient(first):
    called = [
        transient.find(spoilt(stream, first, share=0.4, seed=i).evidence(), ())
        for i, stream in enumerate(months(6))
    ]
    assert sum(map(bool, called)) <= 1


def test_a_burst_that_still_runs_is_too_early_to_call_over():
    stream = spoilt(quiet("text", seed=8, month=MAY), date(2025, 5, 28), share=0.8)
    (finding,) = transient.find(stream.evidence(), ())
    assert finding.until == date(2025, 6, 1) and finding.numbers["over"] is False
    assert "too early to tell" in finding.evidence


def test_a_burst_inside_a_declared_event_is_that_event():
    event = Event("Sale", "campaign", SALE[0] - timedelta(days=1), SALE[1])
    stream = spoilt(quiet("text", seed=9, month=MAY), *SALE, share=0.8)
    (finding,) = transient.find(stream.evidence(events=(event,)), ())
    assert finding.cause == "known_event" and finding.acts
    assert finding.excluded[0][0] <= event.start and finding.excluded[0][1] >= event.stop


def test_a_declared_campaign_needs_less_to_show_than_days_that_had_to_be_searched_for():
    """Failures that a scan of the whole month takes for chance are plain on days that were named."""
    event = Event("Sale", "campaign", *SALE)
    unsearched, named, quietly = 0, 0, 0
    for seed, stream in enumerate(months(6)):
        rows = spoilt(stream, *SALE, share=0.4, seed=seed).evidence
        unsearched += bool(transient.find(rows(), ()))
        (finding,) = transient.find(rows(events=(event,)), ())
        assert finding.excluded[0][0] <= SALE[0] and finding.excluded[0][1] >= SALE[1]
        named += finding.cause == "known_event" and finding.acts
        (calm,) = transient.find(stream.evidence(events=(event,)), ())
        quietly += calm.acts
    assert named > unsearched + 1 and named >= 5 and quietly == 0


def test_days_that_always_differ_need_a_stronger_burst():
    """Every third day half of the answers are wrong: three such days in a row are nothing new."""
    rng = np.random.default_rng(5)
    fired = 0
    for seed in range(8):
        stream = quiet("text", seed=400 + seed, month=MAY)

        def moody(rows):
            bad = {day for day in set(rows.rows["day"]) if rng.random() < 0.3}
            return spoil(rows, rows.rows["day"].isin(bad).to_numpy(dtype=bool), share=0.4)

        month = replace(stream, now=moody(stream.now), before=moody(stream.before))
        fired += bool(transient.find(month.evidence(), ()))
    assert fired <= 2
