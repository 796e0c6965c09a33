"""Golden rows speak of what they cover, and a look that none can follow spends all that is left."""

import numpy as np
import pytest

from retraining.apart import Apart, speaks_for
from retraining.gain import LOOKS, Counts, alpha_of_look, is_last
from retraining.gate import PROMOTE, REJECT, UNDECIDED, judge
from retraining.guard import Fresh
from retraining.no_loss import counting, protected_change, to_rule_loss_out
from retraining.policy import Policy
from retraining.stats.paired import paired_difference

POLICY = Policy()


def answers(right, fixed, broken, wrong=0, label="a"):
    """Labels and both models' answers with so many rows of each kind."""
    labels = [label] * (right + fixed + broken + wrong)
    before = [label] * right + ["?"] * fixed + [label] * broken + ["?"] * wrong
    after = [label] * (right + fixed) + ["?"] * (broken + wrong)
    return [np.array(column, dtype=object) for column in (labels, before, after)]


def both(one, other):
    return [np.concatenate(parts) for parts in zip(one, other, strict=True)]


def gate(golden, *, asked=None, month=None, left=None, **shown):
    labels, before, after = answers(*golden)
    if asked is not None:
        shown["asked"] = {"all": Fresh(*answers(*asked))}
    if month is not None:
        shown["apart"] = {"all": Apart(*month)}
    if left is not None:
        shown["left"] = {"all": left, "target": 0}
    values = {"target": (), "new": (), "policy": POLICY, **shown}
    ids = np.arange(len(labels)).astype(str).astype(object)
    return judge(ids=ids, labels=labels, before=before, after=after, **values)


def test_golden_rows_that_do_not_cover_the_change_ask_for_labels_instead_of_rejecting():
    golden = (91, 1, 2, 6)  # one fixed, two broken: no gain, at most 3.9 points
    found = gate(golden, month=(535, 91))
    assert found.verdict == UNDECIDED and found.asks.keys() == {"all"}
    assert "they change 3%, the month's rows 17% of answers" in found.reasons[0]
    # Where production changes as rarely, they do cover it, and say no.
    assert gate(golden, month=(535, 20)).verdict == REJECT
    assert gate(golden).verdict == REJECT


def test_asked_rows_prove_a_gain_that_golden_rows_elsewhere_cannot_rule_out():
    golden = (92, 0, 2, 6)  # -2 points where the gain does not lie
    assert gate(golden, month=(535, 91), asked=(0, 39, 3), attempt=2).verdict == PROMOTE
    assert gate(golden, month=(535, 91), asked=(0, 27, 16), attempt=2).verdict == UNDECIDED
    # Golden rows that cover it stand against it: 12 of them change as the month's rows do.
    covering = gate((82, 5, 7, 6), month=(535, 91), asked=(0, 39, 3), attempt=2)
    assert covering.verdict == REJECT and "No gain" in covering.reasons[0]


def test_golden_rows_that_cover_little_still_protect_what_they_hold():
    found = gate((88, 0, 8, 4), month=(500, 200), asked=(0, 60, 3), attempt=2)
    assert found.verdict == REJECT and found.reasons[0].startswith("Worse on the protected")


def test_golden_rows_speak_until_they_change_less_often_beyond_chance():
    assert speaks_for(Apart(100, 12), Apart(535, 91), POLICY)
    assert not speaks_for(Apart(100, 5), Apart(535, 91), POLICY)
    assert speaks_for(Apart(100, 30), Apart(535, 91), POLICY)  # more often is no reason
    assert speaks_for(Apart(10, 0), Apart(535, 91), POLICY)  # ten rows can't tell
    assert speaks_for(None, Apart(535, 91), POLICY) and speaks_for(Apart(9, 0), None, POLICY)


def test_a_look_that_none_can_follow_spends_the_level_that_is_left():
    asked, month = (0, 39, 19), (487, 100)
    last = gate((90, 1, 0, 9), month=month, asked=asked, attempt=2, left=0)
    assert last.verdict == PROMOTE and "(p=0.0193)" in last.reasons[0]
    for left in (5, None):  # further labels could come, or nobody knows
        found = gate((90, 1, 0, 9), month=month, asked=asked, attempt=2, left=left)
        assert found.verdict == UNDECIDED


def test_with_the_last_row_labelled_the_asking_ends():
    found = gate((90, 3, 2, 5), month=(487, 100), asked=(0, 33, 25), attempt=2, left=0)
    assert found.verdict == REJECT and "asking ends" in found.reasons[0]


def test_a_first_look_is_never_the_last_nor_one_that_nobody_answered():
    some = Counts(asked=(3, 1), drawn=4)
    assert is_last(some, 2, 0) and is_last(some, LOOKS, 40)
    assert not is_last(some, 2, 1) and not is_last(some, 2, None)
    assert not is_last(some, 1, 0) and not is_last(Counts(fresh=(9, 1)), LOOKS, 0)


@pytest.mark.parametrize("last", [2, 3, 5])
def test_however_many_looks_there_are_they_spend_the_level_and_no_more(last):
    levels = [alpha_of_look(POLICY, k, last=k == last) for k in range(1, last + 1)]
    assert sum(levels) == pytest.approx(POLICY.gate_alpha)
    assert levels[-1] == levels[-2]


def test_a_gain_of_just_the_size_is_hardly_ever_promoted_where_the_rows_run_out():
    """A golden set that covers nothing, and months of which 30 to 110 rows could be labelled."""
    rng, promoted = np.random.default_rng(7), 0
    for _ in range(300):
        month, changed = 500, int(rng.integers(30, 111))
        fixed = round((changed + POLICY.gate_gain * month) / 2)
        pool = rng.permutation(np.repeat([True, False], [fixed, changed - fixed]))
        golden = (95, *rng.multinomial(2, [0.5, 0.5]), 3)
        asked = pool[:0]
        for attempt in range(1, LOOKS + 1):
            shown = (0, int(asked.sum()), int((~asked).sum())) if len(asked) else None
            left = changed - len(asked)
            found = gate(golden, month=(month, changed), asked=shown, left=left, attempt=attempt)
            if found.verdict != UNDECIDED:
                break
            asked = pool[: len(asked) + max(min(found.more_labels, 40), 1)]
        promoted += found.verdict == PROMOTE
    assert promoted <= 300 * POLICY.gate_alpha


def test_the_protected_group_changes_as_often_as_its_own_rows_do():
    apart = {"all": Apart(400, 100), "target": Apart(50, 50)}
    # Without labels: the 50 rows that neither takes for the target, of 350.
    assert protected_change(apart, Counts()) == pytest.approx(50 / 350)
    # As 20 labelled ones say: 6 of them are protected and right in one of the two.
    labelled = Counts(asked=(2, 4), drawn=20)
    assert counting(apart, labelled) == pytest.approx(0.3)
    assert protected_change(apart, labelled) == pytest.approx(100 * 0.3 / 350)
    assert protected_change({}, labelled) is None


def test_rows_asked_for_a_loss_decide_it_most_of_the_time():
    """A harmless candidate of whose differing rows half are the target's, as production shows."""
    protected = paired_difference(
        before=[True] * 86 + [False] * 14,
        after=[True] * 81 + [False] * 5 + [True] * 4 + [False] * 10,
        confidence=1 - 2 * POLICY.gate_alpha,
    )
    apart = {"all": Apart(400, 100), "target": Apart(50, 50)}
    n = to_rule_loss_out(protected, POLICY, Counts(), apart)
    without = to_rule_loss_out(protected, POLICY, Counts(), {"all": Apart(350, 50)})
    assert 2 * without - 2 <= n <= 100
    rng, cleared = np.random.default_rng(3), 0
    golden = both(answers(81, 4, 5, 10), answers(0, 10, 0, label="w"))
    for _ in range(200):
        fixed, broken, born = rng.multinomial(n, [0.25, 0.25, 0.5])
        drawn = Fresh(*both(answers(0, fixed, broken), answers(0, born, 0, label="w")))
        found = judge(
            ids=np.arange(len(golden[0])).astype(str).astype(object),
            labels=golden[0],
            before=golden[1],
            after=golden[2],
            target={"w"},
            new={"w"},
            policy=POLICY,
            asked={"all": drawn},
            apart=apart,
            attempt=2,
        )
        cleared += found.verdict == PROMOTE
    assert cleared / 200 >= POLICY.power - 0.15
