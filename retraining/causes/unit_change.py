"""A number comes in another unit since a certain day: its values are stretched or moved at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from scipy import stats

from retraining.causes.effect import answers_changed
from retraining.causes.evidence import Evidence, FieldFault, Finding
from retraining.stats.changepoint import mean_shift

# seen = factor * true + offset. Conversions that feeds really change between. Neighbours (3.28 and
# 3.6, 10 and 12) were told apart in three of four simulated months of 380 rows of wind: the field
# and the day are sure, the factor is a proposal for the person who mends the feed.
FACTORS = (1000.0, 100.0, 60.0, 24.0, 12.0, 10.0, 3.6, 3.28084, 2.54, 2.20462, 1.609344, 1.94384)
CONVERSIONS: tuple[tuple[float, float], ...] = (
    (1.8, 32.0),  # Celsius to Fahrenheit
    (1 / 1.8, -32 / 1.8),
    (1.0, 273.15),  # Celsius to kelvin
    (1.0, -273.15),
    *((factor, 0.0) for factor in FACTORS),
    *((1 / factor, 0.0) for factor in FACTORS),
)
# Rows needed on either side of the day before their distributions are compared.
SIDE = 15
# Days before the change that say what the field is like just then: a season moves slowly.
NEIGHBOUR_DAYS = 21
MIN_DAYS = 3
ROWS_A_DAY = 4
# Kolmogorov-Smirnov distance: two distributions that hardly overlap. Seasons move less in weeks.
FAR = 0.6
# Values outside all that was seen: a season brings a few, another unit many.
MANY = 0.3
# The conversion must take away most of the distance, not merely some of it.
LEFT_OVER = 0.5
# ... and give back about the old spread: a cold month read as Fahrenheit has the level of a warm
# one, but nearly twice its spread.
SPREAD_OFF = float(np.log(1.5))


@dataclass(frozen=True)
class Change:
    """A field's unit change: first day (0-based in the month), to its end, and the mapping."""

    field: str
    start: int
    factor: float
    offset: float
    p_value: float
    distance: float
    left: float


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """For each numeric field, the day at which its level jumps most, and the conversion that undoes it.

    Kolmogorov-Smirnov between the days just before and the days after, Bonferroni over fields,
    conversions and the two days that are tried: that of the largest jump, and the month's first.
    (The field came so: then many values must lie outside all that was seen, because from one month
    to the next the weather moves as far as some conversions do.) The conversion has to take away at
    least half of the distance. A field that is frozen or empty is left to those causes.
    """
    gone = {fault.field for finding in earlier for fault in finding.fields}
    names = [name for name in evidence.spec.numeric if name not in gone]
    changes = [change for name in names if (change := _change(evidence, name, len(names)))]
    return [_finding(evidence, change) for change in changes]


def repaired(inputs: pd.DataFrame, change: Change) -> pd.DataFrame:
    """``inputs`` with the field mapped back: true = (seen - offset) / factor."""
    return inputs.assign(**{change.field: (inputs[change.field] - change.offset) / change.factor})


def _change(evidence: Evidence, name: str, fields: int) -> Change | None:
    values = evidence.now.inputs[name].to_numpy(dtype=float)
    day = evidence.day_index(evidence.now)
    seen = ~np.isnan(values)
    if seen.sum() < 2 * SIDE:
        return None
    tries = {0, _start(values[seen], day[seen], len(evidence.days))}
    found = [
        change
        for start in sorted(tries)
        if (change := _change_at(evidence, name, start, values, seen, fields * len(tries)))
    ]
    # A change within the month also parts the whole month from what went before, only less.
    return min(found, key=lambda change: change.left, default=None)


def _change_at(
    evidence: Evidence, name: str, start: int, values: np.ndarray, seen: np.ndarray, tests: int
) -> Change | None:
    day = evidence.day_index(evidence.now)
    inside = seen & (day >= start)
    before = _just_before(evidence, name, start)
    after = values[inside]
    if min(len(before), len(after)) < SIDE or len(np.unique(day[inside])) < MIN_DAYS:
        return None
    distance = _distance(before, after)
    if distance < FAR or (start == 0 and not _beyond(evidence, name, after)):
        return None
    factor, offset = min(CONVERSIONS, key=lambda pair: _misfit(before, (after - pair[1]) / pair[0]))
    undone = (after - offset) / factor
    left = _distance(before, undone)
    if left > LEFT_OVER * distance or _spread_off(before, undone) > SPREAD_OFF:
        return None
    p_value = _p_value(before, after, len(np.unique(day[inside]))) * tests * len(CONVERSIONS)
    if p_value >= evidence.policy.alpha_of("unit_change"):
        return None
    return Change(name, start, factor, offset, p_value, distance, left)


def _beyond(evidence: Evidence, name: str, after: np.ndarray) -> bool:
    """Are many values outside all that was ever seen? Asked where the month has no jump to show."""
    parts = (evidence.training_inputs[name], evidence.before.inputs[name])
    known = np.concatenate([part.to_numpy(dtype=float) for part in parts])
    outside = (after < np.nanmin(known)) | (after > np.nanmax(known))
    return bool(outside.mean() > MANY)


def _distance(before: np.ndarray, after: np.ndarray) -> float:
    return float(stats.ks_2samp(before, after).statistic)


def _misfit(before: np.ndarray, undone: np.ndarray) -> float:
    """Distance, and how far the spread is off: a wrong factor can hit the level by luck."""
    return _distance(before, undone) + _spread_off(before, undone)


def _spread_off(before: np.ndarray, undone: np.ndarray) -> float:
    """The log of how many times wider or narrower the values are, between their outer tenths."""
    spreads = [float(np.subtract(*np.percentile(values, (90, 10)))) for values in (before, undone)]
    return abs(float(np.log(spreads[1] / spreads[0]))) if min(spreads) > 0 else 0.0


def _p_value(before: np.ndarray, after: np.ndarray, days: int) -> float:
    """Two-sample Kolmogorov-Smirnov as if each day after the change were ROWS_A_DAY rows at most.

    Rows of one day resemble each other (weather), so they are not all evidence of their own.
    """
    effective = min(len(after), ROWS_A_DAY * days)
    n = len(before) * effective / (len(before) + effective)
    return float(stats.kstwobign.sf(np.sqrt(n) * _distance(before, after)))


def _start(values: np.ndarray, day: np.ndarray, days: int) -> int:
    """The day that parts the month's daily medians best; 0 where nothing parts them."""
    medians = np.array(
        [np.median(values[day == d]) if (day == d).any() else np.nan for d in range(days)]
    )
    shift = mean_shift(values=medians, draws=1)
    return shift.index if shift else 0


def _just_before(evidence: Evidence, name: str, start: int) -> np.ndarray:
    """The field's values of the weeks before the change; the last ones there are where these are
    few (a fault's rows are left out), and those of training where there are none."""
    first = evidence.days[0] + timedelta(days=start - NEIGHBOUR_DAYS)
    parts = [evidence.before, evidence.now.where(evidence.day_index(evidence.now) < start)]
    values = np.concatenate(
        [
            rows.inputs[name].to_numpy(dtype=float)[
                (rows.rows["day"] >= first).to_numpy(dtype=bool)
            ]
            for rows in parts
        ]
    )
    values = values[~np.isnan(values)]
    if len(values) >= SIDE:
        return values
    earlier = evidence.before.inputs[name].to_numpy(dtype=float)
    earlier = earlier[~np.isnan(earlier)]
    if len(earlier) >= SIDE:
        return earlier[-NEIGHBOUR_DAYS * ROWS_A_DAY :]
    training = evidence.training_inputs[name].to_numpy(dtype=float)
    return training[~np.isnan(training)]


def _finding(evidence: Evidence, change: Change) -> Finding:
    day = evidence.day_index(evidence.now)
    hit = evidence.now.where(day >= change.start)
    effect = answers_changed(evidence, hit, repaired(hit.inputs, change))
    acts = effect >= evidence.policy.field_effect
    since = evidence.days[change.start]
    mapping = f"{change.factor:.4g} times what it was"
    if change.offset:
        mapping += f" {'plus' if change.offset > 0 else 'minus'} {abs(change.offset):.4g}"
    return Finding(
        cause="unit_change",
        evidence=(
            f"Since {since} the field {change.field} reads {mapping}, in {len(hit)} rows: "
            "it looks like a change of unit."
        ),
        fix=f"Convert {change.field} back at the source, or map it before the model.",
        p_value=change.p_value,
        since=since,
        numbers={
            "factor": change.factor,
            "offset": change.offset,
            "distance": change.distance,
            "distance_after_repair": change.left,
            "n": len(hit),
            "effect": effect,
        },
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        fields=(
            FieldFault(
                change.field, "unit_change", since, factor=change.factor, offset=change.offset
            ),
        ),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )
