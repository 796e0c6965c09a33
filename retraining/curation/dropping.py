"""Does training without the suspect rows give a better model than training with them?

A wrong label does harm, and so does a right one left out: where categories blur at their borders
(low, mid and high demand), the doubtful rows are often the ones that show where the border is. So
the doubt of such models decides nothing by itself; cross-validated training does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retraining.curation.candidates import CurationError
from retraining.learners.base import (
    Array,
    Codes,
    InputSpec,
    Learner,
    coded,
    label_array,
    sorted_categories,
)
from retraining.learners.calibration import apply_temperature, fitted_temperature
from retraining.learners.folds import stratified_folds

FOLDS = 5
SMALLEST = 1e-3


@dataclass(frozen=True)
class Dropping:
    """Mean log loss saved per held-out row by dropping (nats), its standard error, the verdict."""

    worth: bool
    saved: float
    error: float
    n: int
    reason: str


def dropping(
    *,
    learner: Learner,
    inputs: pd.DataFrame,
    labels: Sequence[str] | NDArray[Any],
    suspect: NDArray[np.bool_],
    spec: InputSpec,
    seed: int,
    folds: int = FOLDS,
) -> Dropping:
    """Is it worth leaving out of training the rows marked `suspect`, shape (rows,)?

    In each fold one model learns from all training rows and one from those that are not suspect;
    both answer the same held-out rows, suspect or not, with the labels as they came: wrong labels
    there cost both alike, and leaving them out would decide the question beforehand. Each arm's
    answers are tempered first: who learned without wrong labels is surer of itself, and would pay
    for that alone at every wrong label that is held out. With s_i the log loss that dropping saves
    on row i, it is worth it where mean(s) > 0; its standard error sd(s) / sqrt(n) is told beside.
    Errors: `CurationError` for shapes that differ.
    """
    found = label_array(labels, rows=len(inputs))
    suspect = np.asarray(suspect, dtype=bool)
    if suspect.shape != (len(found),):
        raise CurationError(f"{len(found)} rows with {len(suspect)} marks")
    if not suspect.any():
        return Dropping(False, 0.0, 0.0, len(found), "no row is suspect")
    columns = sorted_categories(found)
    codes = coded(found, columns)
    rows = inputs.reset_index(drop=True)
    fold_of = stratified_folds(found, folds=min(folds, len(found)), seed=seed)
    with_all, without = np.zeros((2, len(found), len(columns)))
    for fold in np.unique(fold_of):
        held = fold_of == fold
        for answers, train in ((with_all, ~held), (without, ~held & ~suspect)):
            model = learner.fit(inputs=rows[train], labels=found[train], spec=spec, seed=seed)
            places = [columns.index(category) for category in model.categories]
            answers[np.ix_(held, places)] = model.predict_proba(rows[held])
    saved = _losses(with_all, codes) - _losses(without, codes)
    mean = float(saved.mean())
    error = float(saved.std(ddof=1) / np.sqrt(len(saved)))
    worth = mean > 0
    return Dropping(
        worth,
        mean,
        error,
        len(saved),
        f"without the {int(suspect.sum())} suspect rows the log loss of held-out rows is "
        f"{abs(mean):.4f} {'lower' if mean > 0 else 'higher'} (standard error {error:.4f}, "
        f"n={len(saved)}): {'they are dropped' if worth else 'they stay'}",
    )


def _losses(answers: Array, codes: Codes) -> Array:
    """Tempered log loss of each row; a category that its fold lacked has next to no chance."""
    proba = np.maximum(answers, SMALLEST)
    proba = proba / proba.sum(axis=1, keepdims=True)
    proba = apply_temperature(proba, fitted_temperature(proba, codes))
    return np.asarray(-np.log(proba[np.arange(len(codes)), codes]), dtype=np.float64)
