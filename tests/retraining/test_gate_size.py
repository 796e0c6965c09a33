"""Asked rows prove a gain of the size that the gate asks for, never just any gain."""

import numpy as np
import pytest

from retraining.apart import Apart, differing
from retraining.gain import LOOKS, Counts, gain, share_meant
from retraining.gate import PROMOTE, REJECT, UNDECIDED, judge
from retraining.guard import Fresh
from retraining.labels_wanted import rows_to_ask
from retraining.policy import Policy
from retraining.stats.paired import mcnemar_greater, paired_difference

POLICY = Policy()


def answers(right, fixed, broken, wrong=0, astray=0):
    """Labels and both models' answers; ``astray`` rows are answered differently, and both wrong."""
    before = ["a"] * right + ["?"] * fixed + ["a"] * broken + ["?"] * wrong + ["!"] * astray
    after = ["a"] * (right + fixed) + ["?"] * (broken + wrong + astray)
    labels = ["a"] * len(before)
    return [np.array(column, dtype=object) for column in (labels, before, after)]


def gate(golden, *, asked=None, differ=None, n=1000, **shown):
    labels, before, after = answers(*golden)
    ids = np.arange(len(labels)).astype(str).astype(object)
    if asked is not None:
        shown["asked"] = {"all": Fresh(*answers(*asked))}
    if differ is not None:
        shown["apart"] = {"all": Apart(n, differ)}
    return judge(
        ids=ids,
        labels=labels,
        before=before,
        after=after,
        target=(),
        new=(),
        policy=POLICY,
        **shown,
    )


def points(right, fixed, broken, wrong):
    labels, before, after = answers(right, fixed, broken, wrong)
    return paired_difference(before=before == labels, after=after == labels)


def test_rows_that_prove_a_gain_prove_its_size_only_where_enough_rows_change():
    golden, asked = (105, 8, 5, 12), (0, 70, 40)
    assert mcnemar_greater(fixed=78, broken=45) < 0.0125
    few, many = (gate(golden, asked=asked, differ=d, attempt=2) for d in (50, 300))
    assert few.verdict != PROMOTE and many.verdict == PROMOTE
    assert few.overall == many.overall == gate(golden).overall  # asked rows join no points


def test_rows_on_which_both_are_wrong_lower_what_the_others_stand_for():
    goal, apart = points(105, 8, 5, 12), Apart(1000, 100)
    all_right = share_meant(0.015, goal, Counts(asked=(30, 20), drawn=50), apart)
    half_wrong = share_meant(0.015, goal, Counts(asked=(30, 20), drawn=100), apart)
    assert all_right == pytest.approx((1 + 0.015 / 0.1) / 2)
    assert half_wrong == pytest.approx((1 + 0.015 / 0.05) / 2)
    assert share_meant(0.015, goal, Counts(), None) == pytest.approx((1 + 0.015 * 130 / 13) / 2)
    clear, blurred = ((0, 34, 10), (0, 34, 10, 0, 90))
    assert gate((105, 8, 5, 12), asked=clear, differ=100, attempt=2).verdict == PROMOTE
    assert gate((105, 8, 5, 12), asked=blurred, differ=100, attempt=2).verdict != PROMOTE


def test_golden_rows_too_must_refute_that_the_gain_is_just_of_that_size():
    golden = (112, 8, 1, 9)  # p = 0.0195 that there is no gain
    assert gate(golden, differ=400).verdict == PROMOTE
    found = gate(golden, differ=45)  # 1.5 points of 4.5 that change: p = 0.143
    assert found.verdict == UNDECIDED and found.asks.keys() == {"all"}


def test_where_fewer_rows_change_than_the_gain_would_need_nobody_is_asked():
    found = gate((120, 3, 0, 7), differ=5)
    assert found.verdict == REJECT and found.asks is None
    assert "1000 rows 5 are answered otherwise" in found.reasons[0]
    assert gate((120, 3, 0, 7), differ=0, n=40).verdict == UNDECIDED  # 40 rows can't say that


def test_a_gain_that_is_there_but_too_small_ends_the_asking():
    # So even a split that 6 points are out of the question at 20 rows in 100 that change.
    found = gate((105, 7, 5, 13), asked=(0, 32, 30), differ=200, attempt=2)
    assert found.verdict == REJECT and "No gain of the size" in found.reasons[0]
    assert gate((105, 7, 5, 13), asked=(0, 5, 4), differ=200, attempt=2).verdict == UNDECIDED


def test_the_asking_ends_with_the_last_registered_look():
    shown = {"asked": (0, 14, 8), "differ": 100}
    assert gate((105, 8, 5, 12), **shown, attempt=LOOKS - 1).verdict == UNDECIDED
    found = gate((105, 8, 5, 12), **shown, attempt=LOOKS)
    assert found.verdict == REJECT and "asking ends" in found.reasons[0]
    # Nobody labelled anything: nothing was answered yet.
    assert gate((105, 8, 5, 12), differ=100, attempt=LOOKS).verdict == UNDECIDED


def test_growth_keeps_the_points_of_its_many_rows_out_of_fold():
    goal, fair = points(112, 5, 4, 9), points(420, 40, 15, 60)
    more = Counts(fresh=(40, 15))
    shown = {"goal": goal, "name": "it", "more": more, "policy": POLICY, "apart": Apart(1000, 60)}
    assert gain(**shown, fair=fair).verdict == "for"
    assert gain(**shown).verdict == "open"


def walked(rng, shares, differ):
    """The last verdict on one candidate: a golden set, then labels as they are asked for."""
    changes, asked = rng.multinomial(130, shares), np.zeros(3, dtype=int)
    odds = np.array([0, shares[1], shares[2]]) / (shares[1] + shares[2])
    for attempt in range(1, LOOKS + 1):
        shown = {"asked": asked} if asked.any() else {}
        found = gate(changes, differ=differ, attempt=attempt, **shown)
        if found.verdict != UNDECIDED:
            break
        asked = asked + rng.multinomial(found.more_labels, odds)
    return found.verdict


@pytest.mark.parametrize(
    ("fixed", "broken", "least", "most"),
    [
        (0.05, 0.04, 0, 0.03),  # one point more right: not what was asked for
        (0.0525, 0.0375, 0, 0.05),  # just that: the level of all looks
        (0.10, 0.03, 0.9, 1),
    ],
)
def test_a_gain_below_the_asked_size_is_hardly_ever_promoted(fixed, broken, least, most):
    rng = np.random.default_rng(11)
    shares = [0.8, fixed, broken, 0.2 - fixed - broken]
    verdicts = [walked(rng, shares, round(1000 * (fixed + broken))) for _ in range(120)]
    assert least <= verdicts.count(PROMOTE) / 120 <= most
    assert UNDECIDED not in verdicts


def test_rows_that_differ_are_counted_by_the_question_that_draws_from_them():
    before = np.array(list("aaabbbcccc"), dtype=object)
    after = np.array(list("abcbbbccca"), dtype=object)
    found = differing(before=before, after=after, target={"a"})
    assert found == {"all": Apart(10, 3), "target": Apart(4, 3)}
    asks = {"target": 10}
    rows = rows_to_ask(
        asks=asks, before=before, after=after, target={"a"}, left=np.ones(10, bool), seed=1
    )
    assert len(rows["target"]) == found["target"].differ
    assert differing(before=before[:0], after=after[:0], target={"a"}) == {}
    assert differing(before=before, after=after, target=()).keys() == {"all"}
