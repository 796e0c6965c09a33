"""A softmax classifier with at most one hidden layer, fitted by L-BFGS from where it stands.

Both learners need the same three things that scikit-learn's classes give only through private
attributes: start from given weights, grow by a category, and weigh rows. Without a hidden layer
this is multinomial logistic regression (the tests compare it with scikit-learn's); with one it is
a small perceptron with tanh units. L-BFGS uses no randomness, so only the start of a hidden layer
needs a seed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from threadpoolctl import threadpool_limits

Array = NDArray[np.float64]

NEW_CATEGORY_BIAS = -4.0
"""How far below the mean category a new one starts: about 2% of the odds, so that padding alone
hardly moves what the checkpoint answered."""

TOLERANCE = 1e-4
"""Steps end where no slope of the mean loss is steeper (scikit-learn's default for its own)."""


@dataclass(frozen=True)
class Network:
    """Weights of each layer, shape (inputs, outputs), and its biases, shape (outputs,)."""

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    def scores(self, inputs: Any) -> Array:
        """Unnormalised log probabilities, shape (rows, categories); `inputs` may be sparse."""
        return np.asarray(self._forward(inputs)[-1], dtype=np.float64)

    def padded(self, extra: int) -> "Network":
        """The same network with `extra` more categories that nothing speaks for yet.

        Scores of the old categories stay as they are, so their order and their odds do too.
        """
        if extra == 0:
            return self
        last, bias = self.weights[-1], self.biases[-1]
        start = float(bias.mean()) + NEW_CATEGORY_BIAS
        return Network(
            weights=(*self.weights[:-1], np.hstack([last, np.zeros((last.shape[0], extra))])),
            biases=(*self.biases[:-1], np.concatenate([bias, np.full(extra, start)])),
        )

    def _forward(self, inputs: Any) -> list[Any]:
        layers = [inputs]
        for position, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            out = layers[-1] @ weight + bias
            layers.append(out if position == len(self.weights) - 1 else np.tanh(out))
        return layers


def blank_network(*, inputs: int, hidden: int, categories: int, seed: int) -> Network:
    """A network that has learned nothing; `hidden` = 0 leaves the hidden layer out.

    Hidden weights start uniform in +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010), which
    keeps the tanh units off their flat ends; a linear network starts at zero, since its loss has
    one minimum.
    """
    if hidden == 0:
        return Network((np.zeros((inputs, categories)),), (np.zeros(categories),))
    rng = np.random.default_rng(seed)

    def layer(rows: int, columns: int) -> Array:
        limit = np.sqrt(6.0 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    return Network(
        (layer(inputs, hidden), layer(hidden, categories)),
        (np.zeros(hidden), np.zeros(categories)),
    )


def fit_network(
    network: Network,
    *,
    inputs: Any,
    codes: NDArray[np.intp],
    row_weights: Array,
    penalty: float,
    iterations: int,
) -> Network:
    """The network after up to `iterations` L-BFGS steps from its present weights.

    Minimises sum_i w_i * -log p(code_i | row_i) + penalty / 2 * sum of squared weights (biases are
    free). `inputs` is (rows, inputs), dense or CSR; `codes` are column numbers of the categories.
    A category without rows is allowed and only shrinks. One thread, so that the order of additions
    and with it every last digit is the same on each run.
    """
    shapes = [array.shape for array in (*network.weights, *network.biases)]
    splits = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    depth = len(network.weights)
    rows = np.arange(len(codes))

    def unpacked(flat: Array) -> Network:
        parts = [p.reshape(s) for p, s in zip(np.split(flat, splits), shapes, strict=True)]
        return Network(tuple(parts[:depth]), tuple(parts[depth:]))

    def loss_and_gradient(flat: Array) -> tuple[float, Array]:
        now = unpacked(flat)
        layers = now._forward(inputs)
        logs = log_softmax(layers[-1], axis=1)
        loss = -float(row_weights @ logs[rows, codes])
        error = np.exp(logs)
        error[rows, codes] -= 1.0
        error *= row_weights[:, None]
        weight_slopes: list[Array] = []
        bias_slopes: list[Array] = []
        for position in range(depth - 1, -1, -1):
            weight = now.weights[position]
            loss += 0.5 * penalty * float(np.vdot(weight, weight))
            weight_slopes.insert(0, layers[position].T @ error + penalty * weight)
            bias_slopes.insert(0, error.sum(axis=0))
            if position:
                error = (error @ weight.T) * (1.0 - layers[position] ** 2)
        return loss, np.concatenate([a.ravel() for a in (*weight_slopes, *bias_slopes)])

    start = np.concatenate([a.ravel() for a in (*network.weights, *network.biases)])
    options = {"maxiter": iterations, "gtol": TOLERANCE * float(row_weights.sum())}
    with threadpool_limits(limits=1):
        found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options=options)
    return unpacked(np.asarray(found.x, dtype=np.float64))
