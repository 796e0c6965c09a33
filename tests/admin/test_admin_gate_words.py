"""The gate's own sentences land at the question that they answer, with its own answer."""

import numpy as np
import pytest

from retraining.admin.gate_words import gate_view, sorted_out
from retraining.gain import AGAINST, FOR, OPEN, Apart, Counts, gain
from retraining.gate import judge
from retraining.models import Comparison
from retraining.no_loss import not_worse
from retraining.policy import Policy
from retraining.stats.paired import paired_difference

WORDS = {FOR: "yes", AGAINST: "no", OPEN: "not proven"}


def difference(fixed, broken, same=60, *, confidence=0.95):
    before = np.array([False] * fixed + [True] * broken + [True] * same)
    after = np.array([True] * fixed + [False] * broken + [True] * same)
    return paired_difference(before=before, after=after, confidence=confidence)


GAINS = [
    {"goal": difference(20, 0)},
    {"goal": difference(0, 20)},
    {"goal": difference(2, 1)},
    {"goal": difference(5, 0), "apart": Apart(5000, 1)},
    {"goal": difference(9, 0), "more": Counts(asked=(30, 0), drawn=30)},
    {"goal": difference(0, 3), "more": Counts(asked=(5, 20), drawn=30)},
    {"goal": difference(3, 2), "more": Counts(asked=(5, 4), drawn=12)},
    {"goal": difference(3, 2), "more": Counts(asked=(5, 4), drawn=12), "attempt": 3},
]


@pytest.mark.parametrize("asked", GAINS)
def test_what_the_gate_says_of_the_gain_is_read_as_it_meant_it(asked):
    said = gain(name="the target", policy=Policy(), **{"more": Counts(), **asked})
    assert sorted_out(said.sentence, [])[:2] == ("better", WORDS[said.verdict])


def test_the_examples_cover_every_answer():
    verdicts = [gain(name="x", policy=Policy(), **{"more": Counts(), **g}).verdict for g in GAINS]
    assert set(verdicts) == set(WORDS)


@pytest.mark.parametrize("pair", [(5, 0), (0, 20), (1, 3)])
def test_what_the_gate_says_of_the_protected_rows_is_read_as_it_meant_it(pair):
    said = not_worse(
        protected=difference(*pair), one_sided=difference(*pair, confidence=0.9), policy=Policy()
    )
    assert sorted_out(said.sentence, [])[:2] == ("not worse", WORDS[said.verdict])


def test_a_whole_verdict_answers_three_questions():
    labels = np.array(["a"] * 40 + ["b"] * 40, dtype=object)
    before, after = labels.copy(), labels.copy()
    before[:12] = "b"  # wrong on the target until now
    after[41] = "a"
    ids = np.array([f"g-{n}" for n in range(80)], dtype=object)
    gated = judge(
        ids=ids, labels=labels, before=before, after=after, target=["a"], new=[], policy=Policy(),
        must_pass=["g-41"], guards=["Slower: 1.0 ms a row before, 9.0 ms after."],
    )  # fmt: skip
    figures = {
        "overall": gated.overall.as_dict(),
        "groups": {k: v.as_dict() if v else None for k, v in gated.groups.items()},
        "reasons": list(gated.reasons),
        "guards": [
            {"metric": "latency_ms", "before": 1.0, "after": 9.0, "limit": 2, "failed": True,
             "sentence": "Slower: 1.0 ms a row before, 9.0 ms after."},
        ],
        "production": {"n": 400, "disagree": 0.07},
    }  # fmt: skip
    view = gate_view(Comparison(figures=figures))
    better, kept, other = view["parts"]
    assert (better["word"], other["word"]) == ("yes", "no")
    assert (
        better["figures"].startswith("+30.0 points (") and "12 fixed, 0 broken" in better["figures"]
    )
    assert kept["sentences"] and len(other["sentences"]) == 2
    assert view["metrics"] == [
        {"name": "Time a row, ms", "before": "1.0", "after": "9.0", "word": "too much worse"}
    ]
    assert view["production"].startswith("Of the month's 400 production rows 28 would")


def test_a_candidate_that_changes_nothing_is_no_better_and_no_worse():
    labels = np.array(["a"] * 40, dtype=object)
    gated = judge(
        ids=labels, labels=labels, before=labels, after=labels, target=[], new=[], policy=Policy()
    )
    figures = {
        "overall": gated.overall.as_dict(),
        "groups": {k: v.as_dict() if v else None for k, v in gated.groups.items()},
        "reasons": list(gated.reasons),
    }
    view = gate_view(Comparison(figures=figures))
    assert [part["word"] for part in view["parts"]] == ["no", "yes", "yes"]
