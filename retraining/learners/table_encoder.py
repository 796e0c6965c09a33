"""Table columns as numbers, for the network and for the trees, with nothing that can surprise it.

An absent value, an unseen category and a number outside the range of training all get an answer:
the first two switch a column's units off, the last one counts as the nearest value seen, as trees
would have it. Without that a network extrapolates: trained on bike hire of May and June it
was 12 points worse in November.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .base import Array, InputSpec

MOST_LEVELS = 32
"""Whole numbers with up to so many values (an hour, a weekday, a code) get one unit a value: no
curve has to be bent between 7 and 8 in the morning, and 23 need not be far from 0."""

HATS = 5
"""Overlapping triangles on the quantiles of other numbers: a bend at each, flat outside."""

WIDE = 24
"""Above so many numeric columns (pixels, sensor arrays) each is one clipped standard score, since
units for each of their values would outnumber the rows."""

MOST_CATEGORIES = 100
"""Values of a categorical column that are told apart, the most frequent; the rest count as absent,
since a unit each would be many units with a row or two."""

CLIP = 3.0
"""Standard deviations beyond which a score does not grow."""


@dataclass(frozen=True)
class Column:
    """How one column is read: `values` are levels, knots, (mean, deviation) or categories."""

    name: str
    kind: str  # levels | hats | score | category | nothing
    values: tuple[Any, ...]

    def units(self, raw: Any) -> Array:
        """Shape (rows, units) for the network."""
        if self.kind == "nothing":
            return np.zeros((len(raw), 0))
        if self.kind == "category":
            return np.asarray(raw[:, None] == np.arange(len(self.values)), dtype=np.float64)
        absent = np.isnan(raw)
        filled = np.where(absent, self.values[0], raw)
        scale = np.asarray(self.values, dtype=np.float64)
        if self.kind == "score":
            found = np.clip((filled - scale[0]) / scale[1], -CLIP, CLIP)[:, None]
        elif self.kind == "levels":
            nearest = np.abs(filled[:, None] - scale).argmin(axis=1)
            found = np.eye(len(scale))[nearest]
        else:
            found = np.stack([np.interp(filled, scale, hat) for hat in np.eye(len(scale))], axis=1)
        found[absent] = 0.0
        return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True)
class TableEncoder:
    """The columns in the order of the spec: numeric, then categorical."""

    columns: tuple[Column, ...]

    def raw(self, inputs: pd.DataFrame) -> Array:
        """Shape (rows, columns): numbers, category codes, NaN where absent."""
        found = np.zeros((len(inputs), len(self.columns)))
        for position, column in enumerate(self.columns):
            if column.kind == "category":
                found[:, position] = _category_codes(inputs[column.name], column.values)
            elif column.kind != "nothing":
                found[:, position] = _numbers(inputs[column.name])
        return found

    def units(self, raw: Array) -> Array:
        """Shape (rows, units), what the network reads, from what `raw` gave."""
        parts = [column.units(raw[:, i]) for i, column in enumerate(self.columns)]
        return np.hstack([np.zeros((len(raw), 0)), *parts])

    def splits(self, raw: Array) -> Array:
        """What trees read: numbers as they are, NaN included, and one unit a category.

        scikit-learn's trees could split on codes themselves, but then keep a `functools.partial`
        that no artifact of ours should be allowed to hold.
        """
        parts = [
            column.units(raw[:, i]) if column.kind == "category" else raw[:, [i]]
            for i, column in enumerate(self.columns)
        ]
        return np.hstack([np.zeros((len(raw), 0)), *parts])

    def state(self) -> list[dict[str, Any]]:
        """Plain values for the artifact."""
        return [{"name": c.name, "kind": c.kind, "values": list(c.values)} for c in self.columns]

    @classmethod
    def from_state(cls, state: list[dict[str, Any]]) -> "TableEncoder":
        """The encoder that `state` came from."""
        return cls(tuple(Column(c["name"], c["kind"], tuple(c["values"])) for c in state))


def fit_table_encoder(inputs: pd.DataFrame, spec: InputSpec) -> TableEncoder:
    """How the columns of these rows are best read."""
    wide = len(spec.numeric) > WIDE
    numeric = [_numeric_column(name, _numbers(inputs[name]), wide) for name in spec.numeric]
    return TableEncoder((*numeric, *(_category_column(inputs[n], n) for n in spec.categorical)))


def _numeric_column(name: str, numbers: Array, wide: bool) -> Column:
    seen = numbers[~np.isnan(numbers)]
    levels = np.unique(seen)
    if len(levels) < 2:
        return Column(name, "nothing", ())
    if wide:
        return Column(name, "score", (float(seen.mean()), float(seen.std())))
    if len(levels) <= MOST_LEVELS and bool((levels == np.round(levels)).all()):
        return Column(name, "levels", tuple(levels.tolist()))
    knots = np.unique(np.quantile(seen, np.linspace(0.0, 1.0, HATS)))
    return Column(name, "hats", tuple(knots.tolist()))


def _category_column(column: pd.Series, name: str) -> Column:
    counts = column.dropna().astype(str).value_counts()
    frequent = sorted(counts.index, key=lambda value: (-int(counts[value]), value))
    kind = "category" if frequent else "nothing"
    return Column(name, kind, tuple(sorted(frequent[:MOST_CATEGORIES])))


def _category_codes(column: pd.Series, values: tuple[str, ...]) -> Array:
    number = {value: float(position) for position, value in enumerate(values)}
    absent = column.isna()
    return np.asarray(
        [
            np.nan if gone else number.get(str(value), np.nan)
            for value, gone in zip(column, absent, strict=True)
        ],
        dtype=np.float64,
    )


def _numbers(column: pd.Series) -> Array:
    """Floats; what is no finite number counts as absent."""
    found = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(found), found, np.nan)
