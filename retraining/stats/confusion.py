"""Who was taken for whom, and what follows: scores by category with intervals, from counts alone.

Labels become whole numbers once; everything after that works on the table of counts, whose size is
that of the categories and not that of the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retraining.stats.checks import fraction, whole
from retraining.stats.errors import BadSample
from retraining.stats.estimate import Estimate
from retraining.stats.intervals import wilson

Column = Sequence[Any] | NDArray[Any]

# Resampled tables that are in memory at once.
AT_ONCE = 100


@dataclass(frozen=True)
class Confusion:
    """Rows by label and answer: `table[i, j]` rows of `categories[i]` were answered `categories[j]`.

    >>> found = Confusion.of(["a", "a", "b"], ["a", "b", "b"])
    >>> found.categories, found.table.tolist(), found.right, found.n
    (('a', 'b'), [[1, 1], [0, 1]], 2, 3)
    >>> found.by_category()
    {'a': (1, 2), 'b': (1, 1)}
    """

    categories: tuple[str, ...]
    table: NDArray[np.int64]

    @classmethod
    def of(cls, labels: Column, answers: Column) -> "Confusion":
        """The table of n labels and n answers. Errors: `BadSample` for different lengths or a
        missing value."""
        if len(labels) != len(answers):
            raise BadSample(f"{len(labels)} labels for {len(answers)} answers")
        truth, known = pd.factorize(np.asarray(labels, dtype=object))
        said, told = pd.factorize(np.asarray(answers, dtype=object))
        if (truth < 0).any() or (said < 0).any():
            raise BadSample("a label or an answer is missing")
        categories = tuple(sorted({*known, *told}))
        place = {name: i for i, name in enumerate(categories)}
        rows = np.array([place[name] for name in known], dtype=np.int64)
        columns = np.array([place[name] for name in told], dtype=np.int64)
        size = len(categories)
        cells = rows[truth] * size + columns[said] if len(truth) else np.zeros(0, dtype=np.int64)
        counted = np.bincount(cells, minlength=size * size)
        return cls(categories, counted.reshape(size, size).astype(np.int64))

    @property
    def n(self) -> int:
        """All rows."""
        return int(self.table.sum())

    @property
    def right(self) -> int:
        """Rows whose answer is their label."""
        return int(np.trace(self.table))

    def by_category(self) -> dict[str, tuple[int, int]]:
        """Category -> (right answers, rows), of those that are the label of any row."""
        n, right = self.table.sum(axis=1), np.diagonal(self.table)
        return {name: (int(right[i]), int(n[i])) for i, name in enumerate(self.categories) if n[i]}


@dataclass(frozen=True)
class Scores:
    """Of all rows and of each category that is the label of any: fractions with interval and n.

    `recall` of a category is the accuracy among its rows, `precision` that among the rows answered
    with it, `f1` their harmonic mean; `macro_f1` the plain mean of `f1` over the categories.
    """

    accuracy: Estimate
    macro_f1: Estimate
    recall: Mapping[str, Estimate]
    precision: Mapping[str, Estimate]
    f1: Mapping[str, Estimate]


def category_scores(
    *, confusion: Confusion, resamples: int = 1000, seed: int = 0, confidence: float = 0.95
) -> Scores:
    """How good are the answers, in all and by category?

    Accuracy and recall have Wilson intervals. Precision and F1 are ratios of counts that depend on
    each other: their intervals are percentiles over `resamples` tables. Drawing n rows with
    replacement and counting them is drawing one multinomial table from the table's own shares, so
    no row is looked at again. A category that nothing was answered with has precision and F1 0.
    Assumes independent rows.

    Units: fractions. Errors: `BadSample` for no rows, resamples < 2 or a confidence outside (0, 1).
    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    >>> found = Confusion.of(["a"] * 50 + ["b"] * 50, ["a"] * 45 + ["b"] * 55)
    >>> scores = category_scores(confusion=found, seed=1)
    >>> [round(x, 2) for x in (scores.f1["a"].low, scores.f1["a"].estimate, scores.f1["a"].high)]
    [0.9, 0.95, 0.99]
    >>> round(scores.accuracy.estimate, 2), round(scores.macro_f1.estimate, 2)
    (0.95, 0.95)
    """
    times, level = whole("resamples", resamples, at_least=2), fraction("confidence", confidence)
    n = confusion.n
    if not n:
        raise BadSample("no rows to score")
    own = np.flatnonzero(confusion.table.sum(axis=1))
    precision, f1 = _ratios(confusion.table[None], own)
    drawn = [_ratios(tables, own) for tables in _resampled(confusion.table, times, seed)]
    tail = (1 - level) / 2
    precisions, f1s = (np.vstack([part[i] for part in drawn]) for i in (0, 1))
    limits = {
        "precision": np.quantile(precisions, [tail, 1 - tail], axis=0),
        "f1": np.quantile(f1s, [tail, 1 - tail], axis=0),
    }
    macro = np.quantile(f1s.mean(axis=1), [tail, 1 - tail])
    said = confusion.table.sum(axis=0)
    names = [confusion.categories[i] for i in own]

    def of_ratio(name: str, values: NDArray[np.float64], sizes: Any) -> dict[str, Estimate]:
        low, high = limits[name]
        return {
            category: Estimate(float(values[0, i]), float(low[i]), float(high[i]), int(sizes[i]))
            for i, category in enumerate(names)
        }

    return Scores(
        accuracy=wilson(successes=confusion.right, n=n, confidence=level),
        macro_f1=Estimate(float(f1.mean()), float(macro[0]), float(macro[1]), n),
        recall={
            name: wilson(successes=right, n=rows, confidence=level)
            for name, (right, rows) in confusion.by_category().items()
        },
        precision=of_ratio("precision", precision, said[own]),
        f1=of_ratio("f1", f1, confusion.table.sum(axis=1)[own]),
    )


def _resampled(table: NDArray[np.int64], times: int, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    used = np.flatnonzero(table)  # an empty cell stays empty
    shares = table.ravel()[used] / table.sum()
    for start in range(0, times, AT_ONCE):
        size = min(AT_ONCE, times - start)
        tables = np.zeros((size, table.size), dtype=np.int64)
        tables[:, used] = rng.multinomial(int(table.sum()), shares, size=size)
        yield tables.reshape(size, *table.shape)


def _ratios(
    tables: NDArray[np.int64], own: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Precision and F1 of the categories `own`, (tables, categories) each; 0 where nothing counts."""
    right = np.diagonal(tables, axis1=1, axis2=2)[:, own]
    label, answer = tables.sum(axis=2)[:, own], tables.sum(axis=1)[:, own]
    return right / np.maximum(answer, 1), 2 * right / np.maximum(label + answer, 1)
