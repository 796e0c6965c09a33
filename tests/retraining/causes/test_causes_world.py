"""Changes of the world and of the labels, one planted at a time; and what only looks like one."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from retraining.causes import (
    concept_change,
    mix_shift,
    new_category,
    proxy_inflation,
    transient,
    weak_category,
)
from retraining.causes.evidence import Event
from retraining.causes.registry import diagnose
from tests.retraining.causes.streams import KINDS, quiet, since

TENTH = date(2025, 5, 10)
SALE = (date(2025, 5, 15), date(2025, 5, 19))


def only(findings):
    assert len(findings) == 1
    return findings[0]


def labels_of(stream, mask, label, source="review"):
    """The stream with one label on the masked rows, drawn at random or corrected."""
    labels = stream.now.rows["label"].copy()
    sources = stream.now.rows["label_source"].copy()
    labels[mask], sources[mask] = label, source
    return stream.with_rows(label=labels, label_source=sources)


def every(stream, n, first=None, stop=None):
    """A mask of every ``n``-th row of some days."""
    rows = stream.now.rows
    return since(rows["day"], first or stream.month, stop) & (np.arange(len(rows)) % n == 0)


def reviewed_wrong(stream, share, seed=0):
    """The stream in which this share of the reviews says something else than the answer, this or that."""
    rng = np.random.default_rng(seed)
    rows = stream.now.rows
    fair = stream.now.reviewed
    wrong = fair & (rng.random(len(rows)) < share)
    steps = rng.integers(1, len(KINDS), size=len(rows))
    at = [KINDS.index(answer) for answer in rows["prediction"]]
    labels = rows["label"].copy()
    labels[fair] = rows["prediction"][fair]
    labels[wrong] = np.array(KINDS, dtype=object)[(at + steps) % len(KINDS)][wrong]
    return stream.with_rows(label=labels)


def test_a_category_that_nobody_knew_is_found_with_its_first_day(text):
    born = labels_of(text, every(text, 25, TENTH), "crypto")
    finding = only(new_category.find(born.evidence(), ()))
    rows = born.now.rows[(born.now.rows["label"] == "crypto").to_numpy()]
    assert finding.categories == ("crypto",)
    assert finding.since == rows["day"].min() >= TENTH
    assert finding.explains == set(rows["id"])
    found = diagnose(born.evidence())
    assert found.verdict == "retrain"
    assert found.as_dict()["new_categories"] == ["crypto"]


def test_one_mistyped_label_makes_no_category(text):
    slipped = text.now.rows["label"].copy()
    slipped.iloc[[3, 50, 200]] = ["crad", "lona", "fess"]
    sources = text.now.rows["label_source"].copy()
    sources.iloc[[3, 50, 200]] = "override"
    stream = text.with_rows(label=slipped, label_source=sources)
    assert new_category.find(stream.evidence(), ()) == []


def test_a_burst_of_a_foreign_label_that_is_over_is_a_transient_and_no_category(text):
    burst = labels_of(text, every(text, 2, *SALE), "raffle")
    assert new_category.find(burst.evidence(), ()) == []
    found = diagnose(burst.evidence())
    finding = only([f for f in found.findings if f.cause == "transient"])
    assert (finding.since, finding.until) == SALE
    assert found.verdict == "wait"
    assert found.as_dict()["excluded_days"] == [["2025-05-15", "2025-05-19"]]


def test_a_weekend_of_wrong_answers_is_found_with_its_days(text):
    rows = text.now.rows
    answer = rows["prediction"].to_numpy()
    wrong = np.array([KINDS[(KINDS.index(a) + 1) % len(KINDS)] for a in answer], dtype=object)
    stream = labels_of(text, every(text, 1, *SALE), wrong[every(text, 1, *SALE)], "override")
    found = diagnose(stream.evidence())
    finding = only([f for f in found.findings if f.cause in ("transient", "known_event")])
    assert (finding.cause, finding.since, finding.until) == ("transient", *SALE)
    inside = set(rows["id"][since(rows["day"], *SALE)])
    assert finding.explains == inside
    assert found.verdict == "wait"


def test_a_declared_campaign_is_that_event_and_keeps_its_own_days(text):
    burst = labels_of(text, every(text, 2, *SALE), "raffle")
    event = Event("Spring raffle", "campaign", SALE[0], SALE[1] + timedelta(days=1))
    found = diagnose(burst.evidence(events=(event,)))
    finding = only([f for f in found.findings if f.cause in ("transient", "known_event")])
    assert finding.cause == "known_event" and finding.acts
    assert finding.excluded == ((SALE[0], SALE[1] + timedelta(days=1)),)
    assert "Spring raffle" in finding.evidence
    assert found.verdict == "wait"


def test_a_declared_campaign_that_changed_nothing_is_kept_out_and_asks_for_nothing(text):
    event = Event("Sale", "campaign", *SALE)
    found = diagnose(text.evidence(events=(event,)))
    finding = only([f for f in found.findings if f.cause == "known_event"])
    assert not finding.acts
    assert finding.excluded == (SALE,)
    assert found.verdict == "no_action"


def test_a_declared_release_that_changed_nothing_is_not_even_mentioned(text):
    event = Event("5.2", "release", *SALE)
    assert transient.find(text.evidence(events=(event,)), ()) == []


def test_a_burst_that_still_runs_on_the_last_day_is_waited_for(text):
    last = labels_of(text, every(text, 2, date(2025, 5, 29)), "billing?")
    finding = only(transient.find(last.evidence(), ()))
    assert (finding.since, finding.until) == (date(2025, 5, 29), date(2025, 6, 1))
    assert "too early to tell" in finding.evidence


def test_a_change_that_lasts_is_no_transient(text):
    lasting = labels_of(text, every(text, 3, date(2025, 5, 20)), "raffle")
    assert transient.find(lasting.evidence(), ()) == []


def test_a_category_that_is_mostly_answered_wrong_is_weak(text):
    rows = text.now.rows
    loans = (rows["prediction"] == "loan").to_numpy() & (np.arange(len(rows)) % 2 == 0)
    stream = labels_of(text, loans, "fees")
    found = diagnose(stream.evidence())
    finding = only([f for f in found.findings if f.cause == "weak_category"])
    assert finding.categories == ("fees",)
    assert found.verdict == "retrain"
    assert found.as_dict()["weak_categories"] == ["fees"]
    n = finding.numbers["categories"]["fees"]
    assert n["right"] / n["n"] < 0.6


def test_corrections_alone_make_no_category_weak(text):
    # People correct what is wrong: of overrides nearly all are.
    rows = text.now.rows
    loans = (rows["prediction"] == "loan").to_numpy() & ~text.now.reviewed
    stream = labels_of(text, loans, "fees", source="override")
    assert weak_category.find(stream.evidence(), ()) == []
    assert concept_change.find(stream.evidence(), ()) == []


def test_accuracy_that_fell_for_no_other_reason_is_a_changed_concept(text):
    worse = reviewed_wrong(text, 0.5)
    finding = only(concept_change.find(worse.evidence(), ()))
    assert finding.numbers["delta"] <= -0.05 and finding.numbers["high"] < 0
    assert finding.p_value < 0.001
    assert set(finding.row_ids) <= set(worse.now.rows["id"][worse.now.reviewed & worse.now.failed])


def test_a_drop_of_fewer_points_than_the_trade_acts_on_is_none():
    stream = quiet("text", seed=4, n=6000)
    worse = reviewed_wrong(stream, 0.185)
    was = 1 - stream.before.failed[stream.before.reviewed].mean()
    is_ = 1 - worse.now.failed[worse.now.reviewed].mean()
    assert 0.02 < was - is_ < 0.05
    assert concept_change.find(worse.evidence(), ()) == []


def test_accuracy_is_only_compared_with_months_that_needed_nothing(text):
    worse = reviewed_wrong(text, 0.4)
    ill = np.zeros(len(text.before), dtype=bool)
    assert concept_change.find(worse.evidence(healthy=ill), ()) == []


def test_more_of_some_questions_is_a_mix_shift_that_needs_nothing(text):
    other = quiet("text", seed=9, month=text.month, mix=(1, 1, 1, 1, 4, 4))
    found = diagnose(text.evidence(now=other.now))
    finding = only([f for f in found.findings if f.cause == "mix_shift"])
    assert set(finding.numbers["risen"]) == set(KINDS[-2:])
    assert found.verdict == "no_action"


def test_clicks_that_rise_without_accuracy_are_not_trusted(text):
    clicked = text.now.signals["clicked"] | since(text.now.rows["day"], TENTH)
    stream = text.with_rows(signals={"clicked": clicked})
    found = diagnose(stream.evidence())
    finding = only([f for f in found.findings if f.cause == "proxy_inflation"])
    assert abs((finding.since - TENTH).days) <= 2
    assert found.as_dict()["untrusted_signals"] == ["clicked"]
    assert found.verdict == "no_action"


def test_reactions_to_another_answer_say_nothing_of_this_one(text):
    stream = text.with_rows(signals={"clicked": True}, replayed=np.ones(len(text.now), dtype=bool))
    assert proxy_inflation.find(stream.evidence(), ()) == []


def test_clicks_that_rise_with_accuracy_are_no_inflation():
    stream = quiet("text", seed=2, n=900)
    before = stream.before.rows.copy()
    fair = stream.before.reviewed
    wrong = fair & (np.arange(len(before)) % 3 == 0)
    before.loc[wrong, "label"] = "something else"
    better = reviewed_wrong(stream, 0.02).with_rows(signals={"clicked": True})
    evidence = better.evidence(before=replace(stream.before, rows=before))
    assert proxy_inflation.find(evidence, ()) == []


def test_a_mix_shift_needs_earlier_rows_to_be_compared_with(text):
    nobody = np.zeros(len(text.before), dtype=bool)
    assert mix_shift.find(text.evidence(before=text.before.where(nobody)), ()) == []
