"""Two numeric fields carry each other's values: of all rows of certain days, or of one segment's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from retraining.causes.conversions import ROWS_A_DAY
from retraining.causes.evidence import Evidence
from retraining.causes.segments import Part

BINS = 16
# Added to the count of every bin: what was never seen is rare, not impossible.
SMOOTH = 0.5
# No value says more than this (natural logs): a fault shows in many rows, not in a few strange ones.
MOST = 2.0
# Each field by itself must suit the other's place by so much: one alone has another unit, or fault.
EACH = 5.0
# Fields whose distributions overlap more than this cannot be told apart by their values.
UNLIKE = 0.2
# Rows of a swap before it is called, and rows of a part of it that may contradict it so clearly.
MIN_ROWS, CONTRADICTS = 12, -5.0
# Where all traffic is concerned there is no other part to compare with: most rows must show it.
CLEAR_ROWS, CLEAR_GAIN = 0.8, 1.0
# What all traffic does at once, a season, is no fault of a part: the others must gain far less.
ELSEWHERE = 0.5
# Rows of a stretch of the past that must not look swapped as a whole.
STRETCH = 40
# A window that ends early must explain the days so much better than one to the month's end.
CLEARLY = 3.0
# Faults of one month that are looked for.
MOST_SWAPS = 4


@dataclass(frozen=True)
class Swap:
    """Fields ``a`` and ``b`` of the rows ``rows`` on days start, ..., stop - 1; of all where no part.

    ``gain``: the log likelihood ratio of the rows as if swapped back against as they came.
    """

    part: Part | None
    a: str
    b: str
    start: int
    stop: int
    rows: np.ndarray
    gain: float
    p_value: float


def find_swaps(
    evidence: Evidence, parts: Sequence[Part], alpha: float, gone: Collection[str] = ()
) -> list[Swap]:
    """Which pairs of fields suit the past far better in each other's place, where and since when?

    A row's log likelihood ratio (a's value as b and b's as a, against as they came) comes from both
    fields' histograms over training and earlier rows, on common bins. Both halves must gain: where
    one does, it is that field alone that came otherwise. Were nothing swapped, the exponential of
    its sum over any window would have mean 1, so by Markov's inequality P(any window's sum >= g) is
    at most windows * exp(-g): p, Bonferroni over pairs and parts. Rows of one day resemble each
    other: they count as ROWS_A_DAY at most, alike ones as one. Windows of all the traffic and of
    each part compete; the largest gain wins that no part of it contradicts.
    """
    names = [name for name in evidence.spec.numeric if name not in gone]
    scored = [found for a, b in combinations(names, 2) if (found := _scored(evidence, a, b))]
    places: list[Part | None] = [None, *parts]
    windows = len(evidence.days) * (len(evidence.days) + 1) / 2
    tests = max(1, len(names) * (len(names) - 1) // 2) * len(places) * windows
    open_ = np.ones(len(evidence.now), dtype=bool)
    swaps: list[Swap] = []
    while len(swaps) < MOST_SWAPS:
        tries = (_best(evidence, part, pair, open_, tests) for pair in scored for part in places)
        likely = [
            (one, pair)
            for (pair, one) in zip((p for p in scored for _ in places), tries, strict=True)
            if one and one.p_value < alpha and _pure(one, parts, pair.now)
        ]
        if not likely:
            break
        swaps.append(max((one for one, _ in likely), key=lambda one: one.gain))
        open_ &= ~swaps[-1].rows
    return swaps


@dataclass(frozen=True)
class _Pair:
    """Log likelihood ratios of the rows of now, before and of training; halves: a's, b's, of now."""

    a: str
    b: str
    halves: tuple[np.ndarray, np.ndarray]
    before: np.ndarray
    training: np.ndarray

    @property
    def now(self) -> np.ndarray:
        return self.halves[0] + self.halves[1]


def _scored(evidence: Evidence, a: str, b: str) -> _Pair | None:
    """None where the two fields' values cannot be told from each other's."""
    past = (evidence.training_inputs, evidence.before.inputs)
    known = [
        np.concatenate([frame[name].to_numpy(dtype=float) for frame in past]) for name in (a, b)
    ]
    both = np.concatenate(known)
    both = both[~np.isnan(both)]
    if len(both) < 4 * STRETCH:
        return None
    kinds = np.unique(both)
    inner = np.quantile(both, np.linspace(0, 1, BINS + 1)[1:-1], method="nearest")
    edges = (kinds[1:] + kinds[:-1]) / 2 if len(kinds) <= 2 * BINS else np.unique(inner)
    log_a, log_b = (_log_shares(values, edges) for values in known)
    if np.abs(np.exp(log_a) - np.exp(log_b)).sum() / 2 < UNLIKE:
        return None
    now, before, training = (
        tuple(_ratio(frame, (a, b), sign, edges, log_b - log_a) for sign in (1, -1))
        for frame in (evidence.now.inputs, evidence.before.inputs, evidence.training_inputs)
    )
    return _Pair(a, b, (now[0], now[1]), before[0] + before[1], training[0] + training[1])


def _log_shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    bins = np.searchsorted(edges, values[~np.isnan(values)], side="right")
    counts = np.bincount(bins, minlength=len(edges) + 1) + SMOOTH
    return np.asarray(np.log(counts / counts.sum()))


def _ratio(
    frame: pd.DataFrame, pair: tuple[str, str], sign: int, edges: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """How much better each value of a (sign 1) or b (-1) suits the other field; 0 where one is empty."""
    values = frame[pair[0] if sign > 0 else pair[1]].to_numpy(dtype=float)
    ratio = sign * other[np.searchsorted(edges, values, side="right").clip(max=len(edges))]
    empty = frame[list(pair)].isna().any(axis=1).to_numpy(dtype=bool)
    return np.where(empty, 0.0, np.clip(ratio, -MOST, MOST))


def _best(
    evidence: Evidence, part: Part | None, pair: _Pair, open_: np.ndarray, tests: float
) -> Swap | None:
    """The window of the part that gains most."""
    mine = open_ & part.now if part else open_
    if mine.sum() < MIN_ROWS:
        return None
    day, last = evidence.day_index(evidence.now), len(evidence.days)
    counts = np.bincount(day[mine], minlength=last)
    weights = _of_their_own(evidence.now.inputs[[pair.a, pair.b]], day, mine, last)
    halves = [np.bincount(day[mine], half[mine], minlength=last) * weights for half in pair.halves]
    window = _window(halves[0] + halves[1])
    if window is None:
        return None
    start, stop, gain = window
    rows = mine & (day >= start) & (day < stop)
    was = pair.before[part.before] if part else np.concatenate([pair.training, pair.before])
    if rows.sum() < MIN_ROWS or _looked_so(was):
        return None
    if min(half[start:stop].sum() for half in halves) < EACH:
        return None
    now, others = pair.now[rows], pair.now[open_ & ~rows & (day >= start) & (day < stop)]
    if len(others) >= MIN_ROWS and others.mean() > ELSEWHERE * now.mean():
        return None
    if part is None and (now.mean() < CLEAR_GAIN or np.mean(now > 0) < CLEAR_ROWS):
        return None
    if not counts[stop:].any():
        stop = last  # nobody was there afterwards to show that it is over
    p_value = min(1.0, tests * float(np.exp(-gain)))
    return Swap(part, pair.a, pair.b, start, stop, rows, gain, p_value)


def _of_their_own(values: pd.DataFrame, day: np.ndarray, mine: np.ndarray, last: int) -> np.ndarray:
    """How much a row of each day counts: a holiday is one observation, however many rows tell it."""
    table = values[mine].assign(day=day[mine])
    rows = np.bincount(table["day"], minlength=last)
    kinds = np.bincount(table.drop_duplicates()["day"], minlength=last)
    return np.minimum(kinds, ROWS_A_DAY) / np.maximum(rows, 1)


def _window(daily: np.ndarray) -> tuple[int, int, float] | None:
    """The half-open days with the largest sum; to the end where that is nearly as good."""
    sums = np.concatenate([[0.0], np.cumsum(daily)])
    gains = np.triu(sums[None, :] - sums[:, None], 1)
    start, stop = divmod(int(gains.argmax()), len(sums))
    lasting = gains[:, -1]
    if lasting.max() + CLEARLY > gains[start, stop]:
        start, stop = int(lasting.argmax()), len(daily)
    gain = float(gains[start, stop])
    return (int(start), int(stop), gain) if gain > 0 else None


def _looked_so(was: np.ndarray) -> bool:
    """Did any stretch of the past look swapped by itself? Then these fields can do it alone."""
    stretches = np.array_split(was, max(1, len(was) // STRETCH))
    return any(len(one) >= MIN_ROWS and one.mean() >= 0 for one in stretches)


def _pure(swap: Swap, parts: Sequence[Part], now: np.ndarray) -> bool:
    """Is there no part of the swapped rows that is clearly in order?"""
    inside = (swap.rows & part.now for part in parts)
    return not any(now[rows].sum() < CONTRADICTS for rows in inside if rows.sum() >= MIN_ROWS // 2)


def swapped_back(inputs: pd.DataFrame, swap: Swap) -> pd.DataFrame:
    """``inputs`` with each of the two fields' values in the other's place."""
    return inputs.assign(**{swap.a: inputs[swap.b], swap.b: inputs[swap.a]})
