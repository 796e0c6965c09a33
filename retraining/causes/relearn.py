"""Can the new labels be learned? What a model says to rows whose labels it has not seen."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from retraining.causes.evidence import Evidence
from retraining.learners.errors import NothingToLearn, TooFewCategories
from retraining.learners.folds import stratified_folds
from retraining.learners.registry import default_learner

FOLDS = 3
# A month's rows are few beside the training set that says otherwise: each counts so many times.
WEIGHT = 3
# More rows to learn from help a little in every month, so that somewhat more rows fixed than broken
# is no evidence of a change.
USUAL_FIXED = 0.6


@dataclass(frozen=True)
class Relearned:
    """Of the month's labelled rows, out of fold: wrong ones put right, right ones spoiled.

    ``p_value``: the chance of so many fixed if more rows to learn from were all that helped.
    ``answers`` are the held-out answers to the rows of ``asked`` (n booleans).
    """

    fixed: int
    broken: int
    p_value: float
    asked: np.ndarray
    answers: np.ndarray


def relearned(evidence: Evidence) -> Relearned | None:
    """Does a model trained on training rows and the month's labels answer held-out labels better?

    Under a changed concept the labels are consistent: learned from two thirds of them, the rest is
    answered right more often than by the live version. Labels that are simply wrong can't be
    learned. One-sided binomial test of fixed rows among the rows that changed sides. None with
    fewer labels than the policy's minimum. The cost is three fits.
    """
    now = evidence.now
    asked = now.labelled & now.rows["label"].isin(evidence.categories).to_numpy(dtype=bool)
    if asked.sum() < evidence.policy.audit_min_n:
        return None
    labels = now.rows["label"][asked].to_numpy(dtype=object)
    inputs = now.inputs[asked].reset_index(drop=True)
    live = now.rows["prediction"][asked].to_numpy(dtype=object)
    answers = np.empty(len(labels), dtype=object)
    fold_of = stratified_folds(labels, folds=FOLDS, seed=evidence.seed)
    learner = default_learner(evidence.spec.task)
    for fold in range(FOLDS):
        held = fold_of == fold
        known = [inputs[~held]] * WEIGHT
        try:
            model = learner.fit(
                inputs=pd.concat([evidence.training_inputs, *known], ignore_index=True),
                labels=np.concatenate([evidence.training_labels, *[labels[~held]] * WEIGHT]),
                spec=evidence.spec,
                seed=evidence.seed,
            )
        except (NothingToLearn, TooFewCategories):
            return None
        answers[held], _ = model.predict(inputs[held])
    fixed = int(((answers == labels) & (live != labels)).sum())
    broken = int(((answers != labels) & (live == labels)).sum())
    p_value = float(stats.binom.sf(fixed - 1, fixed + broken, USUAL_FIXED)) if fixed else 1.0
    return Relearned(fixed, broken, p_value, asked, answers)


def repeated(evidence: Evidence, *, draws: int = 199) -> float:
    """Do the failed rows agree on what they should have been? 1: all, 0: as if labels were dealt.

    Over failed rows of one answer: the share whose label another of them has too, less what dealing
    their labels anew among all failed rows gives (mean of ``draws``), over what is left to 1.
    A label that moved repeats itself; labels that are simply wrong are scattered.
    """
    now = evidence.now
    wrong = now.rows[now.failed]
    if len(wrong) < 2:
        return 0.0
    answers = pd.factorize(wrong["prediction"])[0]
    labels = pd.factorize(wrong["label"])[0]
    rng = np.random.default_rng(evidence.seed)
    seen = _shared(answers, labels)
    dealt = float(np.mean([_shared(answers, rng.permutation(labels)) for _ in range(draws)]))
    return (seen - dealt) / (1 - dealt) if dealt < 1 else 0.0


def _shared(answers: np.ndarray, labels: np.ndarray) -> float:
    cells = answers.astype(np.int64) * (int(labels.max()) + 1) + labels
    _, number, counts = np.unique(cells, return_inverse=True, return_counts=True)
    return float(np.mean(counts[number] > 1))
