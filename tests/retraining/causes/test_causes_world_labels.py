"""What too few, worse or moved labels lead to, and what is asked for before anyone has labelled."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from retraining.causes import concept_change, insufficient_evidence, label_noise, new_category
from retraining.causes.evidence import Rows
from retraining.causes.registry import CAUSES, diagnose
from retraining.policy import FALSE_ALARM_SHARES
from tests.retraining.causes.streams import KINDS, quiet, since

TENTH = date(2025, 5, 10)
CRYPTO = "bitcoin wallet staking rewards coins blockchain ether token".split()


def only(findings, cause):
    found = [finding for finding in findings if finding.cause == cause]
    assert len(found) == 1
    return found[0]


def few_reviews(stream, n):
    """The stream with the first ``n`` reviews, all right, and no other label."""
    few = stream.now.reviewed & (np.cumsum(stream.now.reviewed) <= n)
    labels = stream.now.rows["prediction"].where(few)
    return stream.with_rows(label=labels, label_source=stream.now.rows["label_source"].where(few))


def noisy(stream, share, seed=0):
    """The stream in which this share of all labels says something else, whatever it is."""
    rng = np.random.default_rng(seed)
    rows = stream.now.rows
    hit = stream.now.labelled & (rng.random(len(rows)) < share)
    dealt = pd.Series(rng.choice(KINDS, size=len(rows)), dtype=object)
    return stream.with_rows(label=rows["label"].where(~hit, dealt))


def moved(stream, source, target, first):
    """The stream in which what was labelled ``source`` is labelled ``target`` from a day on."""
    rows = stream.now.rows
    hit = (rows["label"] == source).to_numpy() & since(rows["day"], first)
    return stream.with_rows(label=rows["label"].where(~hit, target))


def asked_of_something_new(stream, share, first, stop=None, seed=0):
    """The stream in which this share of the messages is about what nobody ever asked; no label."""
    rng = np.random.default_rng(seed)
    hit = since(stream.now.rows["day"], first, stop) & (rng.random(len(stream.now)) < share)
    texts = stream.now.inputs["text"].copy()
    texts[hit] = [" ".join(rng.choice(CRYPTO, size=6)) for _ in range(hit.sum())]
    rows = stream.now.rows.copy()
    inputs = pd.DataFrame({"text": texts})
    rows["prediction"], rows["confidence"] = stream.predict(inputs)
    rows.loc[hit, ["label", "label_source", "thumbs"]] = None
    return hit, Rows(rows, inputs, stream.now.context, stream.now.signals)


def test_shares_of_the_budget_sum_to_one_and_belong_to_causes():
    assert sum(FALSE_ALARM_SHARES.values()) == pytest.approx(1)
    assert set(FALSE_ALARM_SHARES) <= set(CAUSES)


@pytest.mark.parametrize("name", ["Loan", "loa_n", " LOAN ", "abraod", "abroadd"])
def test_another_spelling_of_a_known_name_is_no_new_category_however_often(text, name):
    rows = text.now.rows
    hit = np.arange(len(rows)) % 15 == 0
    stream = text.with_rows(label=rows["label"].where(~hit, name))
    assert new_category.find(stream.evidence(), ()) == []


def test_a_new_category_that_was_never_acted_on_counts_with_few_rows_a_month(text):
    before = text.before.rows.copy()
    before.loc[::60, "label"] = "crypto"
    rows = text.now.rows["label"].copy()
    rows.iloc[[20, 150, 300]] = "crypto"
    stream = text.with_rows(label=rows)
    assert new_category.find(stream.evidence(), ()) == []
    earlier = Rows(before, text.before.inputs, text.before.context, text.before.signals)
    finding = only(new_category.find(stream.evidence(before=earlier), ()), "new_category")
    assert finding.categories == ("crypto",)
    assert finding.since == before["day"].iloc[0]


def test_a_label_that_moved_to_another_is_a_changed_concept_with_its_pair(text):
    stream = quiet("text", seed=5, month=text.month, n=800)
    found = diagnose(moved(stream, "card", "fees", TENTH).evidence())
    finding = only([f for f in found.findings if "moved" in f.evidence], "concept_change")
    assert finding.categories == ("fees",)
    assert abs((finding.since - TENTH).days) <= 3
    assert found.verdict == "retrain"


def test_labels_that_got_worse_are_labelled_again_and_not_learned(text):
    stream = noisy(quiet("text", seed=5, month=text.month, n=800), 0.5)
    found = diagnose(stream.evidence())
    finding = only(found.findings, "label_noise")
    assert found.verdict == "collect_labels"
    doubtful = set(finding.row_ids)
    assert doubtful and doubtful <= set(stream.now.rows["id"][stream.now.failed])
    assert concept_change.find(stream.evidence(), (finding,)) == []


def test_a_drop_that_users_complain_of_is_no_fault_of_the_labels(text):
    stream = noisy(quiet("text", seed=5, month=text.month, n=800), 0.5)
    thumbs = pd.Series(np.where(np.arange(len(stream.now)) % 6 == 0, "down", None), dtype=object)
    stream = stream.with_rows(thumbs=thumbs)
    assert label_noise.find(stream.evidence(), ()) == []
    assert diagnose(stream.evidence()).verdict == "retrain"


def test_a_drop_that_began_last_month_gathers_the_reviews_since(text):
    rng = np.random.default_rng(3)
    before = text.before.rows.copy()
    last = since(before["day"], date(2025, 4, 1))
    wrong = last & (rng.random(len(before)) < 0.2)
    before.loc[wrong, "label"] = rng.choice(KINDS, size=wrong.sum())
    stream = noisy(text, 0.2, seed=4)
    earlier = Rows(before, text.before.inputs, text.before.context, text.before.signals)
    alone = concept_change.accuracy_drop(stream.evidence(healthy=~last))
    both = concept_change.accuracy_drop(stream.evidence(before=earlier, healthy=~last))
    assert both.since == date(2025, 4, 1) and both.n > 1.5 * alone.n
    assert both.p_value < alone.p_value


def test_messages_like_nothing_learned_are_put_up_for_labels_before_anyone_has_labelled(text):
    hit, now = asked_of_something_new(text, 0.15, date(2025, 5, 5))
    found = diagnose(text.evidence(now=now))
    finding = only(found.findings, "insufficient_evidence")
    assert found.verdict == "collect_labels"
    ids = set(now.rows["id"][hit])
    assert len(ids & set(finding.row_ids)) >= 0.9 * len(ids)
    assert set(finding.row_ids) <= ids
    assert {word for name in finding.numbers["proposed"] for word in name.split("_")} <= set(CRYPTO)


def test_a_burst_of_unknown_messages_that_is_over_asks_for_no_labels(text):
    _, now = asked_of_something_new(text, 0.8, date(2025, 5, 12), date(2025, 5, 16))
    assert insufficient_evidence.find(text.evidence(now=now), ()) == []


def test_more_of_a_known_question_is_no_unknown_message(text):
    other = quiet("text", seed=9, month=text.month, mix=(1, 1, 1, 1, 4, 4))
    assert insufficient_evidence.find(text.evidence(now=other.now), ()) == []


@pytest.mark.parametrize("reviews", [0, 5, 14, 15])
def test_a_quiet_month_asks_for_nothing_however_few_its_labels(text, reviews):
    assert diagnose(few_reviews(text, reviews).evidence()).verdict == "no_action"


@pytest.mark.parametrize(("reviews", "asks"), [(3, True), (14, True), (60, False)])
def test_a_mix_that_moved_asks_for_labels_unless_there_are_enough(text, reviews, asks):
    other = quiet("text", seed=9, month=text.month, mix=(1, 1, 1, 1, 4, 4))
    found = diagnose(few_reviews(other, reviews).evidence(before=text.before))
    assert found.verdict == ("collect_labels" if asks else "no_action")
    if asks:
        finding = only(found.findings, "insufficient_evidence")
        assert 10 <= finding.numbers["labels_needed"] <= 300
        assert len(finding.row_ids) == finding.numbers["labels_needed"]
        assert not set(finding.row_ids) & set(
            other.now.rows["id"][few_reviews(other, reviews).now.reviewed]
        )


def test_a_first_month_is_held_against_the_golden_set(text):
    nobody = np.zeros(len(text.before), dtype=bool)
    first = {"before": text.before.where(nobody), "healthy": nobody[:0], "golden_n": 100}
    worse = noisy(text, 0.6).evidence(golden_accuracy=0.9, **first)
    finding = only(concept_change.find(worse, ()), "concept_change")
    assert "golden" in finding.evidence
    assert concept_change.find(text.evidence(golden_accuracy=0.9, **first), ()) == []
