"""The gate's verdicts on tables of right and wrong answers."""

import numpy as np
import pytest

from retraining.apart import Apart
from retraining.gate import PROMOTE, REJECT, UNDECIDED, judge
from retraining.guard import CLEARED, CONFIRMED, OPEN, Fresh
from retraining.policy import Policy

POLICY = Policy()
RIGHT, FIXED, BROKEN, WRONG = "right", "fixed", "broken", "wrong"


def rows(**categories):
    """Labels and both vectors of answers: category -> {outcome: count}."""
    labels, before, after = [], [], []
    for category, outcomes in categories.items():
        for outcome, count in outcomes.items():
            labels += [category] * count
            before += [category if outcome in (RIGHT, BROKEN) else "?"] * count
            after += [category if outcome in (RIGHT, FIXED) else "?"] * count
    return [np.array(column, dtype=object) for column in (labels, before, after)]


SHOWN = ("asked", "moved", "apart", "attempt", "growth", "must_pass", "guards")


def gate(*, target=(), new=(), fresh=None, policy=POLICY, **categories):
    shown = {name: categories.pop(name) for name in SHOWN if name in categories}
    labels, before, after = rows(**categories)
    ids = np.array([f"g-{number}" for number in range(len(labels))], dtype=object)
    return judge(
        ids=ids,
        labels=labels,
        before=before,
        after=after,
        target=set(target),
        new=set(new),
        policy=policy,
        fresh_rows=fresh,
        **shown,
    )


def fresh_rows(**categories):
    return Fresh(*rows(**categories))


@pytest.mark.parametrize("target", [(), ("thin",)])
def test_a_candidate_compared_with_itself_is_no_difference(target):
    labels, answers, _ = rows(old={RIGHT: 70, WRONG: 10}, thin={RIGHT: 2, WRONG: 8})
    found = judge(
        ids=np.arange(len(labels)).astype(str).astype(object),
        labels=labels,
        before=answers,
        after=answers.copy(),
        target=set(target),
        new=set(),
        policy=POLICY,
    )
    assert (found.overall.delta, found.overall.p_value) == (0.0, 1.0)
    assert (found.overall.fixed, found.overall.broken) == (0, 0)
    assert found.overall.low < 0 < found.overall.high
    assert found.fixed_rows == found.broken_rows == ()
    assert all(c["fixed"] == c["broken"] == 0 and not c["guard"] for c in found.categories)
    assert found.verdict == REJECT
    assert "as the incumbent does" in found.reasons[0]


def test_a_proven_gain_on_the_target_without_loss_is_promoted():
    found = gate(
        target={"born"}, new={"born"}, old={RIGHT: 90, WRONG: 10}, born={FIXED: 8, WRONG: 2}
    )
    assert found.verdict == PROMOTE
    assert found.groups["target"].n == 10 and found.groups["new"].n == 10
    assert found.groups["protected"].n == 100
    assert found.more_labels is None
    assert len(found.fixed_rows) == 8


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        # The first look has half of the level: 0.025.
        ({FIXED: 6, WRONG: 5}, PROMOTE),  # p = 1/64
        ({FIXED: 5, WRONG: 6}, UNDECIDED),  # p = 1/32
        ({FIXED: 9, BROKEN: 2}, UNDECIDED),  # p = 0.033
        ({FIXED: 10, BROKEN: 2}, PROMOTE),  # p = 0.019
        ({FIXED: 3, BROKEN: 3, RIGHT: 4}, UNDECIDED),  # ten rows can't rule 6 points out
        ({FIXED: 3, BROKEN: 3, RIGHT: 160}, REJECT),  # these can
        ({FIXED: 1, BROKEN: 9, RIGHT: 5}, REJECT),
        ({RIGHT: 5, WRONG: 5}, REJECT),
    ],
)
def test_superiority_is_asked_of_the_target(outcomes, verdict):
    found = gate(target={"weak"}, old={RIGHT: 80}, weak=outcomes)
    assert found.verdict == verdict


def test_a_gain_that_is_sure_but_too_small_is_not_enough():
    # 6 of 500 rows fixed and none broken: p = 0.016, but 1.2 points.
    found = gate(old={RIGHT: 494, FIXED: 6})
    assert found.overall.delta < POLICY.gate_gain
    assert found.verdict == UNDECIDED


def test_growth_has_no_target_and_is_judged_on_all_rows():
    found = gate(old={RIGHT: 80, FIXED: 9, BROKEN: 1, WRONG: 10})
    assert found.groups["target"] is None and found.groups["new"] is None
    assert found.groups["protected"].n == found.overall.n == 100
    assert found.verdict == PROMOTE
    assert found.reasons[0].startswith("Better on all rows")


def test_a_clear_loss_of_the_protected_group_is_rejected_whatever_the_target_gains():
    found = gate(
        target={"weak"},
        a={RIGHT: 30, BROKEN: 4},
        b={RIGHT: 30, BROKEN: 4},
        c={RIGHT: 30, BROKEN: 4},
        weak={FIXED: 10},
    )
    assert found.groups["protected"].high < 0
    assert found.verdict == REJECT
    assert found.reasons[0].startswith("Worse on the protected categories")


def test_a_loss_within_the_margin_that_is_not_ruled_out_asks_for_the_labels_that_would():
    found = gate(target={"weak"}, old={RIGHT: 85, FIXED: 2, BROKEN: 4}, weak={FIXED: 10})
    assert found.verdict == UNDECIDED
    assert "not ruled out on the protected" in found.reasons[0]
    # With so many more rows on which they disagree, changing as these did, the sign test is done.
    broken = round(found.more_labels * 4 / 6)
    asked = fresh_rows(old={BROKEN: broken, FIXED: found.more_labels - broken})
    again = gate(
        target={"weak"},
        old={RIGHT: 85, FIXED: 2, BROKEN: 4},
        weak={FIXED: 10},
        asked={"all": asked},
        apart={"all": Apart(1000, 60)},
        attempt=2,
    )
    assert again.verdict == PROMOTE
    assert again.overall == found.overall  # asked rows join no points


def test_the_margin_is_the_policys():
    wide = POLICY.with_overrides({"protected_margin": 0.2})
    table = {"old": {RIGHT: 85, FIXED: 2, BROKEN: 4}, "weak": {FIXED: 10}}
    assert gate(target={"weak"}, **table).verdict == UNDECIDED
    assert gate(target={"weak"}, policy=wide, **table).verdict == PROMOTE


@pytest.mark.parametrize(
    ("outcomes", "guarded"),
    [
        ({RIGHT: 3, BROKEN: 1}, False),  # one row
        ({RIGHT: 2, BROKEN: 2}, True),  # two of four
        ({RIGHT: 6, BROKEN: 2}, False),  # two of eight are 25%, not over
        ({RIGHT: 5, BROKEN: 2}, True),  # two of seven
        ({RIGHT: 3, BROKEN: 3, FIXED: 2}, False),  # net loss of one
    ],
)
def test_the_guard_trips_at_two_rows_net_and_over_a_quarter(outcomes, guarded):
    found = gate(target={"weak"}, old={RIGHT: 80}, small=outcomes, weak={FIXED: 10})
    category = next(c for c in found.categories if c["category"] == "small")
    assert category["guard"] is guarded
    assert found.lost == (("small",) if guarded else ())


def test_a_tripped_guard_without_fresh_rows_stays_open_and_asks_for_that_category():
    found = gate(target={"weak"}, old={RIGHT: 150}, small={RIGHT: 2, BROKEN: 2}, weak={FIXED: 10})
    assert found.verdict == UNDECIDED
    assert found.lost == ("small",)
    assert found.asks == {"lost:small": 2 * POLICY.category_min_n}
    assert found.more_labels == 2 * POLICY.category_min_n
    assert "only 0 rows that neither" in " ".join(found.reasons)


@pytest.mark.parametrize(
    ("outcomes", "verdict", "state"),
    [
        ({RIGHT: 2, BROKEN: 4}, REJECT, CONFIRMED),
        ({RIGHT: 6}, PROMOTE, CLEARED),
        ({RIGHT: 5, BROKEN: 1}, PROMOTE, CLEARED),
        ({RIGHT: 2, BROKEN: 2}, UNDECIDED, OPEN),  # four fresh rows are too few
    ],
)
def test_fresh_rows_confirm_clear_or_leave_open_a_tripped_guard(outcomes, verdict, state):
    found = gate(
        target={"weak"},
        old={RIGHT: 150, WRONG: 40},
        small={RIGHT: 2, BROKEN: 2},
        weak={FIXED: 10},
        fresh=fresh_rows(small=outcomes, old={RIGHT: 20}),
    )
    assert found.verdict == verdict
    assert found.lost == (() if state == CLEARED else ("small",))


def test_fresh_rows_of_the_target_help_to_prove_its_gain():
    table = {"old": {RIGHT: 80}, "weak": {FIXED: 3, WRONG: 1}}
    assert gate(target={"weak"}, **table).verdict == UNDECIDED
    helped = gate(target={"weak"}, **table, fresh=fresh_rows(weak={FIXED: 4, RIGHT: 3}))
    assert helped.verdict == PROMOTE
    assert helped.groups["target"].n == 4  # they join the test, not the points
    against = gate(target={"weak"}, **table, fresh=fresh_rows(weak={BROKEN: 4, RIGHT: 3}))
    assert against.verdict == UNDECIDED


def test_fresh_rows_of_other_categories_say_nothing_about_a_loss():
    found = gate(
        target={"weak"},
        old={RIGHT: 80},
        small={RIGHT: 2, BROKEN: 2},
        weak={FIXED: 10},
        fresh=fresh_rows(old={RIGHT: 50}),
    )
    assert found.verdict == UNDECIDED


def test_a_loss_inside_the_target_trips_no_guard():
    found = gate(target={"weak", "thin"}, old={RIGHT: 80}, thin={BROKEN: 2}, weak={FIXED: 12})
    assert found.lost == ()
    assert found.verdict == PROMOTE


def test_new_categories_are_not_protected_even_outside_the_target():
    found = gate(target={"weak"}, new={"born"}, old={RIGHT: 80}, born={WRONG: 5}, weak={FIXED: 10})
    assert found.groups["protected"].n == 80
    assert found.groups["new"].n == 5


def test_a_candidate_broken_by_its_data_is_rejected():
    rng = np.random.default_rng(1)
    broken = 0
    for _ in range(20):
        tables = {}
        for name in "abcdefghij":
            outcomes = rng.choice([RIGHT, FIXED, BROKEN, WRONG], size=10, p=[0.6, 0.03, 0.27, 0.1])
            tables[name] = dict(zip(*np.unique(outcomes, return_counts=True), strict=True))
        broken += gate(target={"weak"}, weak={FIXED: 6, WRONG: 4}, **tables).verdict == REJECT
    assert broken == 20


def test_candidates_as_good_as_the_incumbent_are_hardly_ever_promoted():
    rng = np.random.default_rng(2)
    promoted = 0
    for _ in range(200):
        outcomes = rng.choice([RIGHT, FIXED, BROKEN, WRONG], size=100, p=[0.8, 0.05, 0.05, 0.1])
        table = dict(zip(*np.unique(outcomes, return_counts=True), strict=True))
        promoted += gate(old=table).verdict == PROMOTE
    assert promoted <= 200 * POLICY.gate_alpha


def test_more_labels_shrink_as_the_evidence_grows():
    little = gate(target={"weak"}, old={RIGHT: 80}, weak={FIXED: 2, WRONG: 8})
    more = gate(target={"weak"}, old={RIGHT: 80}, weak={FIXED: 4, WRONG: 6})
    assert 10 <= more.more_labels < little.more_labels <= POLICY.label_more_max


def test_an_empty_golden_set_compares_nothing():
    with pytest.raises(ValueError, match="empty"):
        gate()
