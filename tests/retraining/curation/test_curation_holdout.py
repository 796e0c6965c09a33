from dataclasses import replace
from datetime import date

import pytest

from retraining.curation.candidates import Candidate, CurationError
from retraining.curation.holdout import golden_holdout


def reviews(n: int) -> list[Candidate]:
    words = ["tap", "phone", "watch", "wallet"]
    return [
        Candidate(
            f"r{i}",
            {"text": " ".join([words[i % 4]] * (i // 4 + 1))},
            "wallet",
            "review",
            date(2025, 3, 1),
        )
        for i in range(n)
    ]


@pytest.mark.parametrize(("n", "taken"), [(12, 4), (14, 4), (15, 5), (30, 10)])
def test_a_third_is_held_out(n, taken):
    held = golden_holdout(rows=reviews(n), seed=0)
    assert len(held.ids) == taken
    assert set(held.ids) <= {f"r{i}" for i in range(n)}


@pytest.mark.parametrize("n", [1, 4, 11])
def test_nothing_is_held_out_where_a_third_is_fewer_than_four(n):
    held = golden_holdout(rows=reviews(n), seed=0)
    assert held.ids == ()
    assert "fewer than the 4" in held.reason


def test_no_rows_hold_nothing_out():
    assert golden_holdout(rows=[], seed=0).reason == "no review rows"


def test_copies_of_one_input_count_once_and_are_never_split():
    twelve = reviews(12)
    copies = [replace(r, id=f"{r.id}-again") for r in twelve]
    held = golden_holdout(rows=twelve + copies, seed=0)
    assert len(held.ids) == 4
    assert not any(name.endswith("again") for name in held.ids)


def test_the_seed_decides():
    draws = [golden_holdout(rows=reviews(60), seed=s).ids for s in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_rows_that_measure_nothing_fair_are_refused():
    rows = reviews(12)
    with pytest.raises(CurationError, match="override"):
        golden_holdout(rows=[*rows, replace(rows[0], source="override")], seed=0)
    with pytest.raises(CurationError, match="several categories"):
        golden_holdout(rows=[*rows, replace(rows[0], label="other")], seed=0)
    with pytest.raises(CurationError, match="share"):
        golden_holdout(rows=rows, seed=0, share=1.0)
