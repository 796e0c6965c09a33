"""Rows beyond the golden set: what was asked for, what nobody labelled, and what may not count."""

import numpy as np
import pytest

from retraining.gain import Counts, alpha_of_look, gain, to_prove_gain
from retraining.gate import PROMOTE, REJECT, UNDECIDED, judge, sealed_says_no
from retraining.guard import Flow, Fresh, flows, keeps, strays
from retraining.guard_metrics import Confident, guard_metrics
from retraining.labels_wanted import rows_to_ask, shuffled
from retraining.policy import Policy
from retraining.registered import Registered, sealed_ids
from retraining.stats.paired import paired_difference

POLICY = Policy()


def answers(right, fixed, broken, wrong=0, label="a"):
    """Labels and both models' answers with so many rows of each kind."""
    labels = [label] * (right + fixed + broken + wrong)
    before = [label] * right + ["?"] * fixed + [label] * broken + ["?"] * wrong
    after = [label] * (right + fixed) + ["?"] * (broken + wrong)
    return [np.array(column, dtype=object) for column in (labels, before, after)]


def gate(golden, **shown):
    labels, before, after = (np.concatenate(parts) for parts in zip(*golden, strict=True))
    values = {"target": (), "new": (), "policy": POLICY, **shown}
    ids = np.arange(len(labels)).astype(str).astype(object)
    return judge(ids=ids, labels=labels, before=before, after=after, **values)


def test_labels_of_disagreements_decide_what_golden_rows_left_open():
    golden = [answers(100, 12, 6, 12)]
    first = gate(golden)
    assert first.verdict == UNDECIDED and first.asks.keys() == {"all"}
    good = Fresh(*answers(0, 34, 10, 6))
    bad = Fresh(*answers(0, 10, 34, 6))
    assert gate(golden, asked={"all": good}, attempt=2).verdict == PROMOTE
    assert gate(golden, asked={"all": bad}, attempt=2).verdict != PROMOTE
    assert gate(golden, asked={"all": good}, attempt=2).overall == first.overall


def test_rows_asked_for_about_one_category_say_nothing_about_the_gain():
    golden = [answers(100, 12, 6, 12)]
    good = Fresh(*answers(0, 30, 0))
    assert gate(golden, asked={"lost:a": good}, attempt=2).verdict == UNDECIDED


def test_all_looks_together_never_spend_more_than_the_level():
    spent = sum(alpha_of_look(POLICY, attempt) for attempt in range(1, 50))
    assert spent <= POLICY.gate_alpha * (1 + 1e-9)
    assert alpha_of_look(POLICY, 2) < alpha_of_look(POLICY, 1) < POLICY.gate_alpha


def test_equal_candidates_are_hardly_ever_promoted_however_often_they_are_looked_at():
    rng = np.random.default_rng(4)
    promoted = 0
    for _ in range(150):
        changes = rng.multinomial(130, [0.8, 0.06, 0.06, 0.08])
        golden, asked = [answers(*changes)], np.zeros(4, dtype=int)
        for attempt in range(1, 4):
            shown = {"asked": {"all": Fresh(*answers(*asked))}} if asked.any() else {}
            found = gate(golden, attempt=attempt, **shown)
            if found.verdict != UNDECIDED:
                break
            asked = asked + rng.multinomial(found.more_labels, [0, 0.45, 0.45, 0.1])
        promoted += found.verdict == PROMOTE
    assert promoted <= 150 * POLICY.gate_alpha


def test_the_number_asked_for_proves_such_a_gain_most_of_the_time():
    goal = paired_difference(
        before=[True] * 106 + [False] * 24,
        after=[True] * 100 + [False] * 6 + [True] * 13 + [False] * 11,
    )
    n = to_prove_gain(goal, Counts(), POLICY, 1)
    assert 10 <= n < POLICY.label_more_max
    rng, proven = np.random.default_rng(3), 0
    for _ in range(300):
        changed = rng.binomial(n, 0.85)
        fixed = rng.binomial(changed, 13 / 19)
        more = Counts(asked=(int(fixed), int(changed - fixed)))
        proven += gain(goal=goal, name="it", more=more, policy=POLICY, attempt=2).verdict == "for"
    assert proven / 300 >= POLICY.power - 0.1


def test_growth_is_proven_by_rows_out_of_fold_and_only_kept_by_the_golden_set():
    golden = [answers(112, 5, 4, 9)]  # +0.8 points: shows nothing
    out_of_fold = Fresh(*answers(420, 40, 15, 60))
    assert gate(golden, fresh_rows=out_of_fold, growth=True).verdict == PROMOTE
    assert gate(golden, fresh_rows=out_of_fold).verdict == UNDECIDED
    nothing = Fresh(*answers(420, 22, 22, 60))
    assert gate(golden, fresh_rows=nothing, growth=True).verdict == REJECT
    worse = [answers(100, 3, 15, 9)]
    assert gate(worse, fresh_rows=out_of_fold, growth=True).verdict != PROMOTE


def test_unlabelled_rows_show_a_category_that_is_given_up():
    before = np.array(["a"] * 20 + ["b"] * 20, dtype=object)
    after = np.array(["a"] * 8 + ["b"] * 12 + ["b"] * 20, dtype=object)
    moved = flows(before=before, after=after, away_to=())
    assert moved == {"a": Flow(20, 12, 12), "b": Flow(20, 0, 0)}
    assert strays(moved["a"], POLICY) and not strays(moved["b"], POLICY)
    assert keeps(moved["b"], POLICY) and not keeps(moved["a"], POLICY)
    meant = flows(before=before, after=after, away_to={"b"})
    assert meant == {"a": Flow(20, 12, 0)}
    assert not strays(meant["a"], POLICY) and not keeps(meant["a"], POLICY)


def test_a_category_that_is_given_up_holds_a_promotion_back_until_it_is_asked_about():
    golden = [answers(100, 0, 0), answers(4, 0, 0, label="b"), answers(0, 12, 0, label="weak")]
    shown = {"target": ("weak",), "moved": {"b": Flow(20, 14, 14)}}
    found = gate(golden, **shown)
    assert found.verdict == UNDECIDED and found.asks == {"lost:b": 10}
    assert gate(golden, target=("weak",)).verdict == PROMOTE
    lost = Fresh(*answers(2, 0, 10, label="b"))
    kept = Fresh(*answers(4, 3, 4, label="b"))
    for asked, verdict in ((lost, REJECT), (kept, PROMOTE)):
        again = gate(golden, **shown, asked={"lost:b": asked}, attempt=2)
        assert again.verdict == verdict


def test_a_category_that_keeps_its_rows_has_not_lost_them():
    golden = [answers(150, 0, 0), answers(2, 0, 2, label="b"), answers(0, 12, 0, label="weak")]
    shown = {"target": ("weak",)}
    assert gate(golden, **shown).verdict == UNDECIDED
    found = gate(golden, **shown, moved={"b": Flow(40, 2, 2)})
    assert found.verdict == PROMOTE and found.lost == ()


@pytest.mark.parametrize("shown", [{"must_pass": {"0", "129"}}, {"guards": ["Slower."]}])
def test_nothing_outweighs_a_row_that_must_pass_or_a_failed_guard(shown):
    golden = [answers(90, 35, 0, 5)]
    assert gate(golden).verdict == PROMOTE
    found = gate(golden, **shown)
    assert found.verdict == REJECT
    assert "129" in found.reasons[0] or found.reasons[0] == "Slower."


def test_a_row_that_must_pass_and_does_changes_nothing():
    assert gate([answers(90, 35, 0, 5)], must_pass={"0", "100"}).verdict == PROMOTE


def test_rows_are_sealed_from_400_on_by_their_own_ids():
    ids = [f"g-{i}" for i in range(500)]
    assert sealed_ids(ids[:399], policy=POLICY) == frozenset()
    sealed = sealed_ids(ids, policy=POLICY)
    assert 90 <= len(sealed) <= 160
    assert sealed_ids([*ids, "late"], policy=POLICY) - {"late"} == sealed
    assert sealed_ids(ids, must_pass=sealed, policy=POLICY) == frozenset()


def test_sealed_rows_stop_a_promotion_that_they_contradict():
    right, wrong = np.ones(100, bool), np.ones(100, bool)
    wrong[:8] = False
    assert sealed_says_no(before=wrong, after=right, policy=POLICY) is None
    assert "sealed" in str(sealed_says_no(before=right, after=wrong, policy=POLICY))


def test_what_is_registered_comes_back_as_it_was():
    made = Registered.of(
        new={"born"},
        weak={"thin", "gone"},
        golden={"1": "old", "2": "thin", "3": "born"},
        golden_version=2,
        must_pass={"1", "elsewhere"},
        growth=False,
        policy=POLICY,
    )
    assert made.target == ("born", "thin") and made.protected == ("old",)
    assert made.must_pass == ("1",) and made.n == 3
    assert Registered.from_dict(made.as_dict()) == made
    later = POLICY.with_overrides({"gate_gain": 0.5})
    assert made.policy(later) == POLICY


def test_rows_to_label_are_disagreements_each_for_one_question():
    rng = np.random.default_rng(0)
    before = rng.choice(list("abc"), 200).astype(object)
    after = np.where(rng.random(200) < 0.3, rng.choice(list("abc"), 200), before).astype(object)
    asks = {"all": 12, "target": 6, "lost:b": 8}
    left = np.ones(200, bool)
    left[:20] = False
    found = rows_to_ask(asks=asks, before=before, after=after, target={"a"}, left=left, seed=1)
    assert {name: len(rows) for name, rows in found.items()} == asks
    every = [row for rows in found.values() for row in rows]
    assert len(set(every)) == len(every) and min(every) >= 20
    assert all(before[i] != after[i] for i in every)
    assert all("a" in (before[i], after[i]) for i in found["target"])
    assert all("b" in (before[i], after[i]) for i in found["lost:b"])
    assert sorted(shuffled(found, seed=2)) == sorted(every) != shuffled(found, seed=2)


def metrics(before, after, *, seconds=(0.001, 0.001), sizes=(1_000, 1_000)):
    return {
        m.metric: m
        for m in guard_metrics(
            before=before,
            after=after,
            seconds=(np.full(7, seconds[0]), np.full(7, seconds[1])),
            sizes=sizes,
            policy=POLICY,
            seed=1,
        )
    }


def test_a_guard_metric_fails_beyond_its_limit_and_not_by_chance():
    right = np.arange(130) < 110
    honest, sure = Confident(right, np.where(right, 0.9, 0.5)), Confident(right, np.ones(130))
    assert not any(m.failed for m in metrics(honest, honest).values())
    found = metrics(honest, sure)
    assert found["calibration"].failed
    assert not metrics(sure, honest)["calibration"].failed
    assert metrics(honest, honest, seconds=(0.01, 0.05))["latency_ms"].failed
    assert not metrics(honest, honest, seconds=(0.0001, 0.005))["latency_ms"].failed
    assert metrics(honest, honest, sizes=(40_000_000, 300_000_000))["artifact_mb"].failed
    assert not metrics(honest, honest, sizes=(1_000, 300_000))["artifact_mb"].failed


def test_expected_calibration_error_is_the_weighted_gap():
    right = np.array([True, True, False, True])
    found = Confident(right, np.array([0.95, 0.95, 0.95, 0.45]))
    by_hand = 3 / 4 * abs(0.95 - 2 / 3) + 1 / 4 * abs(0.45 - 1)
    assert found.expected_error == pytest.approx(by_hand)
