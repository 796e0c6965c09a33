"""Small categories borrow from the others: rates that are shrunk to what all have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from retraining.stats.checks import fraction, successes_of
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate

# Grids of the common rate, of the rows that it is worth in each category (1: categories have nothing
# in common; 1000: all are alike), and of the rates themselves.
MEANS = (np.arange(60) + 0.5) / 60
STRENGTHS = np.geomspace(1.0, 1000.0, 24)
RATES = (np.arange(800) + 0.5) / 800


@dataclass(frozen=True)
class Pooled:
    """Rates by name, the rate they have in common, and how many rows that one counts for in each."""

    rates: Mapping[str, Estimate]
    common: float
    strength: float


def pooled_rates(*, counts: Mapping[str, tuple[int, int]], confidence: float = 0.95) -> Pooled:
    """How high is the rate in each category, if the other categories also say something about it?

    Each category's rate is drawn from Beta(m s, (1 - m) s): m is the common rate, s says in rows
    how alike categories are; successes are binomial. m is uniform and 1 / sqrt(s) uniform for s
    from 1 to 1000; both are weighted by how well they explain all counts (beta-binomial likelihood) and
    averaged over, so that the intervals know that m and s are estimates. A category's answer is the
    mean and the equal tails of its posterior: near its own rate with many rows, near m with few.

    Assumes independent rows, and that no category is known beforehand to be special: a category
    that truly stands out and has few rows is drawn to the rest (its `n` says how few). Interval
    coverage holds on the average over categories, not for the worst one.

    `counts`: name -> (successes, n); n = 0 is allowed and gives what the others say. Units:
    fractions. Errors: `BadSample` for no categories, none with rows, or counts out of range.
    Source: Gelman et al., Bayesian Data Analysis (3rd ed.), section 5.3; Efron and Morris (1975).

    >>> pooled = pooled_rates(counts={"card": (46, 50), "loan": (44, 50), "rare": (1, 3)})
    >>> rare = pooled.rates["rare"]
    >>> round(rare.estimate, 2), round(rare.low, 2), round(rare.high, 2), rare.n
    (0.59, 0.12, 0.92, 3)
    """
    tail = (1 - fraction("confidence", confidence)) / 2
    for hits, n in counts.values():
        if (hits, n) != (0, 0):
            successes_of(hits, n)
    if not any(n for _, n in counts.values()):
        raise BadSample("no category has a row")
    pairs = np.array(list(counts.values()), dtype=np.float64)
    a, b = (grid.ravel() for grid in _shapes())
    weight = _weights(pairs, a, b)
    kept = weight > weight.max() * 1e-4
    a, b, weight = a[kept], b[kept], weight[kept] / weight[kept].sum()
    rates = {
        name: _posterior(int(hits), int(n), a, b, weight, tail)
        for name, (hits, n) in counts.items()
    }
    strength = float(np.exp(np.sum(weight * np.log(a + b))))
    return Pooled(rates=rates, common=float(np.sum(weight * a / (a + b))), strength=strength)


def _shapes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    means, strengths = np.meshgrid(MEANS, STRENGTHS)
    return means * strengths, (1 - means) * strengths


def _weights(
    pairs: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float64]:
    hits, misses = pairs[:, 0][:, None], (pairs[:, 1] - pairs[:, 0])[:, None]
    fit = np.sum(betaln(a + hits, b + misses) - betaln(a, b), axis=0)
    # The grid is even in log s, so that a density in 1 / sqrt(s) weighs each point so.
    fit -= np.log(a + b) / 2
    return np.asarray(np.exp(fit - fit.max()), dtype=np.float64)


def _posterior(
    hits: int,
    n: int,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    weight: NDArray[np.float64],
    tail: float,
) -> Estimate:
    """The category's mean and equal tails, over the kept shapes.

    The weights already contain the category's own counts, so its posterior is their plain mixture.
    """
    ups, downs = a + hits, b + n - hits
    log_density = (
        np.outer(ups - 1, np.log(RATES))
        + np.outer(downs - 1, np.log1p(-RATES))
        - betaln(ups, downs)[:, None]
    )
    density = weight @ np.exp(log_density)
    below = np.cumsum(density) / density.sum()
    edges = np.concatenate([[0.0], RATES + 0.5 / RATES.size])
    low, high = np.interp([tail, 1 - tail], np.concatenate([[0.0], below]), edges)
    mean = float(np.sum(weight * ups / (ups + downs)))
    return Estimate(mean, float(low), float(high), n)
