"""A number comes in another unit on certain days: its values are stretched or moved at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from retraining.causes.companions import Companion, companion_of
from retraining.causes.conversions import (
    FAR,
    SIDE,
    Conversion,
    best_conversion,
    chance,
    distance,
    misfit,
    undo,
)
from retraining.causes.effect import answers_changed
from retraining.causes.evidence import Evidence, FieldFault, Finding
from retraining.causes.level_jump import (
    MIN_DAYS,
    WEEK,
    day_medians,
    days_before,
    is_sharp,
    just_before,
    known_values,
    windows,
)
from retraining.causes.stretch import day_after, period, worst_stretch
from retraining.causes.swapped_fields import find_swaps
from retraining.causes.together import Mend, judged_together

# Values outside all that was seen: a season brings a few, another unit many.
MANY = 0.3
# The other fields must explain so much of a field before they may contradict it.
TELLING = 0.7
# Undoing a conversion may worsen the field's own distribution by no more than this.
WORSE = 0.1
RECENT_ROWS = 150
# Fewer values than this have the other sign, where a sign means something.
RARE = 0.005


@dataclass(frozen=True)
class Change:
    """A field's unit change on the days start, ..., stop - 1 (0-based), and the mapping."""

    field: str
    start: int
    stop: int
    factor: float
    offset: float
    p_value: float
    distance: float
    left: float
    by_companions: bool = False
    gain: float = 0.0


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """For each numeric field, days at whose edge its level jumps, and the conversion that undoes it.

    First each field by itself: Kolmogorov-Smirnov between the days just before and the window,
    Bonferroni over fields, conversions and windows. The edges must be sharper than anything that
    the field did before: a season moves as far, but not overnight. Where no earlier day is near the
    month's first one, many values must lie outside all that was seen. The other fields have a veto.
    Then each field against what the others foretell of it: legal values of the wrong size. The
    conversion has to take away at least half of the distance. A field that is frozen, empty,
    shifted or has changed places with another is left to those causes.
    """
    gone = {
        fault.field
        for finding in earlier
        for fault in finding.fields
        if finding.acts or fault.until is None
    }
    if not len(evidence.now):
        return []
    swaps = find_swaps(evidence, (), evidence.policy.alpha_of("unit_change"))
    gone |= {name for swap in swaps for name in (swap.a, swap.b)}
    names = [name for name in evidence.spec.numeric if name not in gone]
    companions = {name: companion_of(evidence, name, gone) for name in names}
    told = {
        name: companion
        for name, companion in companions.items()
        if companion and not companion.code and companion.fit >= TELLING
    }
    changes = [change for name in names if (change := _by_level(evidence, name, len(names)))]
    changes = _not_vetoed(evidence, changes, told)
    while open_ := [name for name in told if name not in {change.field for change in changes}]:
        inputs = _repaired(evidence, changes)
        found = [
            change
            for name in open_
            if (change := _by_companions(evidence, inputs, told[name], len(names)))
        ]
        if not found:
            break
        # Two fields that hang together contradict each other: the one whose repair suits both.
        changes.append(max(found, key=lambda change: change.gain))
    return judged_together(
        evidence, [_mend(evidence, change) for change in sorted(changes, key=lambda c: c.field)]
    )


def _mend(evidence: Evidence, change: Change) -> Mend:
    day = evidence.day_index(evidence.now)
    rows = (day >= change.start) & (day < change.stop)
    return Mend(
        _finding(evidence, change),
        change.field,
        rows,
        lambda inputs, _: repaired(inputs, change)[change.field],
    )


def repaired(inputs: pd.DataFrame, change: Change) -> pd.DataFrame:
    """``inputs`` with the field mapped back: true = (seen - offset) / factor."""
    values = inputs[change.field].to_numpy(dtype=float)
    return inputs.assign(**{change.field: undo(values, change.factor, change.offset)})


def _repaired(evidence: Evidence, changes: Sequence[Change]) -> pd.DataFrame:
    """The month's inputs with every change undone on its days."""
    inputs, day = evidence.now.inputs, evidence.day_index(evidence.now)
    for change in changes:
        inside = (day >= change.start) & (day < change.stop)
        mapped = repaired(inputs, change)[change.field]
        inputs = inputs.assign(**{change.field: inputs[change.field].where(~inside, mapped)})
    return inputs


def _by_level(evidence: Evidence, name: str, fields: int) -> Change | None:
    values = evidence.now.inputs[name].to_numpy(dtype=float)
    seen, day = ~np.isnan(values), evidence.day_index(evidence.now)
    if seen.sum() < 2 * SIDE:
        return None
    last, medians = len(evidence.days), day_medians(evidence, name)
    tries = windows(medians, last)
    found = []
    for start, stop in tries:
        inside = seen & (day >= start) & (day < stop)
        before, after = just_before(evidence, name, start), values[inside]
        days = len(np.unique(day[inside]))
        if min(len(before), len(after)) < SIDE or days < MIN_DAYS:
            continue
        conversion = best_conversion(before, after)
        if conversion is None:
            continue
        believable = is_sharp(medians, start, stop, last, conversion.factor)
        if believable is None:
            believable = _beyond(evidence, name, after)
        if conversion.factor < 0:
            believable = believable and _one_sided(evidence, name)
        p_value = chance(len(before), len(after), days, conversion.distance, fields * len(tries))
        if believable and p_value < evidence.policy.alpha_of("unit_change"):
            found.append(_change(name, start, stop, p_value, conversion))
    # A change within the month also parts the whole month from what went before, only less.
    return min(found, key=lambda change: change.left, default=None)


def _change(name: str, start: int, stop: int, p_value: float, found: Conversion) -> Change:
    return Change(
        name, start, stop, found.factor, found.offset, p_value, found.distance, found.left
    )


def _beyond(evidence: Evidence, name: str, after: np.ndarray) -> bool:
    """Are many values outside all that was ever seen? Asked where no edges are there to look at."""
    known = known_values(evidence, name)
    outside = (after < known.min()) | (after > known.max())
    return bool(outside.mean() > MANY)


def _one_sided(evidence: Evidence, name: str) -> bool:
    """Had nearly all known values one sign? A temperature crosses 0 by itself."""
    known = known_values(evidence, name)
    return bool(min(np.mean(known > 0), np.mean(known < 0)) < RARE)


def _not_vetoed(
    evidence: Evidence, changes: list[Change], told: dict[str, Companion]
) -> list[Change]:
    """The changes that don't part a field from the others: a cold week has a cold felt temperature.

    All are undone at once, for one feed sends several fields in one unit.
    """
    day, mended = evidence.day_index(evidence.now), _repaired(evidence, changes)
    kept = []
    for change in changes:
        companion = told.get(change.field)
        if companion:
            inside = (day >= change.start) & (day < change.stop)
            raw, after = evidence.now.inputs[inside], mended[inside]
            both = companion.knows(raw) & companion.knows(after)
            both &= raw[change.field].notna().to_numpy()
            if both.sum() >= SIDE:
                usual = companion.residuals
                as_it_came = misfit(usual, companion.residual(raw[both]), narrower=True)
                if misfit(usual, companion.residual(after[both]), narrower=True) > as_it_came:
                    continue
        kept.append(change)
    return kept


def _by_companions(
    evidence: Evidence, inputs: pd.DataFrame, companion: Companion, fields: int
) -> Change | None:
    """The field's days on which it contradicts the others, if a conversion makes peace."""
    name, day = companion.field, evidence.day_index(evidence.now)
    now = replace(evidence, now=replace(evidence.now, inputs=inputs))
    residuals, values = companion.residual(inputs), inputs[name].to_numpy(dtype=float)
    valid = ~np.isnan(residuals) & companion.knows(inputs)
    usual = companion.residuals
    middle = float(np.median(usual))
    wrong = np.abs(residuals - middle) > np.quantile(np.abs(usual - middle), 0.99)
    if (wrong & valid).sum() < SIDE:
        return None
    stretch = worst_stretch(now, wrong, valid)
    tries = {(0, len(evidence.days))} | ({(stretch.start, stretch.stop)} if stretch else set())
    foretold = companion.foretold(inputs)
    found = []
    for start, stop in sorted(tries):
        inside = valid & (day >= start) & (day < stop)
        days = len(np.unique(day[inside]))
        if inside.sum() < SIDE or days < MIN_DAYS - 1:
            continue
        measure = partial(_against, companion, foretold[inside])
        conversion = best_conversion(usual, values[inside], measure, narrower=True)
        # What has crept in over the last weeks is no overnight change.
        if conversion is None or distance(usual[-RECENT_ROWS:], residuals[inside]) < FAR:
            continue
        # Months differ by themselves; the days next to the edge tell which field jumped.
        own, first = days_before(evidence, name, start), inside & (day < start + WEEK)
        if min(len(own), int(first.sum())) < SIDE:
            own, first = just_before(evidence, name, start), inside
        undone = undo(values[first], conversion.factor, conversion.offset)
        gain = distance(own, values[first]) - distance(own, undone)
        p_value = chance(
            len(usual), int(inside.sum()), days, conversion.distance, fields * len(tries)
        )
        if gain > -WORSE and p_value < evidence.policy.alpha_of("unit_change"):
            change = _change(name, start, stop, p_value, conversion)
            gain += conversion.distance - conversion.left
            found.append(replace(change, by_companions=True, gain=gain))
    return min(found, key=lambda change: change.left, default=None)


def _against(companion: Companion, foretold: np.ndarray, values: np.ndarray) -> np.ndarray:
    return companion.on_scale(values) - foretold


def _finding(evidence: Evidence, change: Change) -> Finding:
    day = evidence.day_index(evidence.now)
    hit = evidence.now.where((day >= change.start) & (day < change.stop))
    effect = answers_changed(evidence, hit, repaired(hit.inputs, change))
    acts = effect >= evidence.policy.field_effect
    since, until = evidence.days[change.start], day_after(evidence, change.stop)
    mapping = f"{change.factor:.4g} times what it was"
    if change.offset:
        mapping += f" {'plus' if change.offset > 0 else 'minus'} {abs(change.offset):.4g}"
    against = ", against what the other fields say" if change.by_companions else ""
    return Finding(
        cause="unit_change",
        evidence=(
            f"{period(evidence, change.start, change.stop)} the field {change.field} reads "
            f"{mapping}{against}, in {len(hit)} rows: it looks like a change of unit."
        ),
        fix=f"Convert {change.field} back at the source, or map it before the model.",
        p_value=change.p_value,
        since=since,
        until=until,
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
                change.field,
                "unit_change",
                since,
                until=until,
                factor=change.factor,
                offset=change.offset,
            ),
        ),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )
