"""Bins that are frozen on a reference, so that months can be compared and days added up."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retraining.stats.checks import whole
from retraining.stats.errors import BadSample

UNSEEN, MISSING, OTHER = "unseen", "missing", "other"
# Fewer reference rows than this in a quantile bin say more about the rows than about the world.
ROWS_PER_BIN = 5
# Numbers that are compared at once: what a core's own cache holds.
AT_ONCE = 32_768


@dataclass(frozen=True)
class Bins:
    """Where does each value fall, on bins that were fixed once and for all?

    `kind` is `ranges` (numbers cut at `edges`: below the first, [first, second), ..., last and
    above), `values` (one bin per number in `edges`) or `labels` (one bin per entry of `labels`,
    plus one bin `other` if `rest` holds labels of the reference beyond the cap). Two last bins
    are always there: `unseen` (not in the reference; for ranges only text that is no number) and
    `missing` (None, NaN, the empty string). Every value falls in exactly one bin, so the counts
    of two sets of rows add up to the counts of their union.

    >>> bins = Bins.of_labels(["card", "card", "loan"])
    >>> bins.names
    ('card', 'loan', 'unseen', 'missing')
    >>> bins.counts(["loan", "crypto", None, "card"]).tolist()
    [1, 1, 1, 1]
    >>> Bins.from_dict(bins.as_dict()) == bins
    True
    """

    kind: str
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()

    @classmethod
    def of_numbers(cls, values: Iterable[Any], max_bins: int = 10) -> "Bins":
        """Which bins hold about equally many rows of this numeric reference?

        Edges are the reference's quantiles, each once; at most one bin for five reference rows.
        Where the reference repeats at most `max_bins` distinct values (at least twice each on
        average), each value is its own bin and any other number counts as unseen. Missing and
        infinite values are left out of the edges. Text that reads as a number counts as one;
        other text is left out here and counts as unseen later. No numbers at all: no bins but
        unseen and missing. Errors: `BadSample` for max_bins < 1. Source: Siddiqi (2006), Credit
        Risk Scorecards, chapter 6, for PSI on ten quantile bins.

        >>> Bins.of_numbers(range(100), max_bins=4).edges
        (24.75, 49.5, 74.25)
        >>> Bins.of_numbers([0, 1, 1, 0, None]).names
        ('0', '1', 'unseen', 'missing')
        """
        limit = whole("max_bins", max_bins, at_least=1)
        numbers = _as_numbers(_as_objects(values))
        numbers = numbers[np.isfinite(numbers)]
        distinct = np.unique(numbers)
        repeats = numbers.size >= 2 * distinct.size or distinct.size == 1
        if distinct.size <= limit and repeats:
            return cls(kind="values", edges=tuple(float(value) for value in distinct))
        parts = min(limit, max(1, numbers.size // ROWS_PER_BIN))
        inner = np.quantile(numbers, np.arange(1, parts) / parts)
        return cls(kind="ranges", edges=tuple(float(edge) for edge in np.unique(inner)))

    @classmethod
    def of_labels(cls, values: Iterable[Any], max_labels: int = 50) -> "Bins":
        """Which labels does this reference know?

        The `max_labels` most frequent ones get a bin each (ties in the order of the alphabet);
        all others share the bin `other` and are remembered, so that they never count as unseen.
        Values are compared as text; 3.0 and 3 are the same label, since a column with one gap
        turns whole numbers into floats. Errors: `BadSample` for max_labels < 1.

        >>> Bins.of_labels(["b", "a", "b", "c", ""], max_labels=1).names
        ('b', 'other', 'unseen', 'missing')
        """
        limit = whole("max_labels", max_labels, at_least=1)
        tally = Counter(_as_texts(_as_objects(values)))
        ordered = sorted(tally, key=lambda label: (-tally[label], label))
        return cls(kind="labels", labels=tuple(ordered[:limit]), rest=tuple(ordered[limit:]))

    @property
    def names(self) -> tuple[str, ...]:
        """One name a bin, in the order of `counts`; a label called like a special bin is quoted."""
        if self.kind == "labels":
            special = {UNSEEN, MISSING, OTHER}
            own = tuple(f"'{name}'" if name in special else name for name in self.labels)
            own += (OTHER,) if self.rest else ()
        elif self.kind == "values":
            own = tuple(f"{edge:.12g}" for edge in self.edges)
        elif not self.edges:
            own = ("any",)
        else:
            cuts = [f"{edge:.6g}" for edge in self.edges]
            between = [f"{low} to {high}" for low, high in pairwise(cuts)]
            own = (f"below {cuts[0]}", *between, f"{cuts[-1]} and above")
        return (*own, UNSEEN, MISSING)

    def counts(self, values: Iterable[Any]) -> NDArray[np.int64]:
        """How many of these values fall in each bin? Shape (len(names),), unit rows.

        >>> Bins.of_numbers([1, 1, 2, 2]).counts([2, 2.0, "2", 3, float("nan"), ""]).tolist()
        [0, 3, 1, 2]
        """
        size = len(self.names) - 2
        if self.kind == "labels":
            tally = self._label_counts(values, size)
        elif (numbers := _plain_numbers(values)) is not None:
            tally = self._number_counts(numbers, size)
            tally[size + 1] = np.count_nonzero(np.isnan(numbers))
        else:
            present, missing = _split_missing(_as_objects(values))
            numbers = _parse(present)
            tally = self._number_counts(numbers, size)
            tally[size] += np.count_nonzero(np.isnan(numbers))
            tally[size + 1] = missing
        return tally

    def _label_counts(self, values: Iterable[Any], size: int) -> NDArray[np.int64]:
        distinct, rows, missing = _distinct(values)
        where = {label: index for index, label in enumerate(self.labels)}
        where |= dict.fromkeys(self.rest, len(self.labels))
        tally = np.zeros(size + 2, dtype=np.int64)
        for value, n in zip(distinct, rows, strict=True):
            tally[where.get(_text(value), size)] += n
        tally[size + 1] = missing
        return tally

    def _number_counts(self, numbers: NDArray[np.float64], size: int) -> NDArray[np.int64]:
        """Numbers by bin; NaN in none of them. Comparing with every edge beats sorting rows in."""
        tally = np.zeros(size + 2, dtype=np.int64)
        for start in range(0, numbers.size, AT_ONCE):
            part = numbers[start : start + AT_ONCE]
            known = np.count_nonzero(~np.isnan(part))
            if self.kind == "values":
                own = np.array([np.count_nonzero(part == edge) for edge in self.edges], dtype=int)
                tally[:size] += own
                tally[size] += known - own.sum()
            else:
                above = [np.count_nonzero(part >= edge) for edge in self.edges]
                tally[:size] += -np.diff([known, *above, 0])
        return tally

    def as_dict(self) -> dict[str, Any]:
        """A form that JSON keeps exactly; `from_dict` reads it back."""
        return {
            "kind": self.kind,
            "edges": list(self.edges),
            "labels": list(self.labels),
            "rest": list(self.rest),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Bins":
        """The bins that `as_dict` wrote. Errors: `BadSample` for anything else."""
        try:
            bins = cls(
                kind=stored["kind"],
                edges=tuple(float(edge) for edge in stored["edges"]),
                labels=tuple(str(label) for label in stored["labels"]),
                rest=tuple(str(label) for label in stored["rest"]),
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise BadSample(f"not stored bins: {fault!r}") from None
        if bins.kind not in ("ranges", "values", "labels"):
            raise BadSample(f"unknown kind of bins: {bins.kind!r}")
        return bins


def _plain_numbers(values: Iterable[Any]) -> NDArray[np.float64] | None:
    """The values as floats where they are stored as numbers; None where each has to be read."""
    if isinstance(values, np.ndarray | pd.Series) and isinstance(values.dtype, np.dtype):
        if values.dtype.kind in "fiub":
            return np.asarray(values, dtype=np.float64)
    return None


def _distinct(values: Iterable[Any]) -> tuple[Sequence[Any], Sequence[int], int]:
    """Distinct values, how many rows have each, and how many rows have none.

    Columns of categories are counted by their codes and columns of strings by hash; in any other
    every value is one of its own, for 1 and True are equal and no one label.
    """
    if isinstance(getattr(values, "dtype", None), pd.CategoricalDtype):
        column = pd.Series(values)
        return _by_code(np.asarray(column.cat.codes), column.cat.categories)
    if isinstance(values, np.ndarray | pd.Series) and values.dtype.kind in "fiu":
        return _by_code(*pd.factorize(np.asarray(values)))
    plain = values if isinstance(values, np.ndarray) and values.dtype == object else None
    objects: Any = plain if plain is not None else _as_objects(values).to_numpy()
    codes: Any = []
    known: Any = [None]
    with suppress(TypeError):  # a list in the column has no hash: each value is read by itself
        codes, known = pd.factorize(objects)
    # No string equals what is none, so strings alone among the distinct values are strings alone.
    if all(isinstance(value, str) for value in known):
        return _by_code(codes, known)
    present, missing = _split_missing(_as_objects(objects))
    return list(present), [1] * len(present), missing


def _by_code(codes: NDArray[Any], known: Any) -> tuple[list[Any], list[int], int]:
    """``_distinct`` of codes into ``known``, where -1 is missing and so is the empty string."""
    rows = np.bincount(codes + np.int64(1), minlength=len(known) + 1).tolist()
    present = [i for i, value in enumerate(known) if not (isinstance(value, str) and not value)]
    counted = [rows[i + 1] for i in present]
    return [known[i] for i in present], counted, sum(rows) - sum(counted)


def _as_objects(values: Iterable[Any]) -> "pd.Series[Any]":
    if isinstance(values, np.ndarray) and values.dtype == object and values.ndim == 1:
        plain: Any = values
    else:
        plain = values.to_numpy(dtype=object) if isinstance(values, pd.Series) else list(values)
    return pd.Series(plain, dtype=object)


def _split_missing(values: "pd.Series[Any]") -> tuple["pd.Series[Any]", int]:
    gone = values.isna().to_numpy(dtype=bool) | np.array(
        [isinstance(value, str) and not value for value in values], dtype=bool
    )
    return values[~gone], int(gone.sum())


def _parse(present: "pd.Series[Any]") -> NDArray[np.float64]:
    """Floats; NaN where a value is no number (present values are never NaN themselves)."""
    try:
        return np.asarray(pd.to_numeric(present, errors="coerce"), dtype=np.float64)
    except (OverflowError, TypeError, ValueError):
        # JSON may bring lists and whole numbers past the range of a float; go one by one.
        return np.array([_number(value) for value in present], dtype=np.float64)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (OverflowError, TypeError, ValueError):
        return float("nan")


def _as_numbers(values: "pd.Series[Any]") -> NDArray[np.float64]:
    return _parse(_split_missing(values)[0])


def _as_texts(values: "pd.Series[Any]") -> list[str]:
    return [_text(value) for value in _split_missing(values)[0]]


def _text(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and value.is_integer():
        return str(int(value))
    return str(value)
