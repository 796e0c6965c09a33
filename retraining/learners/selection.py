"""Checkpoint or scratch? Both arms are judged on rows that neither has seen.

A checkpoint has seen the old rows, so scoring its continuation on them would flatter it. In each
fold a stand-in takes its place: the checkpoint's categories and view of the inputs (vocabulary,
idf, knots: none of them knows a label), with weights learned from the OLD rows of the fold's
training part alone (`Learner.relearn`), which is then continued over the whole training part. So
both arms answer exactly the same held-out rows, none of which had any part in their weights.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .base import Array, InputSpec, Labels, Learner, Model, coded, label_array, sorted_categories
from .calibration import apply_temperature, fitted_temperature, log_loss
from .errors import NothingToLearn
from .folds import stratified_folds

Fit = Callable[[pd.DataFrame, Labels, NDArray[np.bool_]], Model]


@dataclass(frozen=True)
class ArmResult:
    """How one arm did out of fold on `n` rows: share right, and log loss once tempered."""

    arm: str
    cv_accuracy: float
    n: int
    log_loss: float
    temperature: float
    seconds: float = field(compare=False)


@dataclass(frozen=True)
class Trained:
    """The chosen model, fitted on all rows, and why it was chosen.

    `out_of_fold` is (rows, categories of the model): the chosen arm's tempered answers to rows it
    was not trained on.
    """

    model: Model
    arms: tuple[ArmResult, ...]
    chosen: str
    out_of_fold: Array


def train_candidate(
    *,
    learner: Learner,
    checkpoint: Model | None,
    inputs: pd.DataFrame,
    labels: Any,
    spec: InputSpec,
    seed: int,
    folds: int = 5,
    is_new: Any = None,
) -> Trained:
    """Which start gives the better model on these rows, and that model on all of them.

    `is_new` marks the rows that the checkpoint has not seen; left out, all rows of its categories
    count as seen, which is as fair but lets the stand-in know a little more. Without a checkpoint
    there is one arm. Higher out-of-fold accuracy wins, then lower log loss, then scratch. The
    model's temperature comes from the chosen arm's out-of-fold rows.
    """
    found = label_array(labels, rows=len(inputs))
    sorted_categories(found)
    rows = inputs.reset_index(drop=True)
    seen = np.ones(len(found), dtype=bool) if is_new is None else ~np.asarray(is_new, dtype=bool)
    fits: dict[str, Fit] = {"scratch": _scratch(learner, spec, seed)}
    if checkpoint is not None:
        fits["checkpoint"] = _stand_in(learner, checkpoint, spec, seed)

    results: dict[str, ArmResult] = {}
    answers: dict[str, Array] = {}
    for arm, fit in fits.items():
        known = checkpoint.categories if arm == "checkpoint" and checkpoint is not None else ()
        columns = (*known, *sorted(set(found) - set(known)))
        started = time.perf_counter()
        proba = _held_out(fit, rows, found, seen, columns, folds=folds, seed=seed)
        codes = coded(found, columns)
        temperature = fitted_temperature(proba, codes)
        answers[arm] = apply_temperature(proba, temperature)
        results[arm] = ArmResult(
            arm=arm,
            cv_accuracy=float((proba.argmax(axis=1) == codes).mean()),
            n=len(found),
            log_loss=log_loss(answers[arm], codes),
            temperature=temperature,
            seconds=time.perf_counter() - started,
        )

    best = min(results.values(), key=lambda arm: (-arm.cv_accuracy, arm.log_loss))
    if best.arm == "checkpoint" and checkpoint is not None:
        model = learner.continue_from(
            checkpoint=checkpoint, inputs=rows, labels=found, spec=spec, seed=seed
        )
    else:
        model = learner.fit(inputs=rows, labels=found, spec=spec, seed=seed)
    return Trained(
        model=model.tempered(best.temperature),
        arms=tuple(results.values()),
        chosen=best.arm,
        out_of_fold=answers[best.arm],
    )


def out_of_fold(
    *,
    learner: Learner,
    inputs: pd.DataFrame,
    labels: Any,
    spec: InputSpec,
    seed: int,
    folds: int = 5,
    repeats: int = 1,
) -> Array:
    """What does the learner say to each row when it was not trained on it?

    Shape (rows, categories), columns the sorted labels, tempered, rows sum to one. The row of a
    category with no other row gets probability zero there, not an opinion. `repeats` deals the
    rows anew so many times and averages: which rows happened to be held out together with a row
    then matters less.
    """
    if repeats < 1:
        raise NothingToLearn(f"{repeats} repeats leave no answer")
    found = label_array(labels, rows=len(inputs))
    columns = sorted_categories(found)
    rows = inputs.reset_index(drop=True)
    seen = np.ones(len(found), dtype=bool)
    fit = _scratch(learner, spec, seed)
    proba = np.zeros((len(found), len(columns)))
    for dealt in range(repeats):
        proba += _held_out(fit, rows, found, seen, columns, folds=folds, seed=seed + dealt)
    proba /= repeats
    return apply_temperature(proba, fitted_temperature(proba, coded(found, columns)))


def _scratch(learner: Learner, spec: InputSpec, seed: int) -> Fit:
    def fit(rows: pd.DataFrame, labels: Labels, seen: NDArray[np.bool_]) -> Model:
        return learner.fit(inputs=rows, labels=labels, spec=spec, seed=seed)

    return fit


def _stand_in(learner: Learner, checkpoint: Model, spec: InputSpec, seed: int) -> Fit:
    def fit(rows: pd.DataFrame, labels: Labels, seen: NDArray[np.bool_]) -> Model:
        old = seen & np.isin(labels.astype(str), checkpoint.categories)
        start = learner.relearn(
            checkpoint=checkpoint, inputs=rows[old], labels=labels[old], spec=spec, seed=seed
        )
        return learner.continue_from(
            checkpoint=start, inputs=rows, labels=labels, spec=spec, seed=seed
        )

    return fit


def _held_out(
    fit: Fit,
    rows: pd.DataFrame,
    labels: Labels,
    seen: NDArray[np.bool_],
    columns: tuple[str, ...],
    *,
    folds: int,
    seed: int,
) -> Array:
    number = {category: position for position, category in enumerate(columns)}
    fold_of = stratified_folds(labels, folds=min(folds, len(labels)), seed=seed)
    proba = np.zeros((len(labels), len(columns)))
    for fold in np.unique(fold_of):
        held = fold_of == fold
        left = set(labels[~held])
        if len(left) == 1:  # nothing to tell apart in what is left: it can only say that one
            proba[held, number[left.pop()]] = 1.0
            continue
        model = fit(rows[~held], labels[~held], seen[~held])
        places = [number[category] for category in model.categories]
        proba[np.ix_(held, places)] = model.predict_proba(rows[held])
    return proba
