"""Which rows are alike, and do they carry the same label?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_union
from sklearn.preprocessing import normalize

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Neighbours:
    """For each asked row its k nearest other rows: positions and closeness, shape (asked, k)."""

    positions: NDArray[np.intp]
    closeness: Array

    def agreement(self, *, labels: NDArray[np.str_], asked: NDArray[np.intp]) -> Array:
        """Share of the neighbours' weight with the row's own label, shape (asked,), 0 to 1.

        A neighbour weighs its closeness squared; a row that nothing resembles scores 0.
        """
        weight = self.closeness**2
        same = labels[self.positions] == labels[asked][:, None]
        total = weight.sum(axis=1)
        share: Array = np.zeros(len(total))
        np.divide((weight * same).sum(axis=1), total, out=share, where=total > 0)
        return share


def vectors(inputs: pd.DataFrame) -> Any:
    """Rows as vectors, shape (rows, dimensions): sparse TF-IDF for texts, else a dense array.

    A frame whose only column is `text` is text. Otherwise numbers are standardised (missing at the
    mean) and other columns become one column per value.
    """
    if list(inputs.columns) == ["text"]:
        union = make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+"),  # noqa: S106 - a pattern, no password
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        )
        texts = inputs["text"].astype(str)
        # A text without any character still needs a row, and an all-empty frame a vocabulary.
        return normalize(
            union.fit_transform([f"{text} empty" if not text.strip() else text for text in texts])
        )
    columns: list[Array] = []
    for name in inputs.columns:
        numbers = pd.to_numeric(inputs[name], errors="coerce").to_numpy(dtype=float)
        if np.isfinite(numbers).sum() >= inputs[name].notna().sum() * 0.5:
            numbers = np.where(np.isfinite(numbers), numbers, np.nan)
            spread = float(np.nanstd(numbers))
            if spread > 0:
                columns.append(np.nan_to_num((numbers - np.nanmean(numbers)) / spread)[:, None])
        else:
            columns.append(pd.get_dummies(inputs[name].astype(str)).to_numpy(dtype=float))
    return np.hstack(columns) if columns else np.zeros((len(inputs), 1))


def closeness_to(rows: Any, position: int) -> Array:
    """Closeness of every row to one of them, shape (rows,): cosine, or 1 / (1 + distance)."""
    if isinstance(rows, np.ndarray):
        return closeness(np.linalg.norm(rows - rows[position], axis=1))
    return np.asarray((rows @ rows[position].T).toarray()).ravel()


def closeness(distance: Array) -> Array:
    """Distances in standardised units as closeness: 1 where equal, towards 0 far away."""
    return 1.0 / (1.0 + distance)


def nearest(rows: Any, *, asked: NDArray[np.intp], k: int) -> Neighbours:
    """The `k` nearest rows of each asked one, itself left out (fewer where there are fewer)."""
    text = not isinstance(rows, np.ndarray)
    k = min(k, rows.shape[0] - 1)
    search = NearestNeighbors(
        n_neighbors=k + 1, metric="cosine" if text else "euclidean", algorithm="brute"
    ).fit(rows)
    distance, found = search.kneighbors(rows[asked])
    # Among equal rows the row itself need not come first; drop it wherever it stands, else the
    # farthest.
    itself = found == asked[:, None]
    itself[~itself.any(axis=1), -1] = True
    shape = (len(asked), k)
    distance, found = distance[~itself].reshape(shape), found[~itself].reshape(shape)
    return Neighbours(found, np.clip(1.0 - distance, 0.0, 1.0) if text else closeness(distance))
