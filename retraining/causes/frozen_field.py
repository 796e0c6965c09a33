"""A field stands at one value although the world does not."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from retraining.causes.effect import answers_changed, filled_in
from retraining.causes.evidence import Evidence, FieldFault, Finding, Rows


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Since which day has a field had one value only, and how likely is that if nothing is wrong?

    p is the chance that the field has that value so many times in a row: by its share in the
    reference, and by how often a row that has it is followed by another (weather lasts), whichever
    is larger. A field that is one thing a whole day (a holiday) counts once a day, not once a row;
    Bonferroni over the fields. A dead feed and a quiet August differ in this number, not in the
    value.
    """
    policy, now = evidence.policy, evidence.now
    if evidence.spec.task == "text" or not len(now):
        return []
    findings, fields = [], list(now.inputs.columns)
    for name in fields:
        run = _last_run(evidence, now, name)
        if run is None:
            continue
        start, value = run
        share, stay, by_day = _usual_share(evidence, name, value)
        inside = evidence.day_index(now) >= start
        days = len(np.unique(evidence.day_index(now)[inside]))
        draws = days if by_day else int(inside.sum())
        chance = max(share**draws, stay ** (int(inside.sum()) - 1))
        p_value = min(1.0, len(fields) * chance)
        if days < policy.frozen_min_days or p_value >= policy.alpha_of("frozen_field"):
            continue
        hit, since = now.where(inside), evidence.days[start]
        effect = answers_changed(evidence, hit, filled_in(evidence, hit.inputs, name))
        acts = effect >= policy.field_effect
        findings.append(_finding(name, value, since, days, share, p_value, effect, acts, hit))
    return findings


def _finding(
    name: str,
    value: object,
    since: date,
    days: int,
    share: float,
    p_value: float,
    effect: float,
    acts: bool,
    hit: Rows,
) -> Finding:
    return Finding(
        cause="frozen_field",
        evidence=(
            f"The field {name} has stood at {value} since {since}, in all {len(hit)} rows of "
            f"{days} days; before, {share * 100:.0f}% of the rows had that value."
        ),
        fix=f"Repair or replace the feed of {name}; a retrain on it as it is learns the dead value.",
        p_value=p_value,
        since=since,
        numbers={"value": _plain(value), "n": len(hit), "usual_share": share, "effect": effect},
        row_ids=tuple(hit.rows["id"][:20]),
        acts=acts,
        fields=(FieldFault(name, "frozen_field", since),),
        explains=frozenset(hit.rows["id"]) if acts else frozenset(),
    )


def _last_run(evidence: Evidence, now: Rows, name: str) -> tuple[int, object] | None:
    """The first day from which the field has its last value in every row, and that value."""
    values = now.inputs[name].astype(object).where(now.inputs[name].notna(), None)
    value = values.iloc[-1]
    if value is None:
        return None
    day = evidence.day_index(now)
    other = (values != value).to_numpy(dtype=bool)
    start = int(day[other].max()) + 1 if other.any() else int(day.min())
    return (start, value) if start <= day.max() else None


def _usual_share(evidence: Evidence, name: str, value: object) -> tuple[float, float, bool]:
    """The value's share in the reference, how often it is followed by itself, and if days are alike.

    One row is added to what was counted, so that a value which the reference always had is not
    called impossible to differ from.
    """
    reference = pd.concat([evidence.training_inputs[name], evidence.before.inputs[name]])
    share = (int((reference == value).sum()) + 1) / (len(reference) + 1)
    earlier = evidence.before
    if not len(earlier):
        # No history tells whether rows of a day go together: count days, the careful side.
        return share, share, True
    had = (earlier.inputs[name] == value).to_numpy(dtype=bool)
    stay = (int((had[:-1] & had[1:]).sum()) + 1) / (int(had[:-1].sum()) + 1)
    kinds = earlier.inputs[name].groupby(earlier.rows["day"].to_numpy()).nunique()
    return share, stay, bool((kinds <= 1).mean() > 0.9)


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
