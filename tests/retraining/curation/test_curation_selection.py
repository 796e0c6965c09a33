from datetime import date

import numpy as np
import pytest

from retraining.curation.candidates import Candidate, CurationError
from retraining.curation.selection import select

DAY = date(2025, 3, 1)
WORDS = [a + b for a in ("ba", "do", "ki", "lu", "me", "so") for b in ("rin", "tag", "vel", "pon")]


def row(name: str, text: str, label: str = "old", source="review", prediction=None) -> Candidate:
    return Candidate(name, {"text": text}, label, source, DAY, prediction)


def crowd(n: int, prefix: str = "r", seed: int = 0, **kwargs) -> list[Candidate]:
    rng = np.random.default_rng(seed)
    return [row(f"{prefix}{i}", " ".join(rng.choice(WORDS, 8)), **kwargs) for i in range(n)]


def test_the_same_text_twice_is_a_duplicate():
    chosen = select(
        candidates=[row("a", "Where is my card?"), row("b", "where is my CARD"), row("c", "Hello")],
        weights={},
        seed=0,
    )
    assert set(chosen.chosen) == {"a", "c"}
    assert chosen.set_aside == {"b": "duplicate"}


def test_of_copies_with_different_labels_the_majority_then_the_reviewer_stands():
    copies = [
        row("a", "lost card", "stolen", "override"),
        row("b", "Lost card!", "lost", "review"),
        row("c", "lost pin", "pin", "review"),
        row("d", "lost pin!", "card", "override"),
        row("e", "LOST PIN", "card", "override"),
    ]
    assert set(select(candidates=copies, weights={}, seed=0).chosen) == {"b", "d"}


def test_a_row_that_already_trains_is_a_duplicate_unless_it_corrects_the_label():
    rows = [row("a", "lost card", "lost"), row("b", "my pin", "pin")]
    existing = [({"text": "Lost card."}, "lost"), ({"text": "My PIN"}, "card")]
    result = select(candidates=rows, weights={}, seed=0, existing=existing)
    assert result.chosen == ("b",)
    assert result.set_aside == {"a": "duplicate"}


def test_equal_features_are_duplicates_however_the_numbers_are_written():
    rows = [
        Candidate("a", {"hour": 1, "temp": "2.50"}, "low", "review", DAY),
        Candidate("b", {"temp": 2.5, "hour": "1.0"}, "low", "review", DAY),
        Candidate("c", {"hour": 2, "temp": 2.5}, "low", "review", DAY),
    ]
    assert select(candidates=rows, weights={}, seed=0).set_aside == {"b": "duplicate"}


def test_at_most_high_rows_are_chosen_and_every_row_is_accounted_for():
    rows = crowd(120)
    result = select(candidates=rows, weights={}, seed=0, low=10, high=40)
    assert len(result.chosen) == len(set(result.chosen)) == 40
    assert not result.short
    assert set(result.set_aside.values()) == {"over_limit"}
    assert {*result.chosen, *result.set_aside} == {r.id for r in rows}


def test_weak_categories_and_failures_come_before_the_rest():
    rows = [
        *crowd(60, "easy", 1, source="override", prediction="old"),
        *crowd(10, "weak", 2, label="weak", source="override", prediction="weak"),
        *crowd(10, "fail", 3, source="override", prediction="other"),
    ]
    result = select(candidates=rows, weights={"weak": 3.0}, seed=0, low=10, high=25)
    first = result.chosen[:20]
    assert sum(not name.startswith("easy") for name in first) >= 18


def test_a_fair_share_of_random_review_rows_is_mixed_in_throughout():
    rows = [
        *crowd(80, "weak", 1, label="weak", source="override", prediction="other"),
        *crowd(80, "fair", 2, source="review", prediction="old"),
    ]
    result = select(candidates=rows, weights={"weak": 5.0}, seed=0, low=10, high=40)
    for prefix in (8, 20, 40):
        fair = sum(name.startswith("fair") for name in result.chosen[:prefix])
        assert fair == pytest.approx(prefix / 4, abs=1)


def test_forty_wordings_of_one_complaint_do_not_fill_the_month():
    rng = np.random.default_rng(0)
    base = "the app closes itself whenever i open the page with my monthly statement"
    storm = [row(f"s{i}", f"{base} {rng.choice(WORDS)}", source="override") for i in range(40)]
    result = select(candidates=storm + crowd(40, source="override"), weights={}, seed=0, low=5)
    assert 1 <= sum(name.startswith("s") for name in result.chosen) <= 3
    assert sum(name.startswith("r") for name in result.chosen) == 40
    assert set(result.set_aside.values()) == {"duplicate"}


def test_fewer_clean_rows_than_wanted_are_all_taken_and_said():
    result = select(candidates=crowd(12), weights={}, seed=0)
    assert len(result.chosen) == 12
    assert result.short
    assert "fewer than the 50" in result.note


def test_rows_set_aside_before_keep_their_reason_and_are_never_chosen():
    rows = crowd(6)
    already = {"r0": "golden_copy", "r1": "label_suspect", "r2": "transient"}
    result = select(candidates=rows, weights={}, seed=0, already=already)
    assert set(result.chosen) == {"r3", "r4", "r5"}
    assert result.set_aside == already


def test_a_suspect_copy_does_not_push_out_its_clean_twin():
    rows = [row("a", "lost card", "wrong"), row("b", "lost card", "lost")]
    result = select(candidates=rows, weights={}, seed=0, already={"a": "label_suspect"})
    assert result.chosen == ("b",)


def test_the_seed_decides_and_nothing_else():
    rows = crowd(100)
    draws = [select(candidates=rows, weights={}, seed=s, low=5, high=20).chosen for s in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_nothing_to_choose_from_is_an_answer():
    result = select(candidates=[], weights={}, seed=0)
    assert (result.chosen, result.set_aside, result.short) == ((), {}, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 30, "high": 20}, "range"),
        ({"fair_share": 1.5}, "fair share"),
        ({"weights": {"old": -1.0}}, "weights"),
        ({"already": {"r0": "because"}}, "unknown reasons"),
        ({"candidates": [*crowd(2), *crowd(2)]}, "twice"),
    ],
)
def test_senseless_requests_are_named(change, message):
    with pytest.raises(CurationError, match=message):
        select(**({"candidates": crowd(3), "weights": {}, "seed": 0} | change))
