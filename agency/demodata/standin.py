"""A stand-in for the client's live model, so that simulated people have answers to react to.

The service scores the logs itself; nothing this stand-in says is written to a file. It only
decides where an agent has something to correct, which thumbs go down and what gets clicked.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

Value = str | int | float
Input = Mapping[str, Value]


class StandIn:
    """TF-IDF of words (text) or standardised features (tabular) with logistic regression."""

    def __init__(self, *, task: str) -> None:
        self.task = task
        first = (
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
            if task == "text"
            else StandardScaler()
        )
        strength = 10.0 if task == "text" else 1.0
        self.pipeline = Pipeline(
            [
                ("features", first),
                ("model", LogisticRegression(C=strength, max_iter=2000)),
            ]
        )

    def _matrix(self, inputs: Sequence[Input]) -> list[str] | np.ndarray:
        if self.task == "text":
            return [str(row["text"]) for row in inputs]
        return np.array([[float(value) for value in row.values()] for row in inputs])

    def fit(self, *, inputs: Sequence[Input], labels: Sequence[str]) -> None:
        """Learn ``labels`` from ``inputs``, forgetting everything learnt before."""
        self.pipeline.fit(self._matrix(inputs), list(labels))

    def answers(self, inputs: Sequence[Input]) -> list[str]:
        """The answer to each row, in order."""
        return [str(answer) for answer in self.pipeline.predict(self._matrix(inputs))]
