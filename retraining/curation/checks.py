"""Which labels of the new rows should not be believed?

Two witnesses that fail in different ways are heard, each on a scale of 0 to 1: a model that did
not see the row (cleanlab's normalised margin of the label on out-of-fold probabilities, training
and new rows jointly) and the labels of the rows most like it. Who labelled is the third, weaker
one: an override that confirms the model's own answer was often waved through. A label that the
training rows don't have is no error if others use it for rows that resemble each other; alone it
is suspect.

Source of the margin: Northcutt, Jiang, Chuang, "Confident Learning", JAIR 70 (2021).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retraining.curation.candidates import Candidate, CurationError
from retraining.curation.neighbours import nearest, vectors

__all__ = ["Candidate", "LabelCheck", "check_labels"]

Array = NDArray[np.float64]
Probabilities = Callable[[pd.DataFrame, NDArray[np.str_]], tuple[Sequence[str], Array]]

# Tuned on the labelled rows of banking-support: docs/evidence.md has the curve, bench/label_checks.py
# prints it. Between 0.80 and 0.85 nine in ten wrong labels are caught there for 2 to 7% of the right
# ones, with this project's learners as with a plain regression, whose doubts lie a little lower.
DOUBT_LIMIT = 0.83
# A label that repeats the model's answer is the weaker witness: where the answer was wrong, people
# wave it through about half the time that they label wrongly. An override has no other occasion
# than a doubt about the answer; a third of those that confirm it were wrong, against a tenth of all.
ECHO = 0.1
CONFIRMED_OVERRIDE = 0.15
# How often the rows are dealt anew into folds for the out-of-fold model: three deals catch five
# points more wrong labels at the same cost than one.
REPEATS = 3
NEIGHBOURS = 10
# Out-of-fold models see four rows at most of such a category: their margin says nothing yet.
SMALL_GROUP = 5
# However new and odd a category looks, a consistent one keeps this share of its rows.
KEEP_OF_NEW = 0.5


@dataclass(frozen=True)
class LabelCheck:
    """How doubtful one label is: `doubt` from 0 (sure) to 1, and the reason in words."""

    id: str
    suspect: bool
    doubt: float
    reason: str


def check_labels(
    *,
    candidates: Sequence[Candidate],
    inputs: pd.DataFrame,
    labels: Sequence[str],
    reference_inputs: pd.DataFrame,
    reference_labels: Sequence[str],
    out_of_fold: Probabilities | Array,
    seed: int,
    limit: float = DOUBT_LIMIT,
) -> list[LabelCheck]:
    """Return one check per candidate, in order.

    `inputs` and `labels` are the candidates' rows, the reference those of the training set. All
    rows together, reference first, are what `out_of_fold` is about: an array of shape (reference +
    candidates, categories) whose columns are the sorted distinct labels of both, or a function
    of (inputs, labels) that returns its categories and that array. `seed` breaks ties.
    """
    if not len(candidates) == len(inputs) == len(labels):
        raise CurationError("candidates, inputs and labels differ in length")
    if not candidates:
        return []
    if list(inputs.columns) != list(reference_inputs.columns):
        raise CurationError("new rows and training rows have different columns")
    together = pd.concat([reference_inputs, inputs], ignore_index=True)
    all_labels = np.array([*reference_labels, *labels], dtype=str)
    if len(together) != len(all_labels):
        raise CurationError("training rows and their labels differ in length")
    asked = np.arange(len(reference_labels), len(all_labels), dtype=np.intp)

    margin = _margin(_probabilities(out_of_fold, together, all_labels), all_labels)[asked]
    near = nearest(vectors(together), asked=asked, k=NEIGHBOURS)
    agreement = near.agreement(labels=all_labels, asked=asked)
    doubt = ((1.0 - margin) + (1.0 - agreement)) / 2
    confirmed = np.array([c.source == "override" and c.prediction == c.label for c in candidates])
    echoed = np.array([c.prediction == c.label for c in candidates])
    doubt = np.clip(doubt + ECHO * echoed + CONFIRMED_OVERRIDE * confirmed, 0.0, 1.0)
    reasons = [
        _reason(all_labels[i], float(m), float(a), bool(c))
        for i, m, a, c in zip(asked, margin, agreement, confirmed, strict=True)
    ]

    suspect = doubt > limit
    peers = (all_labels[near.positions] == all_labels[asked][:, None]).sum(axis=1)
    for label in sorted(set(labels) - set(reference_labels)):
        members = np.flatnonzero(all_labels[asked] == label)
        _judge_new(label, members, peers, doubt, suspect, reasons, np.random.default_rng(seed))
    return [
        LabelCheck(c.id, bool(s), round(float(d), 4), r)
        for c, s, d, r in zip(candidates, suspect, doubt, reasons, strict=True)
    ]


def _judge_new(
    label: str,
    members: NDArray[np.intp],
    peers: NDArray[np.intp],
    doubt: Array,
    suspect: NDArray[np.bool_],
    reasons: list[str],
    rng: np.random.Generator,
) -> None:
    """Set doubt and verdict of the rows of a label that the training set does not have."""
    if len(members) == 1:
        doubt[members], suspect[members] = 1.0, True
        reasons[members[0]] = f"only this row is labelled {label}, which is no known category"
        return
    together = peers[members] > 0
    if len(members) < SMALL_GROUP:
        doubt[members] = np.where(together, 0.5, 1.0)
        suspect[members] = ~together
        for i, alike in zip(members, together, strict=True):
            reasons[i] = (
                f"one of {len(members)} alike rows of the new category {label}"
                if alike
                else f"labelled {label}, a new category, but unlike its other rows"
            )
        return
    allowed = int((1.0 - KEEP_OF_NEW) * len(members))
    flagged = members[suspect[members]]
    if together.mean() > 0.5 and len(flagged) > allowed:
        order = np.lexsort((rng.random(len(flagged)), -doubt[flagged]))
        for i in flagged[order[allowed:]]:
            suspect[i] = False
            reasons[i] = f"odd, but one of {len(members)} rows of the new category {label}"


def _probabilities(
    out_of_fold: Probabilities | Array, inputs: pd.DataFrame, labels: NDArray[np.str_]
) -> Array:
    categories = np.unique(labels)
    if callable(out_of_fold):
        given, table = out_of_fold(inputs, labels)
        frame = pd.DataFrame(np.asarray(table, dtype=float), columns=[str(c) for c in given])
        # A category that a learner never saw has no column: it gives it no chance.
        found = frame.reindex(columns=list(categories), fill_value=0.0).to_numpy()
    else:
        found = np.asarray(out_of_fold, dtype=float)
    if found.shape != (len(labels), len(categories)):
        raise CurationError(
            f"out-of-fold probabilities have shape {found.shape}, not "
            f"{(len(labels), len(categories))}: training rows first, one column per category"
        )
    if not np.isfinite(found).all() or (found < 0).any():
        raise CurationError("out-of-fold probabilities must be finite and not negative")
    found = np.clip(found, 1e-9, None)
    scaled: Array = found / found.sum(axis=1, keepdims=True)
    return scaled


def _margin(probabilities: Array, labels: NDArray[np.str_]) -> Array:
    # cleanlab takes seconds to import: pages that only need `Candidate` should not wait for it.
    from cleanlab.rank import get_label_quality_scores

    codes = np.unique(labels, return_inverse=True)[1]
    return np.asarray(
        get_label_quality_scores(codes, probabilities, method="normalized_margin"),
        dtype=float,
    )


def _reason(label: str, margin: float, agreement: float, confirmed: bool) -> str:
    chance = "prefers another category to" if margin < 0.5 else "agrees with"
    who = "; an override that only confirms the model's answer" if confirmed else ""
    return (
        f"a model that did not see the row {chance} {label} (margin {2 * margin - 1:+.2f}), "
        f"{agreement:.0%} of its neighbours' weight carries the label{who}"
    )
