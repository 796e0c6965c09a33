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
from retraining.learners.base import InputSpec, Learner, coded, label_array, sorted_categories
from retraining.learners.folds import stratified_folds

FOLDS = 5
# A gain within its own standard error is as likely to be the luck of the folds.
CLEAR = 1.0


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
    there cost both alike, and leaving them out would decide the question beforehand. With s_i the
    log loss that dropping saves on row i, it is worth it where mean(s) exceeds CLEAR standard
    errors sd(s) / sqrt(n). Errors: `CurationError` for shapes that differ.
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
    saved = np.zeros(len(found))
    for fold in np.unique(fold_of):
        held = fold_of == fold
        with_all, without = (
            _losses(learner, rows, found, train, held, columns, codes, spec, seed)
            for train in (~held, ~held & ~suspect)
        )
        saved[held] = with_all - without
    mean = float(saved.mean())
    error = float(saved.std(ddof=1) / np.sqrt(len(saved)))
    worth = mean > CLEAR * error
    return Dropping(
        worth,
        mean,
        error,
        len(saved),
        f"without the {int(suspect.sum())} suspect rows the log loss of held-out rows is "
        f"{abs(mean):.4f} {'lower' if mean > 0 else 'higher'} (standard error {error:.4f}, "
        f"n={len(saved)}): {'they are dropped' if worth else 'they stay'}",
    )


def _losses(
    learner: Learner,
    rows: pd.DataFrame,
    labels: NDArray[np.object_],
    train: NDArray[np.bool_],
    held: NDArray[np.bool_],
    columns: tuple[str, ...],
    codes: NDArray[np.intp],
    spec: InputSpec,
    seed: int,
) -> NDArray[np.float64]:
    """Log loss of each held-out row; a category that the training rows lack has next to no chance."""
    model = learner.fit(inputs=rows[train], labels=labels[train], spec=spec, seed=seed)
    proba = np.full((int(held.sum()), len(columns)), 1e-3)
    places = [columns.index(category) for category in model.categories]
    proba[:, places] = np.maximum(model.predict_proba(rows[held]), 1e-3)
    proba /= proba.sum(axis=1, keepdims=True)
    return np.asarray(-np.log(proba[np.arange(len(proba)), codes[held]]), dtype=np.float64)
