"""Rows to counts: of all rows, of each version that answered and of each part of the traffic. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

from retraining.causes.evidence import Rows, having
from retraining.learners.base import InputSpec
from retraining.profiles.counts import (
    MOST_CATEGORIES,
    MOST_CONFUSED,
    MOST_VALUES,
    Agreement,
    Counts,
    Tally,
)
from retraining.profiles.reference import columns_of, profile

MOST_KEYS, MOST_PARTS, LONGEST_PART = 4, 12, 200
"""Context keys that are profiled in parts, parts of one key, and characters of ``key=value``. A key
with more different values on a day is a name and no segment; of the keys that are left, those with
the fewest values are taken, ties in the order of the alphabet; a value that all rows have is no part
of them. So a day has at most 49 profiles a
version, whatever a client sends. The rule looks at the day's own rows alone, in no order."""

Groups = Iterator[tuple[str, str, Rows]]


def segments_of(context: pd.DataFrame) -> dict[str, list[str]]:
    """The context keys of these rows that are profiled in parts, and their values as written.

    >>> segments_of(pd.DataFrame({"channel": ["web", "app", None], "user": ["a", "b", "c"]}))
    {'channel': ['app', 'web'], 'user': ['a', 'b', 'c']}
    """
    found: dict[str, list[str]] = {}
    for key in context.columns:
        given = context[key].dropna().astype(str)
        values = given.unique()
        parts = len(values) + (len(given) < len(context))
        # With a "=" in its name two keys could write the same part.
        if parts > 1 and 1 <= len(values) <= MOST_PARTS and "=" not in str(key):
            found[str(key)] = sorted(values)
    fits = {
        key: values
        for key, values in found.items()
        if max(len(key) + 1 + len(value) for value in values) <= LONGEST_PART
    }
    chosen = sorted(fits, key=lambda key: (len(fits[key]), key))[:MOST_KEYS]
    return {key: fits[key] for key in sorted(chosen)}


def groups_of(rows: Rows) -> Groups:
    """``(version, segment, rows)``: each version that answered, all its rows and then its segments.

    ``segment`` is ``key=value``, or empty for all rows.
    """
    parts = segments_of(rows.context)
    versions = rows.rows["model_version"].fillna("").astype(str)
    for version in sorted(versions.unique()):
        own = rows.where(versions == version)
        yield version, "", own
        for key, values in parts.items():
            for value in values:
                inside = having(own.context, key, value)
                if inside.any():
                    yield version, f"{key}={value}", own.where(inside)


def count_rows(*, reference: dict[str, Any], spec: InputSpec, rows: Rows) -> Counts:
    """The counts of answered rows on the reference's bins."""
    table = rows.rows
    answers = table["prediction"].to_numpy(dtype=object)
    return Counts(
        rows=len(rows),
        bins=profile(
            reference=reference,
            inputs=rows.inputs,
            answers=answers,
            confidences=table["confidence"].to_numpy(dtype=float),
            spec=spec,
        ),
        answers=Tally.of(Counter(answers), most=MOST_CATEGORIES),
        values={name: _values(found) for name, found in columns_of(rows.inputs, spec).items()},
        labels={
            str(source): _agreement(rows.where(table["label_source"] == source))
            for source in sorted(table["label_source"].dropna().unique())
        },
        reactions=_reactions(rows),
    )


def _values(column: Any) -> Tally:
    """The values of a feature by name where they are few; of a quantity, only how many rows."""
    counted = pd.Series(column).dropna().value_counts()
    if counted.index.dtype.kind == "f" and len(counted) > MOST_VALUES:
        return Tally({}, int(counted.sum()))
    named: Counter[str] = Counter()
    for value, n in counted.items():
        named[f"{value:.12g}" if isinstance(value, float) else str(value)] += int(n)
    return Tally.of(named, most=MOST_VALUES)


def _agreement(rows: Rows) -> Agreement:
    pairs = Counter(zip(rows.rows["label"], rows.rows["prediction"], strict=True))
    n: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for (label, answer), count in pairs.items():
        n[label] += count
        right[label] += count * (label == answer)
    named = Tally.of(n, most=MOST_CATEGORIES)
    good = {label: right[label] for label in named.named}
    wrong = {pair: count for pair, count in pairs.items() if pair[0] != pair[1]}
    kept = sorted(wrong, key=lambda pair: (-wrong[pair], pair))[:MOST_CONFUSED]
    return Agreement(
        n=sum(n.values()),
        right=sum(right.values()),
        categories=named,
        categories_right=Tally(good, sum(right.values()) - sum(good.values())),
        wrong={pair: wrong[pair] for pair in sorted(kept)},
        wrong_rest=sum(wrong.values()) - sum(wrong[pair] for pair in kept),
    )


def _reactions(rows: Rows) -> dict[str, tuple[int, int]]:
    """Thumbs, corrections and escalations: what people said of the answer that they saw."""
    table = rows.rows
    own = ~table["replayed"].to_numpy(dtype=bool)
    changed = rows.failed & (table["label_source"] == "override").to_numpy(dtype=bool)
    escalated = asked = 0
    for name in rows.signals.columns:
        if str(name).lower().startswith("escalat"):
            told = rows.signals[name].isin([True, False]).to_numpy(dtype=bool) & own
            yes = rows.signals[name].isin([True]).to_numpy(dtype=bool)
            escalated, asked = escalated + int((yes & told).sum()), asked + int(told.sum())
    return {
        "thumbs_down": (
            int((table["thumbs"] == "down").sum()),
            int(table["thumbs"].notna().sum()),
        ),
        "override": (int((changed & own).sum()), int(own.sum())),
        "escalated": (escalated, asked),
    }
