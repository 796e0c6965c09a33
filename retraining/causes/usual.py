"""How usual is it that a field has a certain value, again and again? By share, run and season."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from retraining.causes.evidence import Evidence, Rows, having

# Earlier rows of the same weeks of another year, before they speak for the season.
SEASON_ROWS = 15
SEASON_DAYS = 15
# A field with few values (a month, a quarter) that stands in nearly all rows names the season.
SEASON_VALUES = 12
STANDS = 0.95


@dataclass(frozen=True)
class Usual:
    """``share``: of the reference's rows that have the value, the larger of all and of the season.

    ``stay``: how often a row that has it is followed by another that has it. ``by_day``: a day's
    rows are mostly alike. ``kinds_a_day``: how many values an ordinary day brings. ``longest``: the
    days of the longest run of this value that the reference saw; None where no history tells.
    """

    share: float
    stay: float
    by_day: bool
    kinds_a_day: float
    longest: int | None


def usual_of(
    evidence: Evidence, name: str, value: object, part: tuple[str, str] = ("", "")
) -> Usual:
    """What the reference did with this value, in this part of the traffic ("" for all of it).

    One row is added to each count, so that a value which the reference always had is not called
    impossible to differ from.
    """
    earlier = _part_of(evidence.before, part)
    everything = pd.concat([evidence.training_inputs[name], earlier.inputs[name]])
    share = max(
        _share(everything == value),
        _same_weeks(evidence, earlier, name, value),
        _same_season(evidence, name, value),
    )
    if not len(earlier):
        # No history tells whether rows of a day go together: count days, the careful side.
        return Usual(share, share, by_day=True, kinds_a_day=0.0, longest=None)
    had = (earlier.inputs[name] == value).to_numpy(dtype=bool)
    stay = (int((had[:-1] & had[1:]).sum()) + 1) / (int(had[:-1].sum()) + 1)
    if not had.any():
        # A value that was never seen: then as often as any value is followed by itself.
        column = earlier.inputs[name].to_numpy(dtype=object)
        stay = (int((column[:-1] == column[1:]).sum()) + 1) / len(column)
    kinds = earlier.inputs[name].groupby(earlier.rows["day"].to_numpy()).nunique()
    by_day, longest = bool((kinds <= 1).mean() > 0.9), _longest(earlier, had)
    return Usual(share, stay, by_day, float(kinds.median()), longest)


def rows_alike(evidence: Evidence, name: str, part: tuple[str, str] = ("", "")) -> int | None:
    """The rows of the longest run of any value before the month; None without earlier rows."""
    earlier = _part_of(evidence.before, part)
    if not len(earlier):
        return None
    values = earlier.inputs[name].to_numpy(dtype=object)
    edges = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1], [True]]))
    return int(np.diff(edges).max())


def _longest(earlier: Rows, had: np.ndarray) -> int:
    runs = np.cumsum(~had)[had]
    days = pd.Series(earlier.rows["day"].to_numpy()[had]).groupby(runs).nunique()
    return int(days.max()) if len(days) else 0


def _share(had: pd.Series) -> float:
    return (int(had.sum()) + 1) / (len(had) + 1)


def _same_weeks(evidence: Evidence, earlier: Rows, name: str, value: object) -> float:
    """The value's share in the same weeks of earlier years; 0 where nobody saw them."""
    if not len(earlier):
        return 0.0
    room = timedelta(days=SEASON_DAYS)
    days = pd.to_datetime(earlier.rows["day"])
    first, last = pd.Timestamp(evidence.days[0]), pd.Timestamp(evidence.days[-1])
    mask = np.zeros(len(earlier), dtype=bool)
    for years in (1, 2, 3):
        back = pd.DateOffset(years=years)
        mask |= ((days >= first - back - room) & (days <= last - back + room)).to_numpy()
    if mask.sum() < SEASON_ROWS:
        return 0.0
    return _share(earlier.inputs[name][mask] == value)


def _same_season(evidence: Evidence, name: str, value: object) -> float:
    """The value's share in training where a field that names the season has the month's value."""
    training, best = evidence.training_inputs, 0.0
    for other in training.columns:
        if other == name or training[other].nunique() > SEASON_VALUES:
            continue
        seen = evidence.now.inputs[other]
        month = seen.value_counts(normalize=True)
        if not len(month) or month.iloc[0] < STANDS or seen.nunique() > 2:
            continue
        alike = training[name][training[other] == month.index[0]]
        if len(alike) >= SEASON_ROWS:
            best = max(best, _share(alike == value))
    return best


def _part_of(rows: Rows, part: tuple[str, str]) -> Rows:
    key, wanted = part
    if not key:
        return rows
    return rows.where(having(rows.context, key, wanted))
