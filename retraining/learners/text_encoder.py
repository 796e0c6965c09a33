"""Texts as numbers: TF-IDF of words and of characters, kept as plain terms and weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from .base import Array
from .errors import NothingToLearn

SETTINGS: dict[str, dict[str, Any]] = {
    "words": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"[\w']+"},
    "characters": {"analyzer": "char_wb", "ngram_range": (2, 5)},
}
"""Words carry the meaning; pieces of words survive typing errors and unseen endings."""

ROWS_FOR_PRUNING = 50
"""From this many texts on, character pieces that stand in one text only are dropped: a quarter
fewer columns at the same accuracy. With fewer texts they may be all there is."""


@dataclass(frozen=True)
class TextEncoder:
    """Terms and inverse document frequencies, by the keys of SETTINGS, fixed once fitted."""

    terms: dict[str, tuple[str, ...]]
    weights: dict[str, Array]

    @property
    def width(self) -> int:
        """Number of columns that `encode` gives."""
        return sum(len(terms) for terms in self.terms.values())

    def encode(self, inputs: pd.DataFrame) -> csr_matrix:
        """Shape (rows, width); each of the two halves of a row has length one, or zero if none of
        its terms is known."""
        texts = _texts(inputs)
        if not texts:
            return csr_matrix((0, self.width))
        halves = [self._vectorizer(part).transform(texts) for part in SETTINGS]
        return csr_matrix(hstack(halves, format="csr"))

    def _vectorizer(self, part: str) -> TfidfVectorizer:
        vocabulary = {term: column for column, term in enumerate(self.terms[part])}
        vectorizer = TfidfVectorizer(**SETTINGS[part], sublinear_tf=True, vocabulary=vocabulary)
        vectorizer.idf_ = self.weights[part]
        return vectorizer

    def state(self) -> dict[str, Any]:
        """Plain values for the artifact. No term holds a line break: both analyzers split there."""
        return {
            "terms": {part: "\n".join(terms) for part, terms in self.terms.items()},
            "weights": dict(self.weights),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "TextEncoder":
        """The encoder that `state` came from."""
        terms = {part: tuple(state["terms"][part].split("\n")) for part in SETTINGS}
        return cls(terms, {part: state["weights"][part] for part in SETTINGS})


def fit_text_encoder(inputs: pd.DataFrame) -> TextEncoder:
    """The terms of these texts; raises NothingToLearn where they hold none at all."""
    texts = _texts(inputs)
    terms, weights = {}, {}
    for part, settings in SETTINGS.items():
        fewest = 2 if part == "characters" and len(texts) >= ROWS_FOR_PRUNING else 1
        vectorizer = TfidfVectorizer(**settings, sublinear_tf=True, min_df=fewest)
        try:
            vectorizer.fit(texts)
        except ValueError as error:  # scikit-learn's way to say that no term was found
            raise NothingToLearn("the texts hold no words") from error
        terms[part] = tuple(str(term) for term in vectorizer.get_feature_names_out())
        weights[part] = np.asarray(vectorizer.idf_, dtype=np.float64)
    return TextEncoder(terms, weights)


def _texts(inputs: pd.DataFrame) -> list[str]:
    column = inputs["text"]
    return ["" if absent else str(text) for text, absent in zip(column, column.isna(), strict=True)]
