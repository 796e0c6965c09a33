"""A field is empty far more often than it was in training, or says what nobody ever said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from retraining.causes.effect import answers_changed, filled_in
from retraining.causes.evidence import Evidence, FieldFault, Finding, SegmentFault
from retraining.causes.segments import part_holding
from retraining.causes.stretch import day_after, period, worst_stretch
from retraining.causes.unseen_values import Unseen, recoded, stand_in
from retraining.stats.multiplicity import holm

# A window inside the month is believed from here on; else the whole month is named.
CLEAR = 0.01


@dataclass(frozen=True)
class Gap:
    """A field's rows that say nothing: on which days, how much more often than before."""

    field: str
    mask: np.ndarray
    start: int
    stop: int
    rise: float
    p_value: float
    unseen: Unseen | None = None


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Share of empty values now against the reference, Holm over the fields and both questions.

    One-sided Fisher over the month, and the scan for the days on which it is raised most: a feed
    that was down for two days shows there. The reference is training and the earlier rows together.
    Two more faults leave a field without its meaning, and are named ``unseen_values``: a stand-in
    for nothing (-999), and categories that are written otherwise since a day ("M" for "male").
    """
    if not len(evidence.now):
        return []
    fields = list(evidence.now.inputs.columns)
    looks = [look for name in fields for look in _looks(evidence, name)]
    gaps: dict[str, Gap] = {}
    for look, p_value in zip(looks, holm([look.p_value for look in looks]), strict=True):
        # Counted over the month first: the days are only narrowed down where they stand out.
        if p_value < evidence.policy.alpha_of("missing_values") and look.field not in gaps:
            if look.rise >= evidence.policy.missing_rise:
                gaps[look.field] = look
    findings = [_finding(evidence, gap) for gap in gaps.values()]
    for name in fields:
        unseen = None if name in gaps else recoded(evidence, name)
        if unseen:
            findings.append(_finding(evidence, _gap_of(evidence, name, unseen)))
    return findings


def _looks(evidence: Evidence, name: str) -> list[Gap]:
    """The field's empty rows (or those of a stand-in for empty), asked of the month and of days."""
    now, unseen = evidence.now, None
    mask = _empty(now.inputs, name)
    if name in evidence.spec.numeric:
        unseen = stand_in(evidence, name)
        if unseen and unseen.mask.sum() > mask.sum():
            mask = unseen.mask
        else:
            unseen = None
    known = np.concatenate(
        [_empty(evidence.training_inputs, name), _empty(evidence.before.inputs, name)]
    )
    was = known.mean() if len(known) and unseen is None else 0.0
    if not mask.any():
        return []
    everyone = np.ones(len(now), dtype=bool)
    stretch = worst_stretch(evidence, mask, everyone)
    start, stop = int(evidence.day_index(now)[mask].min()), len(evidence.days)
    if stretch and stretch.p_value < CLEAR:
        start, stop = stretch.start, stretch.stop
    inside = (evidence.day_index(now) >= start) & (evidence.day_index(now) < stop)
    rise = float(mask[inside].mean() - was)
    before = 0 if unseen else int(known.sum())
    table = [[int(mask.sum()), int((~mask).sum())], [before, len(known) - before]]
    chance = float(stats.fisher_exact(table, alternative="greater").pvalue)
    looks = [Gap(name, mask, start, stop, rise, chance, unseen)]
    if stretch:
        looks.append(Gap(name, mask, start, stop, rise, stretch.p_value, unseen))
    return looks


def _gap_of(evidence: Evidence, name: str, unseen: Unseen) -> Gap:
    return Gap(name, unseen.mask, unseen.start, unseen.stop, unseen.share, unseen.p_value, unseen)


def _finding(evidence: Evidence, gap: Gap) -> Finding:
    now, policy = evidence.now, evidence.policy
    day = evidence.day_index(now)
    mask = gap.mask & (day >= gap.start) & (day < gap.stop)
    inside = (day >= gap.start) & (day < gap.stop)
    hit, everyone = now.where(mask), int(inside.sum())
    part = part_holding(evidence, mask, inside)
    if evidence.spec.task == "text":
        effect = float(mask.mean())
    elif gap.unseen and gap.unseen.mapping:
        true = hit.inputs[gap.field].replace(gap.unseen.mapping)
        effect = answers_changed(evidence, hit, hit.inputs.assign(**{gap.field: true}))
    else:
        effect = answers_changed(evidence, hit, filled_in(evidence, hit.inputs, gap.field))
    acts = effect >= policy.field_effect
    since, until = evidence.days[gap.start], day_after(evidence, gap.stop)
    when = period(evidence, gap.start, gap.stop)
    numbers: dict[str, Any] = {"empty": len(hit), "n": len(now), "rise": gap.rise, "effect": effect}
    if gap.unseen is None:
        kind = "missing_values"
        sentence = (
            f"{when} the field {gap.field} is empty in {len(hit)} of {everyone} rows, "
            f"{gap.rise * 100:.0f} points more than before."
        )
        fix = f"Ask the sender to fill {gap.field} again; rows without it are kept out of training."
    else:
        kind = "unseen_values"
        values = ", ".join(str(value) for value in gap.unseen.values[:5])
        sentence = (
            f"{when} the field {gap.field} is {values} in {len(hit)} of {everyone} rows: "
            "nobody ever sent that before."
        )
        if gap.unseen.mapping:
            said = ", ".join(f"{a} for {b}" for a, b in gap.unseen.mapping.items())
            sentence += f" It looks like {said}."
        numbers["values"] = list(gap.unseen.values)
        numbers["mapping"] = dict(gap.unseen.mapping)
        fix = f"Have {gap.field} sent as it was at launch, or map it before the model."
    if part:
        sentence += f" All but a few of them are where {part.key} is {part.value}."
    return Finding(
        cause="missing_values",
        evidence=sentence,
        fix=fix,
        p_value=float(gap.p_value),
        since=since,
        until=until,
        numbers=numbers,
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        fields=(
            FieldFault(
                gap.field,
                kind,
                since,
                until=until,
                segment=(part.key, part.value) if part else None,
            ),
        ),
        segments=(SegmentFault(part.key, part.value, kind, since, until),) if part else (),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )


def _empty(inputs: pd.DataFrame, name: str) -> np.ndarray:
    column = inputs[name]
    return (column.isna() | (column.astype(object) == "")).to_numpy(dtype=bool)
