"""What every learner and every fitted model can do, and the little they share."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .errors import MissingColumn, NothingToLearn, TooFewCategories, UnknownLabel

Task = Literal["text", "tabular"]
Labels = NDArray[np.object_]
Codes = NDArray[np.intp]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class InputSpec:
    """The inputs as the training columns fixed them; a text frame has the one column `text`."""

    task: Task
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a frame of inputs must have; others are ignored."""
        return ("text",) if self.task == "text" else (*self.numeric, *self.categorical)

    def check(self, inputs: pd.DataFrame) -> None:
        """Raise MissingColumn where `inputs` can't be read by a model of this spec."""
        missing = [column for column in self.columns if column not in inputs.columns]
        if missing:
            raise MissingColumn(f"inputs lack {', '.join(missing)}")


class Model(Protocol):
    """A fitted model. It never changes: continuing or tempering gives another one."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The labels it knows. From scratch they are sorted; continuing keeps the checkpoint's
        order and appends new ones, sorted, so a column never changes its meaning."""

    @property
    def arm(self) -> str:
        """How it came about: `scratch` or `checkpoint`."""

    @property
    def spec(self) -> InputSpec:
        """The inputs that it reads."""

    @property
    def learner(self) -> str:
        """The name of the learner that made it."""

    @property
    def temperature(self) -> float:
        """What its log probabilities are divided by; 1 until out-of-fold rows fixed it."""

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything that was chosen, as JSON."""

    def predict_proba(self, inputs: pd.DataFrame) -> Array:
        """Shape (rows, categories), columns as `categories`, each row sums to one."""

    def predict(self, inputs: pd.DataFrame) -> tuple[Labels, Array]:
        """The likeliest label of each row and its probability."""

    def tempered(self, temperature: float) -> Self:
        """The same answers with the confidence of this temperature."""

    def dumps(self) -> bytes:
        """A skops file that `registry.load_model` reads back to the same predictions."""


class Learner(Protocol):
    """A way to learn. Same rows, spec and seed give the same predictions on every row.

    In all methods `inputs` and `labels` (strings) have one entry a row and match by position.
    """

    @property
    def name(self) -> str:
        """The name it is registered and stored under."""

    @property
    def task(self) -> Task:
        """The kind of inputs it reads."""

    def fit(self, *, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int) -> Model:
        """Learn from scratch. Raises TooFewCategories under two, NothingToLearn on empty rows."""

    def continue_from(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> Model:
        """Go on from the checkpoint's weights over ALL rows: old ones replayed, new ones added.

        New categories are padded; those of the checkpoint stay even where no row has them.
        Raises WrongCheckpoint for a model of another learner or spec.
        """

    def relearn(
        self, *, checkpoint: Model, inputs: pd.DataFrame, labels: Any, spec: InputSpec, seed: int
    ) -> Model:
        """The checkpoint as if these were the only rows it ever saw: its categories and its view
        of the inputs, weights learned afresh. Labels must be among its categories; any number of
        rows will do. It stands in for the checkpoint where that has already seen the answers."""

    def loads(self, data: bytes) -> Model:
        """The stored model. Raises UntrustedArtifact or BrokenArtifact, never unpickles."""


class Answers:
    """`predict` from `predict_proba`, mixed into every model."""

    categories: tuple[str, ...]

    def predict_proba(self, inputs: pd.DataFrame) -> Array:
        raise NotImplementedError

    def predict(self, inputs: pd.DataFrame) -> tuple[Labels, Array]:
        """The likeliest label of each row (the first of equals) and its probability."""
        proba = self.predict_proba(inputs)
        labels = np.asarray(self.categories, dtype=object)
        return labels[proba.argmax(axis=1)], proba.max(axis=1)


def label_array(labels: Any, *, rows: int) -> Labels:
    """Labels as an object array of plain strings, checked against the number of rows."""
    found = np.asarray([str(label) for label in labels], dtype=object)
    if rows == 0 or len(found) != rows:
        raise NothingToLearn(f"{rows} rows of inputs with {len(found)} labels")
    return found


def sorted_categories(labels: Labels) -> tuple[str, ...]:
    """The distinct labels, sorted; raises TooFewCategories under two."""
    found = tuple(sorted(set(labels)))
    if len(found) < 2:
        raise TooFewCategories(f"the labels hold {len(found)} category; two are the least")
    return found


def extended_categories(known: tuple[str, ...], labels: Labels) -> tuple[str, ...]:
    """`known` in its order, then what the labels add, sorted."""
    return (*known, *sorted(set(labels) - set(known)))


def coded(labels: Labels, categories: tuple[str, ...]) -> Codes:
    """The column number of each label; raises UnknownLabel for one that has no column."""
    number = {category: position for position, category in enumerate(categories)}
    strangers = sorted(set(labels) - set(number))
    if strangers:
        raise UnknownLabel(f"not among the categories: {', '.join(strangers)}")
    return np.asarray([number[label] for label in labels], dtype=np.intp)


def balancing_weights(codes: Codes, *, cap: float) -> Array:
    """One weight a row that lets rare categories count, with mean one.

    Within a category rows share one weight, inverse to its size and at most `cap` times that of a
    category of average size, so that a single mislabelled row can't outvote a whole category.
    """
    counts = np.bincount(codes)
    average = len(codes) / max(1, int((counts > 0).sum()))
    weights = np.minimum(average / counts[codes], cap)
    return np.asarray(weights * (len(codes) / weights.sum()), dtype=np.float64)
