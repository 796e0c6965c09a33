"""When a feed falls behind it says the same things twice: the values of so many hours ago come again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retraining.causes.evidence import Evidence, Rows
from retraining.causes.segments import Part

# Every hour of a week.
LAGS = tuple(range(1, 169))
# Two rows are ``lag`` hours apart where they miss it by no more than this (hours).
SAME_HOUR = 0.25
# In an echo so many of the pairs are alike, but for values that were rounded or corrected since.
ALIKE = 0.95
# A field of an echo may fall short of that by so much: a few pairs are few.
SLACK = 0.1
# Values that agree at a lag more often than this by themselves tell nothing: a clock, a code.
BY_ITSELF = 0.5
# What is alike so often from one day to others goes with the clock, and by steps, not by chance.
CLOCK = 0.3
# So many pairs have to have shown how often they agree.
KNOWN_PAIRS = 30
# Of more rows than this, the first of each hour is asked.
MOST_ROWS = 5000
# A field that joins an echo of others: its own chance to agree so well, at that lag, in those hours.
JOINS = 0.01
# At other lags the same rows must agree less than half as well: what stands still agrees at all.
ELSEWHERE = 0.5


@dataclass(frozen=True)
class Echo:
    """``fields`` have come ``hours`` late since day ``start``; ``rows``: those that repeat others."""

    hours: int
    fields: tuple[str, ...]
    start: int
    rows: np.ndarray
    p_value: float
    part: Part | None = None


def find_echo(
    evidence: Evidence, names: Sequence[str], alpha: float, parts: Sequence[Part] = ()
) -> Echo | None:
    """Since when do fields repeat, row by row, what they said so many hours before?

    In its first hours a late feed sends again what it sent on time: exactly the values of the rows a
    lag before, one after the other as they changed. Asked of every lag, for each field and for two
    fields at once, of all rows, else of each part of the traffic. Each pair of rows a lag apart adds
    the log likelihood ratio of being alike under an echo (ALIKE) against how often that happens
    anyway, at this lag, in all months at hand; while a field stays as it was it adds nothing. By
    Ville's inequality the sum reaches g after a given row with a chance of at most exp(-g): p,
    Bonferroni over first rows, lags, fields and parts. Nothing is said of when the feed caught up:
    it then leaves hours out, which nobody sees.
    """
    numbers = [name for name in names if name in evidence.spec.numeric]
    tests = len(LAGS) * (len(numbers) + 1) * (1 + len(parts))
    if not numbers or not len(evidence.now):
        return None
    whole = _echo_of(evidence, numbers, alpha, tests, None)
    if whole:
        return whole
    found = [_echo_of(evidence, numbers, alpha, tests, part) for part in parts]
    return min((one for one in found if one), key=lambda one: one.p_value, default=None)


@dataclass(frozen=True)
class _Told:
    """The rows in time: hours, which are of this month, each field's values as numbers (-1: empty).

    ``fresh``: the field is not as it was in the row before. ``at``: the row's number in the month.
    """

    hours: np.ndarray
    now: np.ndarray
    kinds: np.ndarray
    fresh: np.ndarray
    at: np.ndarray

    @classmethod
    def of(cls, before: Rows, now: Rows, at: np.ndarray, names: list[str]) -> "_Told":
        hours = np.concatenate([hours_of(before), hours_of(now)])
        order = np.argsort(hours, kind="stable")
        if len(order) > MOST_ROWS:
            _, first = np.unique(np.floor(hours[order]), return_index=True)
            order = order[first]
        values = pd.concat([before.inputs[names], now.inputs[names]], ignore_index=True)
        kinds = np.stack([pd.factorize(values[name])[0][order] for name in names], axis=1)
        fresh = np.concatenate([np.ones((1, len(names)), dtype=bool), kinds[1:] != kinds[:-1]])
        numbers = np.concatenate([np.full(len(before), -1), at])[order]
        return cls(hours[order], numbers >= 0, kinds, fresh, numbers)

    def pairs(self, lag: float) -> "_Pairs":
        """The rows with a row ``lag`` hours before, and in which fields they are alike."""
        wanted, hours = self.hours - lag, self.hours
        after = np.clip(np.searchsorted(hours, wanted), 0, len(hours) - 1)
        before = np.maximum(after - 1, 0)
        closer = np.abs(hours[before] - wanted) < np.abs(hours[after] - wanted)
        early = np.where(closer, before, after)
        late = np.flatnonzero(
            (np.abs(hours[early] - wanted) <= SAME_HOUR) & (early < np.arange(len(hours)))
        )
        mine, theirs = self.kinds[late], self.kinds[early[late]]
        known = (mine >= 0) & (theirs >= 0) & self.fresh[late]
        return _Pairs(late, self.now[late], known, known & (mine == theirs))


@dataclass(frozen=True)
class _Pairs:
    """Later rows (m) of pairs, whether of this month; known, alike (m x fields)."""

    late: np.ndarray
    now: np.ndarray
    known: np.ndarray
    alike: np.ndarray

    def of(self, fields: np.ndarray) -> "_Pairs":
        """The same pairs of the chosen fields."""
        columns = (table[:, fields] for table in (self.known, self.alike))
        return _Pairs(self.late, self.now, *columns)

    @property
    def usual(self) -> np.ndarray:
        """How often each field is alike anyway, one more counted on either side."""
        return np.asarray((self.alike.sum(axis=0) + 1) / (self.known.sum(axis=0) + 2))

    def with_two_at_once(self) -> "_Pairs":
        """With one more column: of the fields that are seldom alike, are two of them, at once?"""
        rare = self.usual < BY_ITSELF
        known = (self.known & rare).sum(axis=1) >= 2
        both = known & ((self.alike & rare).sum(axis=1) >= 2)
        columns = (np.column_stack(pair) for pair in ((self.known, known), (self.alike, both)))
        return _Pairs(self.late, self.now, *columns)


def _echo_of(
    evidence: Evidence, names: list[str], alpha: float, tests: int, part: Part | None
) -> Echo | None:
    before, now, at = evidence.before, evidence.now, np.arange(len(evidence.now))
    if part:
        before, now, at = before.where(part.before), now.where(part.now), at[part.now]
    told = _Told.of(before, now, at, names)
    paired = {lag: told.pairs(float(lag)) for lag in LAGS}
    days = [p.usual for lag, p in paired.items() if lag % 24 == 0 and len(p.late) >= KNOWN_PAIRS]
    keep = np.max([np.zeros(len(names)), *days], axis=0) < CLOCK
    if not keep.any():
        return None
    names = [name for name, kept in zip(names, keep, strict=True) if kept]
    paired = {lag: pairs.of(keep) for lag, pairs in paired.items()}
    runs = [(*run, lag) for lag, pairs in paired.items() if (run := _run(pairs))]
    if not runs:
        return None
    gain, late, lag = max(runs, key=lambda run: run[0])
    p_value = min(1.0, tests * len(now) * float(np.exp(-gain)))
    if p_value >= alpha:
        return None
    fields = _joined(paired, lag, late)
    if not fields.any():
        return None
    rows = told.at[late]
    start = int(evidence.day_index(evidence.now)[rows].min())
    chosen = tuple(name for name, joins in zip(names, fields, strict=True) if joins)
    return Echo(lag, chosen, start, rows, p_value, part)


def _run(found: _Pairs) -> tuple[float, np.ndarray] | None:
    """The largest gain of consecutive pairs of this month, of any field; the pairs' later rows."""
    pairs = found.with_two_at_once()
    if len(pairs.late) < KNOWN_PAIRS or not pairs.now.any():
        return None
    usual = pairs.usual
    gain = np.where(pairs.alike, np.log(ALIKE / usual), np.log((1 - ALIKE) / (1 - usual)))
    gain = np.where(pairs.known & (usual < BY_ITSELF), gain, 0.0)[pairs.now]
    sums = np.concatenate([np.zeros((1, gain.shape[1])), np.cumsum(gain, axis=0)])
    rise = sums - np.minimum.accumulate(sums)
    stop, column = np.unravel_index(int(rise.argmax()), rise.shape)
    start = int(sums[: stop + 1, column].argmin())
    inside = pairs.known[pairs.now][start:stop, column]
    return float(rise[stop, column]), pairs.late[pairs.now][start:stop][inside]


def _joined(paired: dict[int, _Pairs], lag: int, late: np.ndarray) -> np.ndarray:
    """Which fields take part in the echo, and agree there at other lags far less?"""
    shares = {}
    for hours, pairs in paired.items():
        inside = np.isin(pairs.late, late)
        known, alike = pairs.known[inside].sum(axis=0), pairs.alike[inside].sum(axis=0)
        shares[hours] = np.where(known > 0, alike / np.maximum(known, 1), np.nan)
        if hours == lag:
            n = known
    others = np.array([share for hours, share in shares.items() if hours != lag])
    elsewhere = np.nansum(others, axis=0) / np.maximum(1, (~np.isnan(others)).sum(axis=0))
    full = (n > 0) & (np.nan_to_num(shares[lag]) >= ALIKE - SLACK)
    joins = full & (paired[lag].usual ** n < JOINS) & (elsewhere < ELSEWHERE * shares[lag])
    return np.asarray(joins)


def hours_of(rows: Rows) -> np.ndarray:
    """Each row's instant in hours."""
    if not len(rows):
        return np.zeros(0)
    stamps = rows.rows["timestamp"].dt.tz_convert("UTC").dt.tz_localize(None)
    hours: np.ndarray = stamps.to_numpy(dtype="datetime64[us]").astype(float) / 3.6e9
    return hours
