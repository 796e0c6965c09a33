"""The counts of some answered rows. Counts of two sets of rows add up to those of both together."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.int64]
T = TypeVar("T")

MOST_CATEGORIES = 1000
MOST_CONFUSED = 200
MOST_VALUES = 20
"""Different values that a profile names: what a client sends must not decide how large it gets.
The most frequent ones stay, ties in the order of the alphabet; all others are one number of rows."""


@dataclass(frozen=True)
class Tally:
    """Rows by value, and the rows of values that are not named.

    >>> Tally.of({"b": 1, "a": 1, "c": 5}, most=2)
    Tally(named={'a': 1, 'c': 5}, rest=1)
    """

    named: Mapping[str, int] = field(default_factory=dict)
    rest: int = 0

    @classmethod
    def of(cls, counted: Mapping[str, int], *, most: int) -> "Tally":
        """The ``most`` frequent values by name."""
        if len(counted) <= most:
            return cls(dict(sorted(counted.items())))
        kept = sorted(counted, key=lambda value: (-counted[value], value))[:most]
        named = {value: counted[value] for value in sorted(kept)}
        return cls(named, sum(counted.values()) - sum(named.values()))

    @classmethod
    def total(cls, parts: Iterable["Tally"]) -> "Tally":
        """The sum; whatever any of them names is named."""
        every = list(parts)
        rest = sum(part.rest for part in every)
        names = list(every[0].named) if every else []
        if all(list(part.named) == names for part in every):  # as most days of a month are
            summed = np.array([list(part.named.values()) for part in every], dtype=np.int64)
            counted = summed.sum(axis=0).tolist() if names else []
            return cls(dict(sorted(zip(names, counted, strict=True))), rest)
        named: Counter[str] = Counter()
        for part in every:
            named.update(part.named)
        return cls(dict(sorted(named.items())), rest)

    def as_json(self) -> dict[str, Any]:
        return {"named": dict(self.named), "rest": self.rest}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Tally":
        return cls(stored["named"], stored["rest"])


@dataclass(frozen=True)
class Agreement:
    """Labels of one source against the answers: rows, right ones, both by category, and who was
    taken for whom. ``wrong`` names ``label`` and answer as ``(label, answer)``."""

    n: int = 0
    right: int = 0
    categories: Tally = field(default_factory=Tally)
    categories_right: Tally = field(default_factory=Tally)
    wrong: Mapping[tuple[str, str], int] = field(default_factory=dict)
    wrong_rest: int = 0

    @classmethod
    def total(cls, parts: Collection["Agreement"]) -> "Agreement":
        """The sum."""
        wrong: Counter[tuple[str, str]] = Counter()
        for part in parts:
            wrong.update(part.wrong)
        return cls(
            sum(part.n for part in parts),
            sum(part.right for part in parts),
            Tally.total(part.categories for part in parts),
            Tally.total(part.categories_right for part in parts),
            dict(sorted(wrong.items())),
            sum(part.wrong_rest for part in parts),
        )

    def by_category(self) -> dict[str, tuple[int, int]]:
        """Label -> (right, n), of the categories that are named."""
        right = self.categories_right.named
        return {label: (right.get(label, 0), n) for label, n in self.categories.named.items()}

    def as_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "right": self.right,
            "categories": self.categories.as_json(),
            "categories_right": self.categories_right.as_json(),
            "wrong": [[label, answer, n] for (label, answer), n in self.wrong.items()],
            "wrong_rest": self.wrong_rest,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Agreement":
        return cls(
            stored["n"],
            stored["right"],
            Tally.from_json(stored["categories"]),
            Tally.from_json(stored["categories_right"]),
            {(label, answer): n for label, answer, n in stored["wrong"]},
            stored["wrong_rest"],
        )


@dataclass(frozen=True)
class Counts:
    """What is counted of ``rows`` answered rows; the counts of no rows are ``Counts()``.

    ``bins``: name of a dimension -> one number a bin of the reference, unseen and missing last.
    ``answers``: predicted categories. ``values``: feature -> its values. ``labels``: source ->
    agreement. ``reactions``: thumbs_down, override, escalated -> (events, rows asked), of rows that
    people saw the answers of.
    """

    rows: int = 0
    bins: Mapping[str, Vector] = field(default_factory=dict)
    answers: Tally = field(default_factory=Tally)
    values: Mapping[str, Tally] = field(default_factory=dict)
    labels: Mapping[str, Agreement] = field(default_factory=dict)
    reactions: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def total(cls, parts: Sequence["Counts"]) -> "Counts":
        """The sum of counts on the same bins; of no parts, the counts of no rows."""
        reactions: dict[str, tuple[int, int]] = {}
        for part in parts:
            for name, (events, n) in part.reactions.items():
                before = reactions.get(name, (0, 0))
                reactions[name] = (before[0] + events, before[1] + n)
        return cls(
            sum(part.rows for part in parts),
            {
                name: np.array(found, dtype=np.int64).sum(axis=0)
                for name, found in _gathered(part.bins for part in parts).items()
            },
            Tally.total(part.answers for part in parts),
            {
                name: Tally.total(found)
                for name, found in _gathered(part.values for part in parts).items()
            },
            {
                source: Agreement.total(found)
                for source, found in _gathered(part.labels for part in parts).items()
            },
            reactions,
        )

    def on_bins(self, bins: Mapping[str, Vector]) -> "Counts":
        """The same with these counts of bins instead of its own."""
        return replace(self, bins=bins)

    @property
    def reviewed(self) -> tuple[int, int]:
        """Right answers and rows that were drawn at random and labelled."""
        found = self.labels.get("review", Agreement())
        return found.right, found.n

    def as_json(self) -> dict[str, Any]:
        return {
            "bins": {name: counts.tolist() for name, counts in self.bins.items()},
            "answers": self.answers.as_json(),
            "values": {name: tally.as_json() for name, tally in self.values.items()},
            "labels": {source: told.as_json() for source, told in self.labels.items()},
            "reactions": {name: list(pair) for name, pair in self.reactions.items()},
        }

    @classmethod
    def from_json(cls, rows: int, stored: Mapping[str, Any]) -> "Counts":
        """What ``as_json`` wrote of so many rows."""
        return cls(
            rows,
            {name: np.array(counts, dtype=np.int64) for name, counts in stored["bins"].items()},
            Tally.from_json(stored["answers"]),
            {name: Tally.from_json(tally) for name, tally in stored["values"].items()},
            {source: Agreement.from_json(told) for source, told in stored["labels"].items()},
            {name: (pair[0], pair[1]) for name, pair in stored["reactions"].items()},
        )


def _gathered(parts: Iterable[Mapping[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for part in parts:
        for name, value in part.items():
            found.setdefault(name, []).append(value)
    return found
