"""A field arrives late: each row carries the value of some hours or days ago."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from retraining.causes.companions import Companion, companion_of
from retraining.causes.echo import Echo, find_echo, hours_of
from retraining.causes.effect import answers_changed
from retraining.causes.evidence import Evidence, FieldFault, Finding
from retraining.causes.segments import parts_of
from retraining.causes.stretch import Stretch, day_after, period, worst_stretch

# Hours: every one of two days, then days of a week.
LAGS = (*range(1, 49), 72, 96, 120, 144, 168)
# What the others foretell for the earlier hour comes from a row that is so near to it, in hours.
NEAR = 2.0
# The other fields must explain so much of a field before they tell when it was measured.
TELLING = 0.5
# Rows that tell one hour from the other; a day counts as so many of them at most.
LEAST_ROWS = 12
ROWS_A_DAY = 4
# Of the rows that tell, most speak for the earlier hour.
MOSTLY = 0.75
# At the earlier hour the field fits about as well as it used to fit at its own.
FITS = 2.0
# Lags whose votes are so near to the best are as good.
ALIKE = 0.95
# Days inside the month are believed from here on; else it is the whole month.
CLEAR = 0.01


@dataclass(frozen=True)
class Lag:
    """``votes`` (n): 1 where the earlier hour explains a row's value, -1 where its own, 0 neither."""

    hours: int
    votes: np.ndarray
    left: np.ndarray
    stretch: Stretch
    p_value: float


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Which fields say what they, or the others, said some hours before, and not what is now?

    First fields that repeat themselves, of all rows or of a part (``find_echo``, half of this
    cause's rate): weather that comes late as a whole contradicts nothing but its own past. They are
    judged as one fault, by mending all of them. Then each field against the rest (the other half):
    the others foretell it at every row's time; a stale one suits what was foretold ``lag`` hours
    earlier. Rows vote where the two differ by more than the usual residual; p is the sign test of
    the votes, a day counting ROWS_A_DAY times at most, Bonferroni over fields and lags. When nothing
    is late nearly all votes are for the row's own time, so p is on the careful side. Values that
    come empty and are filled in later are missing values. Fields with another fault are left to that
    cause.
    """
    if evidence.spec.task == "text" or not len(evidence.now):
        return []
    gone = {fault.field for finding in earlier for fault in finding.fields}
    names = [name for name in evidence.now.inputs.columns if name not in gone]
    findings, half = [], evidence.policy.alpha_of("late_field") / 2
    echo = find_echo(evidence, names, half, parts_of(evidence))
    if echo:
        findings.append(_of_echo(evidence, echo))
        gone |= set(echo.fields)
    for name in [name for name in names if name not in gone]:
        companion = companion_of(evidence, name, gone)
        if companion is None or companion.fit < TELLING:
            continue
        lag = _lag(evidence, companion, len(names), half)
        if lag:
            findings.append(_finding(evidence, name, lag))
    return findings


def _lag(evidence: Evidence, companion: Companion, fields: int, alpha: float) -> Lag | None:
    """The lag whose votes prevail most on some run of days, if they prevail there clearly."""
    now, day = evidence.now, evidence.day_index(evidence.now)
    usual = float(np.quantile(np.abs(companion.residuals), 0.9))
    margin = 0.5 if companion.code else max(usual, 1e-9)
    at_once = np.abs(companion.residual(now.inputs))
    # Stale values show by rows that are off; without these there is nothing to look for.
    if np.sum(at_once > margin) < LEAST_ROWS:
        return None
    told = _foretold(evidence, companion)
    found: list[tuple[float, int, np.ndarray, np.ndarray]] = []
    for hours in LAGS:
        left = _left(evidence, companion, told, float(hours))
        better = at_once - left
        known = ~np.isnan(better)
        votes = np.where(known & (better > margin), 1, np.where(known & (better < -margin), -1, 0))
        score = _largest_run(np.bincount(day, weights=votes, minlength=len(evidence.days)))
        found.append((score, hours, votes, left))
    most = max(score for score, *_ in found)
    if most < LEAST_ROWS:
        return None
    # Neighbouring hours do about as well; whole days are what jobs are late by.
    good = [one for one in found if one[0] >= ALIKE * most]
    _, hours, votes, left = max(good, key=lambda one: (one[1] % 24 == 0, one[0]))
    stretch = worst_stretch(evidence, votes > 0, votes != 0)
    if stretch is None or stretch.p_value >= CLEAR:
        stretch = Stretch(0, len(evidence.days), 1.0, 1.0, 0.0)
    inside = stretch.inside(day) & (votes != 0)
    n, ayes = int(inside.sum()), int((votes[inside] > 0).sum())
    if n < LEAST_ROWS or ayes < MOSTLY * n:
        return None
    if not companion.code and _typical(left[stretch.inside(day)]) > FITS * _typical(
        companion.residuals
    ):
        return None
    counted = min(n, ROWS_A_DAY * len(np.unique(day[inside])))
    ayes_counted = int(np.floor(counted * ayes / n))
    chance = float(stats.binom.sf(ayes_counted - 1, counted, 0.5))
    p_value = min(1.0, chance * fields * len(LAGS))
    if p_value >= alpha:
        return None
    return Lag(hours, votes, left, stretch, p_value)


def _typical(residuals: np.ndarray) -> float:
    return float(np.nanmedian(np.abs(residuals)))


def _largest_run(votes: np.ndarray) -> float:
    """The largest sum of votes of consecutive days."""
    sums = np.concatenate([[0.0], np.cumsum(votes)])
    return float(np.max(sums - np.minimum.accumulate(sums)))


@dataclass(frozen=True)
class _Told:
    hours: np.ndarray
    values: np.ndarray


def _foretold(evidence: Evidence, companion: Companion) -> _Told:
    """What the other fields say at the time of each row: the last week's before the month, too."""
    past = evidence.before
    if len(past):
        start = evidence.now.rows["timestamp"].min()
        recent = past.rows["timestamp"] >= start - pd.Timedelta(hours=max(LAGS) + NEAR)
        past = past.where(recent)
    inputs = pd.concat([past.inputs, evidence.now.inputs], ignore_index=True)
    hours = np.concatenate([hours_of(past), hours_of(evidence.now)])
    return _Told(hours, companion.foretold(inputs))


def _left(evidence: Evidence, companion: Companion, told: _Told, lag: float) -> np.ndarray:
    """How far each row's value is from what was foretold ``lag`` hours before; NaN: nobody knows."""
    wanted, values = hours_of(evidence.now) - lag, evidence.now.inputs[companion.field]
    nearest = _nearest(told.hours, wanted)
    near = np.abs(told.hours[nearest] - wanted) <= NEAR
    if companion.code:
        left = companion.unlike(values, told.values[nearest])
    else:
        # Between two rows the value moves from one to the other.
        between = np.interp(wanted, told.hours, told.values.astype(float))
        left = np.abs(companion.on_scale(values.to_numpy(dtype=float)) - between)
    return np.where(near, left, np.nan)


def _nearest(hours: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    after = np.clip(np.searchsorted(hours, wanted), 0, len(hours) - 1)
    before = np.maximum(after - 1, 0)
    closer: np.ndarray = np.where(
        np.abs(hours[before] - wanted) <= np.abs(hours[after] - wanted), before, after
    )
    return closer


def _effect(evidence: Evidence, names: Sequence[str], hit: np.ndarray, lag: int) -> float:
    """Share of the month's answers that the true values of the rows at ``hit`` would change.

    A late value is that of an earlier row of these; the last ``lag`` hours have no later row that
    brings theirs. What it does to the others it does to them.
    """
    late = evidence.now.where(hit)
    hours = hours_of(late)
    if not len(hours):
        return 0.0
    nearest = _nearest(hours, hours + lag)
    there = np.abs(hours[nearest] - hours - lag) <= NEAR
    if not there.any():
        return 0.0
    columns = {name: late.inputs[name].to_numpy()[nearest[there]] for name in names}
    known = late.where(there)
    changed = answers_changed(evidence, known, known.inputs.assign(**columns))
    return changed * len(late) / len(known)


def _of_echo(evidence: Evidence, echo: Echo) -> Finding:
    part, mask = echo.part, evidence.day_index(evidence.now) >= echo.start
    mask = mask & part.now if part else mask
    hit = evidence.now.where(mask)
    effect = _effect(evidence, echo.fields, mask, echo.hours)
    local = effect / float(part.now.mean()) if part else effect
    acts = bool(effect >= evidence.policy.field_effect or local >= evidence.policy.category_drop)
    since, names = evidence.days[echo.start], ", ".join(echo.fields)
    where = f" where {part.key} is {part.value}" if part else ""
    plural = "s" if len(echo.fields) > 1 else ""
    return Finding(
        cause="late_field",
        evidence=(
            f"Since {since} the field{plural} {names}{where} carr{'y' if plural else 'ies'} the "
            f"values of {echo.hours} hours ago: {len(echo.rows)} rows in a row repeat what came "
            f"{echo.hours} hours before. Nothing shows when the feed has caught up."
        ),
        fix=f"Find the job or cache that delays {names}; its rows are repaired first.",
        p_value=echo.p_value,
        since=since,
        numbers={
            "lag": echo.hours,
            "repeated": len(echo.rows),
            "n": len(hit),
            "effect": effect,
            "effect_in_segment": local,
        },
        row_ids=tuple(evidence.now.rows["id"].iloc[echo.rows[:20]]),
        acts=acts,
        fields=tuple(
            FieldFault(
                name,
                "late_field",
                since,
                lag=float(echo.hours),
                segment=(part.key, part.value) if part else None,
            )
            for name in echo.fields
        ),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )


def _finding(evidence: Evidence, name: str, lag: Lag) -> Finding:
    mask = lag.stretch.inside(evidence.day_index(evidence.now))
    hit = evidence.now.where(mask)
    effect = _effect(evidence, [name], mask, lag.hours)
    acts = effect >= evidence.policy.field_effect
    start, stop = lag.stretch.start, lag.stretch.stop
    since, until = evidence.days[start], day_after(evidence, stop)
    ayes, noes = int((lag.votes[mask] > 0).sum()), int((lag.votes[mask] < 0).sum())
    return Finding(
        cause="late_field",
        evidence=(
            f"{period(evidence, start, stop)} the field {name} carries the values of about "
            f"{lag.hours} hours ago: of {ayes + noes} rows that can tell, {ayes} suit what the "
            f"other fields said then, {noes} what they say now."
        ),
        fix=f"Find the job or cache that delays {name}; its rows are repaired first.",
        p_value=lag.p_value,
        since=since,
        until=until,
        numbers={"lag": lag.hours, "then": ayes, "now": noes, "n": len(hit), "effect": effect},
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        fields=(FieldFault(name, "late_field", since, until=until, lag=float(lag.hours)),),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )
