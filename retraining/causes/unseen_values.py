"""Values that nobody ever sent: a number that stands for nothing, categories written otherwise."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retraining.causes.evidence import Evidence
from retraining.causes.stretch import worst_stretch

# A measurement has many values; a code has few, and a new one of these may be the world's.
MANY_VALUES = 50
# No value of a measurement is this common by itself.
COMMON = 0.02
# This share of the rows after the day, at least, must be new ...
MOSTLY = 0.15
# ... and the values that went away must have been about as common as the new ones are.
MADE_ROOM = 0.5
LEAST_ROWS = 60
# A window inside the month is believed from here on.
CLEAR = 0.01


@dataclass(frozen=True)
class Unseen:
    """Rows (n booleans) with values that the reference lacks, on which days, and what they mean.

    ``mapping``: new value -> old one, where letters alone tell; empty where they don't.
    """

    mask: np.ndarray
    values: tuple[object, ...]
    start: int
    stop: int
    share: float
    p_value: float
    mapping: dict[object, object] = field(default_factory=dict)


def stand_in(evidence: Evidence, name: str) -> Unseen | None:
    """One never seen number in many rows of a measurement, while the others go on: -999, or 0.

    A field that stands at one value in all rows is left to the cause of the frozen ones, one whose
    values grow (a year) to nobody: the number must be an outsider, or other values must be met
    between and after it.
    """
    known = _known(evidence, name).astype(float)
    now = evidence.now.inputs[name]
    if known.nunique() < MANY_VALUES or known.value_counts(normalize=True).iloc[0] > 0.2:
        return None
    unseen = now[now.notna() & ~now.isin(known)]
    if not len(unseen):
        return None
    value = unseen.value_counts().index[0]
    mask = (now == value).to_numpy(dtype=bool)
    room = float(known.max() - known.min())
    outsider = value < known.min() - room or value > known.max() + room
    rows = np.flatnonzero(mask)
    between = mask[rows[0] : rows[-1] + 1].mean()
    if mask.mean() < COMMON or not (outsider or (value == 0 and between < 0.9)):
        return None
    return Unseen(mask, (float(value),), 0, len(evidence.days), float(mask.mean()), 1.0)


def recoded(evidence: Evidence, name: str) -> Unseen | None:
    """Since which day does a category come in words that nobody used, while old ones are gone?

    A new shop leaves the others' shares as they were; another spelling takes the place of the old
    one. p is that of the scan for the day, Bonferroni over the categorical fields.
    """
    if name not in evidence.spec.categorical:
        return None
    known, now = _known(evidence, name), evidence.now.inputs[name]
    if len(known) < LEAST_ROWS or known.nunique() > len(known) / 3:
        return None
    there = now.notna().to_numpy(dtype=bool)
    mask = there & ~now.isin(known).to_numpy()
    if not mask.any():
        return None
    day, stretch = evidence.day_index(evidence.now), worst_stretch(evidence, mask, there)
    # The reference has none at all: so many rows, wherever they are, are no accident either.
    by_count = float(len(known) + 1) ** -min(20, int(mask.sum()))
    start, stop, p_value = int(day[mask].min()), len(evidence.days), by_count
    if stretch and stretch.p_value < CLEAR:
        start, stop, p_value = stretch.start, stretch.stop, min(by_count, stretch.p_value)
    inside = there & (day >= start) & (day < stop)
    share = float(mask[inside].mean()) if inside.any() else 0.0
    shares = known.value_counts(normalize=True)
    left = set(now[inside & ~mask])
    # A value counts as gone where so many rows without it are no accident.
    gone: list[object] = [
        v for v, usual in shares.items() if v not in left and (1 - usual) ** inside.sum() < 0.01
    ]
    tests = max(1, len(evidence.spec.categorical))
    p_value = min(1.0, p_value * tests)
    if share < MOSTLY or shares[shares.index.isin(gone)].sum() < MADE_ROOM * share:
        return None
    if p_value >= evidence.policy.alpha_of("missing_values"):
        return None
    mask = mask & inside
    values = tuple(now[mask].value_counts().index)
    return Unseen(mask, values, start, stop, share, p_value, _mapping(values, gone))


def _mapping(values: tuple[object, ...], gone: list[object]) -> dict[object, object]:
    """New to old values that are the same but for case and blanks, or the start of each other.

    Empty unless every new value has exactly one old one, and no two the same.
    """
    found: dict[object, object] = {}
    for value in values:
        new = str(value).strip().casefold()
        alike = [old for old in gone if str(old).strip().casefold() == new] or [
            old
            for old in gone
            if new and (short := str(old).strip().casefold())
            if new.startswith(short) or short.startswith(new)
        ]
        if len(alike) != 1 or alike[0] in found.values():
            return {}
        found[value] = alike[0]
    return found


def _known(evidence: Evidence, name: str) -> pd.Series:
    return pd.concat(
        [evidence.training_inputs[name], evidence.before.inputs[name]], ignore_index=True
    ).dropna()
