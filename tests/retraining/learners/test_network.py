"""The numeric core: right slopes, the known optimum, and growth that disturbs nothing."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from retraining.learners import network as module
from retraining.learners.network import blank_network, fit_network

RNG = np.random.default_rng(3)
INPUTS = RNG.normal(size=(90, 4))
CODES = (INPUTS[:, 0] + INPUTS[:, 1] ** 2 + 0.3 * RNG.normal(size=90) > 0.5).astype(np.intp)
CODES[INPUTS[:, 2] > 1] = 2


def fit(start, *, inputs=INPUTS, iterations=500, penalty=0.5, weights=None):
    return fit_network(
        start,
        inputs=inputs,
        codes=CODES,
        row_weights=np.ones(len(CODES)) if weights is None else weights,
        penalty=penalty,
        iterations=iterations,
    )


def blank(hidden=0, categories=3, seed=0):
    return blank_network(inputs=4, hidden=hidden, categories=categories, seed=seed)


def test_without_a_hidden_layer_it_is_logistic_regression(monkeypatch):
    monkeypatch.setattr(module, "TOLERANCE", 1e-9)
    weights = RNG.uniform(0.5, 2.0, len(CODES))
    ours = softmax(fit(blank(), weights=weights).scores(INPUTS), axis=1)
    reference = LogisticRegression(C=2.0, tol=1e-9, max_iter=2000)
    theirs = reference.fit(INPUTS, CODES, sample_weight=weights).predict_proba(INPUTS)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("hidden", [0, 3])
def test_the_slopes_are_those_of_the_loss(hidden, monkeypatch):
    seen = {}

    def capture(function, start, **options):
        seen.update(function=function, start=start)
        raise InterruptedError

    monkeypatch.setattr(module, "minimize", capture)
    with pytest.raises(InterruptedError):
        fit(blank(hidden, seed=1), weights=RNG.uniform(0.5, 2.0, len(CODES)))
    at = seen["start"] + RNG.normal(scale=0.3, size=len(seen["start"]))
    off = check_grad(lambda w: seen["function"](w)[0], lambda w: seen["function"](w)[1], at)
    assert off < 1e-3


def test_a_hidden_layer_learns_what_a_line_can_not():
    def right(network):
        return (network.scores(INPUTS).argmax(axis=1) == CODES).mean()

    assert right(fit(blank(hidden=8), penalty=0.01)) > right(fit(blank(), penalty=0.01)) + 0.05


def test_sparse_and_dense_inputs_give_the_same_network():
    dense, sparse = fit(blank()), fit(blank(), inputs=csr_matrix(INPUTS))
    np.testing.assert_allclose(dense.weights[0], sparse.weights[0], atol=1e-6)


@pytest.mark.parametrize("hidden", [0, 6])
def test_padding_keeps_the_odds_of_old_categories_and_gives_new_ones_little(hidden):
    old = fit(blank(hidden))
    grown = old.padded(2)
    np.testing.assert_array_equal(grown.scores(INPUTS)[:, :3], old.scores(INPUTS))
    before, after = (softmax(n.scores(INPUTS), axis=1) for n in (old, grown))
    np.testing.assert_array_equal(before.argsort(axis=1), after[:, :3].argsort(axis=1))
    np.testing.assert_allclose(
        after[:, :3] / after[:, :3].sum(axis=1, keepdims=True), before, rtol=1e-9
    )
    assert np.median(after[:, 3:].sum(axis=1)) < 0.05
    assert old.padded(0) is old


def test_it_starts_where_the_checkpoint_stood():
    finished = fit(blank(hidden=6))
    resumed = fit(finished, iterations=1)
    fresh = fit(blank(hidden=6), iterations=1)
    drift = np.abs(resumed.scores(INPUTS) - finished.scores(INPUTS)).mean()
    assert drift < 0.1 * np.abs(fresh.scores(INPUTS) - finished.scores(INPUTS)).mean()


def test_weights_count_like_repeated_rows():
    weights = np.where(CODES == 2, 3.0, 1.0)
    repeats = np.repeat(np.arange(len(CODES)), weights.astype(int))
    repeated = fit_network(
        blank(),
        inputs=INPUTS[repeats],
        codes=CODES[repeats],
        row_weights=np.ones(len(repeats)),
        penalty=0.5,
        iterations=500,
    )
    weighted = fit(blank(), weights=weights)
    np.testing.assert_allclose(weighted.weights[0], repeated.weights[0], atol=1e-3)
