"""Which kinds of input are there, whatever anybody called them? Segments where no context names one.

A decay may sit in a region of the inputs that no context key knows and that no category matches:
long complaints, cold nights. The kinds are found on the training rows once, so that a month and the
one before are cut along the same lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from retraining.learners.base import InputSpec

KINDS = 8
"""The most kinds that are told apart; each has to have ROWS training rows on average."""
ROWS = 25
DIMENSIONS = 24
"""Of the space in which texts are near each other: latent semantic analysis of their words."""
WORDS, LETTERS = 3, 3
"""Words in the name of a kind of text, and the letters that make one worth naming."""
FEATURES = 2
"""Features in the name of a kind of row."""
APART = 0.5
"""Standard deviations, or half of the rows, by which a feature has to stand out to be named."""


@dataclass(frozen=True)
class Kinds:
    """The kind of each row of each frame that was handed in; None where there is nothing to go by."""

    names: tuple[str, ...]
    of: tuple[list[str | None], ...]


def input_kinds(
    *, spec: InputSpec, training: pd.DataFrame, frames: Sequence[pd.DataFrame], seed: int
) -> Kinds:
    """Kinds of input by k-means of the training rows, and which kind each row of ``frames`` is.

    Texts are TF-IDF of words, reduced by latent semantic analysis to unit vectors; rows are
    standardised numbers beside one column for each value of a category. A kind is named after the
    words, or the features, by which it stands out. Too few training rows for two kinds: no kinds.

    Shapes: ``training`` (n, features), each frame (m, features) with the same columns; answers (m).
    Source: Deerwester et al. 1990 (LSA); Lloyd 1982 (k-means).

    >>> mild, cold = [18.0, 19.0, 20.0, 21.0, 22.0] * 10, [-3.0, -2.0, -1.0, 0.0, 1.0] * 10
    >>> train = pd.DataFrame({"temp": mild + cold})
    >>> spec = InputSpec(task="tabular", numeric=("temp",), categorical=())
    >>> found = input_kinds(spec=spec, training=train, frames=[pd.DataFrame({"temp": [-5.0]})], seed=0)
    >>> found.of[0][0].startswith("temp low")
    True
    """
    nothing = Kinds((), tuple([None] * len(frame) for frame in frames))
    count = min(KINDS, len(training) // ROWS)
    if count < 2:
        return nothing
    filled = [frame for frame in frames if len(frame)]
    if spec.task == "text":
        points, places, columns = _texts(training, filled, seed)
    else:
        points, places, columns = _rows(spec, training, filled)
    count = min(count, len(np.unique(points.round(6), axis=0)))
    if count < 2:
        return nothing
    means = KMeans(count, n_init=4, random_state=seed).fit(points)
    names = tuple(_unique([_name(spec, columns, means.labels_ == kind) for kind in range(count)]))
    told = iter(
        [names[k] if known else None for k, known in zip(means.predict(p), there, strict=True)]
        for p, there in places
    )
    return Kinds(names, tuple(next(told) if len(frame) else [] for frame in frames))


Columns = tuple[csr_matrix | np.ndarray, list[str]]
Places = list[tuple[np.ndarray, np.ndarray]]


def _texts(
    training: pd.DataFrame, frames: Sequence[pd.DataFrame], seed: int
) -> tuple[np.ndarray, Places, Columns]:
    words = TfidfVectorizer(sublinear_tf=True, min_df=2, stop_words=None)
    found = words.fit_transform(training["text"].astype(str))
    size = min(DIMENSIONS, found.shape[1] - 1)
    reduce = TruncatedSVD(max(size, 1), random_state=seed).fit(found)
    places = []
    for frame in frames:
        vectors = words.transform(frame["text"].astype(str))
        there = np.asarray(vectors.getnnz(axis=1) > 0)
        places.append((normalize(reduce.transform(vectors)), there))
    return normalize(reduce.transform(found)), places, (found, list(words.get_feature_names_out()))


def _rows(
    spec: InputSpec, training: pd.DataFrame, frames: Sequence[pd.DataFrame]
) -> tuple[np.ndarray, Places, Columns]:
    middle = {name: float(training[name].median()) for name in spec.numeric}
    spread = {name: float(training[name].std()) or 1.0 for name in spec.numeric}
    values = {
        name: sorted(training[name].dropna().astype(str).unique())[:20] for name in spec.categorical
    }

    def points(frame: pd.DataFrame) -> np.ndarray:
        numbers = [
            ((frame[name].astype(float) - middle[name]) / spread[name]).fillna(0.0).clip(-4, 4)
            for name in spec.numeric
        ]
        kinds = [
            (frame[name].astype(str) == value).astype(float)
            for name in spec.categorical
            for value in values[name]
        ]
        return np.column_stack([np.asarray(c, dtype=float) for c in (*numbers, *kinds)])

    names = [*spec.numeric, *(f"{n}={v}" for n in spec.categorical for v in values[n])]
    found = points(training)
    places = [(points(frame), np.ones(len(frame), dtype=bool)) for frame in frames]
    return found, places, (found, names)


def _name(spec: InputSpec, columns: Columns, inside: np.ndarray) -> str:
    """What sets the kind's training rows apart from the others."""
    matrix, names = columns
    apart = np.asarray(matrix[inside].mean(axis=0) - matrix[~inside].mean(axis=0)).ravel()
    if spec.task == "text":
        order = [i for i in np.argsort(-apart) if names[i].isalpha() and len(names[i]) >= LETTERS]
        return " ".join(names[i] for i in order[:WORDS]) or "other words"
    order = [i for i in np.argsort(-np.abs(apart)) if abs(apart[i]) >= APART]
    return ", ".join(_feature(names[i], apart[i]) for i in order[:FEATURES]) or "in the middle"


def _feature(name: str, apart: float) -> str:
    if "=" in name:
        return name if apart > 0 else f"not {name}"
    return f"{name} {'high' if apart > 0 else 'low'}"


def _unique(names: Sequence[str]) -> list[str]:
    """Two kinds of one name get numbers."""
    return [
        name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})"
        for i, name in enumerate(names)
    ]
