"""Small made-up rows for every task that a learner can have."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from retraining.learners.base import InputSpec

TEXT = InputSpec("text")
TABLE = InputSpec("tabular", numeric=("hour", "load", "blank"), categorical=("site",))

TOPICS = {
    "billing": "invoice charge payment fee bill amount",
    "login": "password account locked reset sign username",
    "shipping": "parcel courier delivery late address tracking",
    "refund": "return money back refund item unwanted",
}


@dataclass(frozen=True)
class Sample:
    """Rows of one task."""

    spec: InputSpec
    inputs: pd.DataFrame
    labels: np.ndarray

    def only(self, *labels: str) -> "Sample":
        """The rows with one of these labels."""
        keep = np.isin(self.labels.astype(str), labels)
        return Sample(self.spec, self.inputs[keep].reset_index(drop=True), self.labels[keep])

    def with_one_of(self, label: str) -> "Sample":
        """All rows of the other labels and one single row of this."""
        mine = np.flatnonzero(self.labels == label)
        keep = np.setdiff1d(np.arange(len(self.labels)), mine[1:])
        return Sample(self.spec, self.inputs.iloc[keep].reset_index(drop=True), self.labels[keep])

    def blanked(self) -> pd.DataFrame:
        """The inputs with nothing in them."""
        return pd.DataFrame({column: [None] * len(self.inputs) for column in self.inputs})

    def with_unseen_values(self) -> pd.DataFrame:
        """The inputs with words, numbers and categories that no training row had."""
        if self.spec.task == "text":
            return pd.DataFrame({"text": ["žluťoučký kůň 🐎"] * len(self.inputs)})
        strange = {"hour": -7, "load": 1e12, "blank": float("inf"), "site": "atlantis"}
        return pd.DataFrame([strange] * len(self.inputs))


def _text(labels: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    filler = ["please", "my", "the", "what", "is", "with", "today", "hello"]
    texts = []
    for label in labels:
        words = [*rng.choice(TOPICS[label].split(), 3), *rng.choice(filler, 3)]
        rng.shuffle(words)
        texts.append(" ".join(words))
    return pd.DataFrame({"text": texts})


def _table(labels: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    centre = np.asarray([list(TOPICS).index(label) for label in labels])
    frame = pd.DataFrame(
        {
            "hour": (centre * 6 + rng.integers(0, 6, len(labels))) % 24,
            "load": centre * 1.5 + rng.normal(size=len(labels)),
            "blank": np.nan,
            "site": rng.choice(["north", "south"], len(labels)),
        }
    )
    frame.loc[rng.random(len(labels)) < 0.1, "load"] = np.nan
    return frame


@pytest.fixture(scope="session")
def sample_for() -> Callable[[str], Sample]:
    """`sample_for(task)`: 120 rows of four categories, the same on every call."""

    def build(task: str) -> Sample:
        rng = np.random.default_rng(11)
        labels = np.asarray(list(TOPICS) * 30, dtype=object)
        rng.shuffle(labels)
        if task == "text":
            return Sample(TEXT, _text(labels, rng), labels)
        return Sample(TABLE, _table(labels, rng), labels)

    return build
