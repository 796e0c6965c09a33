"""Temperature: one number that makes confidence mean what it says."""

import numpy as np
from scipy.optimize import minimize_scalar

from .base import Array, Codes

FLOOR = 1e-12
"""Probability below which a log is not taken any deeper."""

RANGE = (0.2, 5.0)
"""Temperatures that are searched; outside it the model, not its confidence, is the trouble."""

FEWEST_ROWS = 20
"""Below this many usable rows the temperature stays 1: too few to say anything about confidence."""


def apply_temperature(proba: Array, temperature: float) -> Array:
    """proba ** (1 / temperature), rows summing to one again; order within a row never changes."""
    if temperature == 1.0 or len(proba) == 0:
        return proba
    scaled = (proba / proba.max(axis=1, keepdims=True)) ** (1.0 / temperature)
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), dtype=np.float64)


def log_loss(proba: Array, codes: Codes) -> float:
    """Mean of -log of the probability of the right label, in nats; lower is better."""
    right = proba[np.arange(len(codes)), codes]
    return float(-np.log(np.maximum(right, FLOOR)).mean())


def fitted_temperature(proba: Array, codes: Codes) -> float:
    """Which temperature makes out-of-fold probabilities fit their labels best?

    Minimises the log loss over RANGE (Guo et al. 2017, "On calibration of modern neural
    networks"). `proba` is (rows, categories), out of fold; rows whose category was absent from
    their fold's training part (probability zero) are left out, since no temperature moves them.
    """
    usable = proba[np.arange(len(codes)), codes] > FLOOR
    if int(usable.sum()) < FEWEST_ROWS:
        return 1.0
    rows, right = proba[usable], codes[usable]

    def loss(log_temperature: float) -> float:
        return log_loss(apply_temperature(rows, float(np.exp(log_temperature))), right)

    bounds = (float(np.log(RANGE[0])), float(np.log(RANGE[1])))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-3})
    return round(float(np.exp(found.x)), 4)
