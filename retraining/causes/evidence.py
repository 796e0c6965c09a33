"""What a cause may look at, and what it says. Pure: frames in, frozen dataclasses out."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from retraining.learners.base import InputSpec
from retraining.policy import Policy
from retraining.stats.intervals import Difference, rate_difference

Told = TypeVar("Told")
# (n) predicted categories and (n) confidences for a frame of inputs
Predict = Callable[[pd.DataFrame], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Rows:
    """Production rows in order of time; the four frames share one RangeIndex.

    ``rows``: id, timestamp (UTC), day (client-local date), prediction, confidence, label,
    label_source, thumbs, replayed (people reacted to another answer). ``inputs``: the features, or
    ``text``. ``context``: segments. ``signals``: proxies. What is absent is None or NaN.
    """

    rows: pd.DataFrame
    inputs: pd.DataFrame
    context: pd.DataFrame
    signals: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, mask: np.ndarray | pd.Series) -> "Rows":
        """The rows at which ``mask`` (n booleans) is true."""
        keep = np.flatnonzero(np.asarray(mask, dtype=bool))
        return Rows(
            *(
                frame.iloc[keep].reset_index(drop=True)
                for frame in (self.rows, self.inputs, self.context, self.signals)
            )
        )

    @property
    def reviewed(self) -> np.ndarray:
        """Rows drawn at random and labelled: the only fair sample."""
        return (self.rows["label_source"] == "review").to_numpy(dtype=bool)

    @property
    def labelled(self) -> np.ndarray:
        return self.rows["label"].notna().to_numpy(dtype=bool)

    @property
    def failed(self) -> np.ndarray:
        """Rows whose label is known and is not the answer."""
        return self.labelled & (self.rows["label"] != self.rows["prediction"]).to_numpy(dtype=bool)


def having(context: pd.DataFrame, key: str, value: str) -> np.ndarray:
    """Which rows are of the part of the traffic whose ``key`` is ``value``; (n) booleans.

    None is where no row has the key. Values are compared as they are written: a fault that was
    stored knows of ``5.2`` as a text only.

    >>> having(pd.DataFrame({"build": [5.2, 5.1]}), "build", "5.2").tolist()
    [True, False]
    """
    if key not in context:
        return np.zeros(len(context), dtype=bool)
    return (context[key].astype(str) == value).to_numpy(dtype=bool)


@dataclass(frozen=True)
class Event:
    """A declared campaign, release or deprecation: half-open local days."""

    title: str
    kind: str
    start: date
    stop: date


@dataclass(frozen=True)
class FieldFault:
    """A field that is wrong upstream: how, since when, and what would put it right.

    ``factor`` and ``offset``: true = (seen - offset) / factor; with ``cycle`` (24 hours, 7 days) taken
    round the clock. ``lag``: the value came so many hours late. ``segment``: only where this context
    key has this value. ``partner``: the field with which it changed places. ``until``: the first local
    day on which it was right again.
    """

    field: str
    kind: str
    since: date
    until: date | None = None
    factor: float | None = None
    offset: float | None = None
    cycle: float | None = None
    lag: float | None = None
    segment: tuple[str, str] | None = None
    partner: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "kind": self.kind,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "factor": self.factor,
            "offset": self.offset,
            "cycle": self.cycle,
            "lag": self.lag,
            "segment": list(self.segment) if self.segment else None,
            "partner": self.partner,
        }


@dataclass(frozen=True)
class SegmentFault:
    """A part of the traffic that is wrong upstream, named by a context key and value."""

    key: str
    value: str
    cause: str
    since: date
    until: date | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "value": self.value,
            "cause": self.cause,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
        }


@dataclass(frozen=True)
class Finding:
    """One cause that holds: a sentence, the numbers behind it, rows to look at, what it calls for.

    ``acts`` is false for a fault that moves neither accuracy nor the prediction mix: it is listed
    and the verdict goes on. ``explains`` are the ids of rows that later causes leave out.
    """

    cause: str
    evidence: str
    fix: str
    p_value: float
    since: date | None = None
    until: date | None = None
    numbers: dict[str, Any] = field(default_factory=dict)
    row_ids: tuple[str, ...] = ()
    acts: bool = True
    categories: tuple[str, ...] = ()
    fields: tuple[FieldFault, ...] = ()
    segments: tuple[SegmentFault, ...] = ()
    signals: tuple[str, ...] = ()
    excluded: tuple[tuple[date, date], ...] = ()
    explains: frozenset[str] = frozenset()

    def as_dict(self) -> dict[str, Any]:
        """As ``run_cycle --json`` prints it: cause, evidence, p_value, since, and the numbers."""
        return {
            "cause": self.cause,
            "evidence": self.evidence,
            "fix": self.fix,
            "p_value": self.p_value,
            "confidence": round(1 - self.p_value, 4),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "acts": self.acts,
            "numbers": self.numbers,
            "rows": list(self.row_ids),
        }


@dataclass(frozen=True)
class Evidence:
    """A trailing month, what went before it, what the live version was trained on, and its answers.

    ``before`` are earlier rows that no diagnosis has excluded, answered as they were at the time;
    ``healthy`` marks those of them from months that needed nothing: the baseline of accuracy.
    ``training`` are the live version's inputs and labels. ``days`` are the local days of the month,
    in ``timezone`` (an IANA name).
    """

    policy: Policy
    spec: InputSpec
    categories: tuple[str, ...]
    days: tuple[date, ...]
    now: Rows
    before: Rows
    healthy: np.ndarray
    training_inputs: pd.DataFrame
    training_labels: np.ndarray
    predict: Predict
    golden_accuracy: float | None
    events: tuple[Event, ...] = ()
    seed: int = 0
    timezone: str = "UTC"
    settled: frozenset[str] = frozenset()
    """Rows of the trailing month that an earlier check has set aside, or that the version before
    the live one answered: they say nothing of how good the live version is now."""
    golden_n: int | None = None
    """The golden rows behind ``golden_accuracy``; None: unknown, and it is not tested against."""

    _told: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], Told]) -> Told:
        """What ``make`` gives, worked out the first time that ``key`` is asked for.

        Several causes put the same question to the same month. ``dataclasses.replace`` begins anew.
        """
        if key not in self._told:
            self._told[key] = make()
        told: Told = self._told[key]
        return told

    def without(self, findings: Sequence[Finding]) -> "Evidence":
        """The same month without the rows that these findings explain."""
        return self._leaving_out(set().union(*(finding.explains for finding in findings)))

    def unsettled(self) -> "Evidence":
        """The same month without the rows that earlier checks have settled."""
        return self._leaving_out(self.settled)

    def _leaving_out(self, ids: Collection[str]) -> "Evidence":
        if not ids:
            return self

        def rest() -> Evidence:
            keep = ~self.now.rows["id"].isin(ids).to_numpy(dtype=bool)
            return replace(self, now=self.now.where(keep))

        return self.once(frozenset(ids), rest)

    def day_index(self, rows: Rows) -> np.ndarray:
        """For each row, the number of its day in the month (0-based)."""
        numbers = {day: i for i, day in enumerate(self.days)}
        return np.array([numbers[day] for day in rows.rows["day"]], dtype=int)

    def per_day(self, rows: Rows, mask: np.ndarray) -> np.ndarray:
        """How many of the rows at which ``mask`` is true fall on each day of the month."""
        return np.bincount(self.day_index(rows)[mask], minlength=len(self.days))


def reviewed_accuracy(rows: Rows, among: np.ndarray | None = None) -> tuple[int, int]:
    """Right answers and reviewed rows, of all rows or those at which ``among`` is true."""
    fair = rows.reviewed if among is None else rows.reviewed & among
    n = int(fair.sum())
    return n - int((rows.failed & fair).sum()), n


def baseline_accuracy(evidence: Evidence) -> tuple[int, int] | None:
    """Right answers and reviewed rows of the earlier months that needed nothing; None: too few."""
    right, n = reviewed_accuracy(evidence.before, evidence.healthy)
    return (right, n) if n >= evidence.policy.confirm_reviews else None


def accuracy_change(evidence: Evidence) -> Difference | None:
    """Reviewed accuracy now less that of the baseline; None where either has too few rows."""
    baseline = baseline_accuracy(evidence)
    right, n = reviewed_accuracy(evidence.now)
    if baseline is None or not n:
        return None
    return rate_difference(
        before_successes=baseline[0],
        before_n=baseline[1],
        after_successes=right,
        after_n=n,
        confidence=evidence.policy.confidence,
    )
