import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retraining.stats.decomposition import decompose_change
from retraining.stats.errors import BadSample

cell = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
sides = st.dictionaries(st.sampled_from("abcdef"), cell, min_size=1)


@settings(deadline=None, max_examples=60)
@given(sides, sides)
def test_the_parts_add_up_to_the_change_and_the_groups_to_the_parts(before, after):
    found = decompose_change(before=before, after=after, draws=100)
    rates = [sum(k for k, _ in s.values()) / sum(n for _, n in s.values()) for s in (before, after)]
    assert found.total.delta == pytest.approx(rates[1] - rates[0], abs=1e-12)
    assert found.mix.delta + found.within.delta == pytest.approx(found.total.delta, abs=1e-12)
    assert sum(m for m, _ in found.by_group.values()) == pytest.approx(found.mix.delta, abs=1e-12)
    assert sum(w for _, w in found.by_group.values()) == pytest.approx(
        found.within.delta, abs=1e-12
    )


def test_intervals_cover_the_parts_of_the_true_change():
    q0, q1 = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])
    r0, r1 = np.array([0.9, 0.8, 0.5]), np.array([0.9, 0.65, 0.5])
    mix = float(np.sum((q1 - q0) * (r0 + r1) / 2))
    within = float(np.sum((r1 - r0) * (q0 + q1) / 2))
    rng, covered = np.random.default_rng(6), []
    for seed in range(300):
        counts = []
        for q, r in ((q0, r0), (q1, r1)):
            n = rng.multinomial(200, q)
            counts.append(
                {
                    str(i): (int(rng.binomial(m, p)), int(m))
                    for i, (m, p) in enumerate(zip(n, r, strict=True))
                }
            )
        found = decompose_change(before=counts[0], after=counts[1], draws=500, seed=seed)
        covered.append(
            (
                found.mix.low <= mix <= found.mix.high,
                found.within.low <= within <= found.within.high,
            )
        )
    assert np.all(np.mean(covered, axis=0) >= 0.91)
    assert np.all(np.mean(covered, axis=0) <= 0.985)


def test_a_new_category_that_is_answered_wrongly_is_mix():
    found = decompose_change(before={"old": (90, 100)}, after={"old": (90, 100), "new": (0, 50)})
    assert found.within.delta == 0 and found.mix.delta == pytest.approx(-0.3)
    assert found.by_group["new"][0] < -0.15


def test_a_side_without_rows_is_refused():
    for before, after in (
        ({}, {"a": (1, 2)}),
        ({"a": (0, 0)}, {"a": (1, 2)}),
        ({"a": (3, 2)}, {"a": (1, 2)}),
    ):
        with pytest.raises(BadSample):
            decompose_change(before=before, after=after)
