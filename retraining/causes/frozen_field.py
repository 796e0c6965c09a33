"""A field stands at one value although the world does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from retraining.causes.companions import Companion, companion_of
from retraining.causes.effect import answers_changed, filled_in
from retraining.causes.evidence import Evidence, FieldFault, Finding, having
from retraining.causes.stretch import day_after, period
from retraining.causes.together import Mend, judged_together
from retraining.causes.usual import Usual, rows_alike, usual_of

# A field that takes so many values on an ordinary day shows within hours that it stands still.
LIVELY = 5
MIN_ROWS = 8
# Weather stands still for an afternoon by itself: a freeze of less than the policy's days has to be
# so many times longer than anything before.
LONGER = 3
# Without history a run that tells something is longer than this.
A_WEEK = 7
# A row is out of tune with the others where these foretell another value, and are mostly right.
TRUSTED = 0.5


@dataclass(frozen=True)
class Run:
    """Rows first, ..., stop - 1 of ``rows`` (positions in the month) that have one value."""

    rows: np.ndarray
    value: object
    key: str = ""
    part: str = ""


@dataclass(frozen=True)
class Freeze:
    """The days on which a field stood, how likely that is by itself, and what was usual."""

    run: Run
    start: int
    stop: int
    p_value: float
    share: float
    contradicted: int


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """On which days has a field had one value only, and how likely is that if nothing is wrong?

    p is the chance of so long a run: by the value's share in the reference (overall, or in the same
    season where that is larger), and by how often a row that has it is followed by another (weather
    lasts), whichever is larger. A field that is one thing a whole day (a holiday) counts once a day,
    not once a row. Where the other fields foretell the value (a working day follows from the
    weekday), the days that they contradict count too: that tells a dead calendar within two weeks.
    Bonferroni over fields, parts of the traffic and the days on which a run may begin. A dead feed
    and a quiet August differ in these numbers, not in the value.
    """
    if evidence.spec.task == "text" or not len(evidence.now):
        return []
    fields = list(evidence.now.inputs.columns)
    gone = {fault.field for finding in earlier for fault in finding.fields}
    mends = []
    for name in fields:
        freeze = None if name in gone else _freeze(evidence, name, len(fields), gone)
        if freeze:
            rows = _rows(evidence, freeze)
            fill = partial(_filled, evidence, name)
            mends.append(Mend(_finding(evidence, name, freeze, rows), name, rows, fill))
    return judged_together(evidence, mends)


def _filled(
    evidence: Evidence, name: str, inputs: pd.DataFrame, others: frozenset[str]
) -> pd.Series:
    return filled_in(evidence, inputs, name, without=others)[name]


def _rows(evidence: Evidence, freeze: Freeze) -> np.ndarray:
    """The rows of the run on the freeze's days, of all rows of now."""
    day, mask = evidence.day_index(evidence.now), np.zeros(len(evidence.now), dtype=bool)
    mask[freeze.run.rows] = True
    return mask & (day >= freeze.start) & (day < freeze.stop)


def _freeze(evidence: Evidence, name: str, fields: int, gone: set[str]) -> Freeze | None:
    """The least likely run of the field over all rows; else over one part of the traffic."""
    now, alpha = evidence.now, evidence.policy.alpha_of("frozen_field")
    whole = _runs(evidence, name, np.arange(len(now)))
    alone = [_by_itself(evidence, name, run, fields * len(evidence.days)) for run in whole]
    against = _by_others(evidence, name, whole, fields, gone)
    likely = [found for found in (*alone, *against) if found and found.p_value < alpha]
    if not likely:
        parts = [
            (str(key), str(value), np.flatnonzero((now.context[key] == value).to_numpy()))
            for key in now.context.columns
            for value in now.context[key].dropna().unique()
        ]
        parts = [part for part in parts if MIN_ROWS <= len(part[2]) < len(now)]
        tests = fields * len(evidence.days) * max(1, len(parts))
        runs = [run for key, part, rows in parts for run in _runs(evidence, name, rows, key, part)]
        found = [_by_itself(evidence, name, run, tests) for run in runs]
        likely = [one for one in found if one and one.p_value < alpha]
    return min(likely, key=lambda freeze: freeze.p_value, default=None)


def _runs(
    evidence: Evidence, name: str, rows: np.ndarray, key: str = "", part: str = ""
) -> list[Run]:
    """Rows in order of time that share one value, without a break; empty ones break nothing.

    Only runs that are worth a look: of the policy's days, or longer than ever before.
    """
    column = evidence.now.inputs[name].iloc[rows]
    there = column.notna().to_numpy(dtype=bool)
    rows, values = rows[there], column[there].to_numpy(dtype=object)
    if not len(values):
        return []
    edges = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1], [True]]))
    day = evidence.day_index(evidence.now)
    longest, runs = None, []
    for first, stop in pairwise(edges):
        if stop - first < MIN_ROWS:
            continue
        run = Run(rows[first:stop], _plain(values[first]), key, part)
        if len(np.unique(day[run.rows])) < evidence.policy.frozen_min_days:
            longest = longest or rows_alike(evidence, name, (key, part))
            if longest is None or stop - first < LONGER * longest:
                continue
        runs.append(run)
    return runs


def _by_itself(evidence: Evidence, name: str, run: Run, tests: int) -> Freeze | None:
    """The chance of so long a run of this value, whatever the other fields say."""
    usual = usual_of(evidence, name, run.value, (run.key, run.part))
    whole = _without_luck(evidence, name, run, usual)
    day = evidence.day_index(evidence.now)[whole]
    days = len(np.unique(day))
    if not days:
        return None
    if days < evidence.policy.frozen_min_days and usual.kinds_a_day < LIVELY:
        return None
    draws = days if usual.by_day else len(whole)
    chance = max(usual.share**draws, usual.stay ** (len(whole) - 1))
    stop = _stop(evidence, name, run, whole)
    return Freeze(run, int(day.min()), stop, min(1.0, chance * tests), usual.share, 0)


def _by_others(
    evidence: Evidence, name: str, runs: Sequence[Run], fields: int, gone: set[str]
) -> list[Freeze]:
    """Runs that are longer than any before, by the days on which the other fields contradict them.

    What agrees with the other fields is right, frozen or not: a run begins with its first day that
    they contradict.
    """
    day, long = evidence.day_index(evidence.now), []
    for run in runs:
        days = len(np.unique(day[run.rows]))
        if days < evidence.policy.frozen_min_days:
            continue
        usual = usual_of(evidence, name, run.value)
        if days > (A_WEEK if usual.longest is None else usual.longest):
            long.append((run, usual, days))
    companion = companion_of(evidence, name, gone) if long else None
    if companion is None or not companion.code or companion.fit < TRUSTED:
        return []
    found, rate = [], _error_a_day(evidence, companion)
    for run, usual, days in long:
        wrong = companion.residual(evidence.now.inputs.iloc[run.rows]) > 0.5
        off = pd.Series(wrong).groupby(day[run.rows]).mean() > 0.5
        if off.any():
            p_value = float(stats.binom.sf(off.sum() - 1, days, rate)) * fields * len(long)
            start, stop = int(off.index[off][0]), _stop(evidence, name, run, run.rows)
            found.append(Freeze(run, start, stop, min(1.0, p_value), usual.share, int(off.sum())))
    return found


def _stop(evidence: Evidence, name: str, run: Run, rows: np.ndarray) -> int:
    """The first day on which the field moves again; the month's end if no later row shows that."""
    day = evidence.day_index(evidence.now)
    candidates = _candidates(evidence, name, run)
    if rows[-1] >= candidates[-1]:
        return len(evidence.days)
    last = int(day[rows[-1]])
    partly = last > day[rows[0]] and (day[rows] == last).sum() < (day[candidates] == last).sum()
    return last if partly else last + 1


def _without_luck(evidence: Evidence, name: str, run: Run, usual: Usual) -> np.ndarray:
    """The run without the rows of its first day that may have had the value by themselves."""
    day = evidence.day_index(evidence.now)
    first = day[run.rows[0]]
    partial = run.rows[day[run.rows] == first]
    everyone = int((day[_candidates(evidence, name, run)] == first).sum())
    if len(partial) < everyone and usual.stay ** len(partial) > 0.01:
        rest: np.ndarray = run.rows[day[run.rows] != first]
        return rest
    return run.rows


def _candidates(evidence: Evidence, name: str, run: Run) -> np.ndarray:
    """Positions of all rows of the run's part of the traffic in which the field is filled."""
    there = evidence.now.inputs[name].notna().to_numpy(dtype=bool)
    if run.key:
        there = there & having(evidence.now.context, run.key, run.part)
    return np.flatnonzero(there)


def _error_a_day(evidence: Evidence, companion: Companion) -> float:
    """How often the other fields are wrong about a day, one day added to what was counted.

    Out of fold; the rows of training are of days of their own, as far as anyone knows.
    """
    earlier = min(len(evidence.before), len(companion.residuals))
    split = len(companion.residuals) - earlier
    wrong, units = float(companion.residuals[:split].sum()), float(split)
    if earlier:
        days = evidence.before.rows["day"].to_numpy()[-earlier:]
        daily = pd.Series(companion.residuals[split:]).groupby(days).mean() > 0.5
        wrong, units = wrong + float(daily.sum()), units + len(daily)
    return (wrong + 1) / (units + 1)


def _finding(evidence: Evidence, name: str, freeze: Freeze, rows: np.ndarray) -> Finding:
    run, day = freeze.run, evidence.day_index(evidence.now)
    hit = evidence.now.where(rows)
    effect = answers_changed(evidence, hit, filled_in(evidence, hit.inputs, name))
    acts = effect >= evidence.policy.field_effect
    since, until = evidence.days[freeze.start], day_after(evidence, freeze.stop)
    days = len(np.unique(day[rows]))
    where = f" where {run.key} is {run.part}" if run.key else ""
    sentence = (
        f"{period(evidence, freeze.start, freeze.stop)} the field {name} has stood at {run.value}"
        f"{where}, in all {len(hit)} rows of {days} day{'s' if days != 1 else ''}; before, "
        f"{freeze.share * 100:.0f}% of the rows had that value"
    )
    if freeze.contradicted:
        sentence += f", and the other fields contradict it on {freeze.contradicted} days"
    return Finding(
        cause="frozen_field",
        evidence=f"{sentence}.",
        fix=f"Repair or replace the feed of {name}; a retrain on it as it is learns the dead value.",
        p_value=min(1.0, freeze.p_value),
        since=since,
        until=until,
        numbers={
            "value": run.value,
            "n": len(hit),
            "usual_share": freeze.share,
            "days_contradicted": freeze.contradicted,
            "effect": effect,
        },
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        fields=(
            FieldFault(
                name,
                "frozen_field",
                since,
                until=until,
                segment=(run.key, run.part) if run.key else None,
            ),
        ),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
