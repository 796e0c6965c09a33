"""Did a field's level jump on a day, or does it move as it always has? Days, medians, edges."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from retraining.causes.conversions import ROWS_A_DAY, SIDE, distance
from retraining.causes.evidence import Evidence
from retraining.stats.changepoint import mean_shift

# Days before the change that say what the field is like just then: a season moves slowly.
NEIGHBOUR_DAYS = 21
WEEK = 7
MIN_DAYS = 3
# Days on either side of an edge whose medians are compared.
EDGE = 5
# A gap longer than this (rows set aside) makes no edge: the season went on.
GAP = 4
# The jump must be this many times the largest that the world made by itself in these weeks. At 1.5
# one of 100 simulated quiet months of weather had one.
SHARP = 2.5
# Nearer than this the last weeks are like all that went before: no season moves the field.
STEADY = 0.1
# So many edges before the largest of them says what the world does.
ENOUGH_EDGES = 20


@dataclass(frozen=True)
class DayMedians:
    """A field's median a day, ``before`` and the month in one row, by day number of the month.

    Earlier days have negative numbers.
    """

    days: np.ndarray
    medians: np.ndarray

    def jump(self, at: int) -> float | None:
        """How far the median of the EDGE days from ``at`` on is from that of the EDGE days before.

        None where no day is near on either side.
        """
        before, after = self._around(at)
        if not len(before) or not len(after):
            return None
        return abs(float(np.median(self.medians[after]) - np.median(self.medians[before])))

    def straddles(self, at: int, edge: int) -> bool:
        """Do the days around ``at`` lie on both sides of ``edge``? Where days are left out they do."""
        around = self.days[np.concatenate(self._around(at))]
        return bool((around < edge).any() and (around >= edge).any())

    def _around(self, at: int) -> tuple[np.ndarray, np.ndarray]:
        """Places of the EDGE days before ``at`` and of those from it on."""
        before = (self.days < at) & (self.days >= at - EDGE - GAP)
        after = (self.days >= at) & (self.days < at + EDGE + GAP)
        return np.flatnonzero(before)[-EDGE:], np.flatnonzero(after)[:EDGE]


def day_medians(evidence: Evidence, name: str) -> DayMedians:
    """The daily medians of the earlier rows and of the month; days without values are absent."""
    first = evidence.days[0]
    frames = [
        pd.DataFrame(
            {
                "day": [(day - first).days for day in rows.rows["day"]],
                "value": rows.inputs[name].to_numpy(dtype=float),
            }
        )
        for rows in (evidence.before, evidence.now)
        if len(rows)
    ]
    daily = pd.concat(frames).dropna().groupby("day")["value"].median()
    return DayMedians(daily.index.to_numpy(dtype=int), daily.to_numpy(dtype=float))


def is_sharp(medians: DayMedians, start: int, stop: int, last: int, factor: float) -> bool | None:
    """Do the window's edges jump further than the field ever jumped by itself?

    Winter comes over weeks, another unit overnight. What the field did before and after, and inside
    the window (there ``factor`` times as far), is what it does by itself. Of a field that is never 0
    or less, steps of its logarithm may show it as well. ``last``: the number of days of the month; a
    window that ends there has one edge only. None: too few edges to compare with.
    """
    plain = _sharpness(medians, start, stop, last, abs(factor))
    if plain is None or factor < 0 or medians.medians.min() <= 0:
        return None if plain is None else plain >= SHARP
    logs = _sharpness(DayMedians(medians.days, np.log(medians.medians)), start, stop, last, 1.0)
    return max(plain, logs or 0.0) >= SHARP


def _sharpness(
    medians: DayMedians, start: int, stop: int, last: int, factor: float
) -> float | None:
    """How many times the largest step of the field itself the smaller of the window's edges is."""
    edges = [start] if stop >= last else [start, stop]
    jumps = [medians.jump(edge) for edge in edges]
    if jumps[0] is None:
        return None
    own = []
    for day in medians.days:
        inside = start <= day < stop
        apart = not any(medians.straddles(int(day), edge) for edge in edges)
        jump = medians.jump(int(day))
        if apart and jump is not None and day - EDGE >= medians.days.min():
            own.append(jump / factor if inside else jump)
    if len(own) < ENOUGH_EDGES:
        return None
    least = min(jump or 0.0 for jump in jumps)
    return least / max(*own, 1e-12)


def windows(medians: DayMedians, last: int) -> list[tuple[int, int]]:
    """The whole month, from its largest jump to the end, and the days that stand out most."""
    month = (medians.days >= 0) & (medians.days < last)
    days, values = medians.days[month], medians.medians[month]
    found = {(0, last)}
    if len(days) < 2 * MIN_DAYS:
        return sorted(found)
    shift = mean_shift(values=values, draws=1)
    if shift:
        found.add((int(days[shift.index]), last))
    n, sums = len(values), np.concatenate([[0.0], np.cumsum(values - values.mean())])
    best, most = None, 0.0
    for a in range(n - MIN_DAYS):
        for b in range(a + MIN_DAYS, n):
            k = b - a
            score = (sums[b] - sums[a]) ** 2 * n / (k * (n - k))
            if score > most:
                best, most = (a, b), score
    if best:
        found.add((int(days[best[0]]), int(days[best[1]])))
    return sorted(found)


def days_before(evidence: Evidence, name: str, start: int, count: int = WEEK) -> np.ndarray:
    """The field's values on so many days before the change, of this month and of earlier ones.

    None at all where they are of fewer than EDGE days: a weekday is another one every day.
    """
    first = evidence.days[0] + timedelta(days=start - count)
    parts = [evidence.before, evidence.now.where(evidence.day_index(evidence.now) < start)]
    seen = pd.concat(
        [
            pd.DataFrame({"day": rows.rows["day"], "value": rows.inputs[name].astype(float)})
            for rows in parts
        ]
    ).dropna()
    seen = seen[seen["day"] >= first]
    enough = seen["day"].nunique() >= EDGE
    return seen["value"].to_numpy(dtype=float) if enough else np.zeros(0)


def just_before(evidence: Evidence, name: str, start: int) -> np.ndarray:
    """The field's values of the weeks before the change; the last ones there are where these are
    few (a fault's rows are left out), and those of training where there are none. Of a field that knows
    no season all that was ever seen: more rows tell neighbouring factors apart.
    """
    values = days_before(evidence, name, start, NEIGHBOUR_DAYS)
    if len(values) >= SIDE:
        whole = known_values(evidence, name)
        return whole if distance(values, whole) < STEADY else values
    earlier = evidence.before.inputs[name].to_numpy(dtype=float)
    earlier = earlier[~np.isnan(earlier)]
    if len(earlier) >= SIDE:
        return earlier[-NEIGHBOUR_DAYS * ROWS_A_DAY :]
    training = evidence.training_inputs[name].to_numpy(dtype=float)
    return training[~np.isnan(training)]


def known_values(evidence: Evidence, name: str) -> np.ndarray:
    """All values of training and of the earlier rows."""
    parts = (evidence.training_inputs[name], evidence.before.inputs[name])
    values = np.concatenate([part.to_numpy(dtype=float) for part in parts])
    return values[~np.isnan(values)]
