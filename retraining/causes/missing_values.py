"""A field is empty far more often than it was in training."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from retraining.causes.effect import answers_changed, filled_in
from retraining.causes.evidence import Evidence, FieldFault, Finding
from retraining.stats.changepoint import lasting_change, raised_window
from retraining.stats.multiplicity import holm


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Share of empty values now against the reference, one-sided Fisher, Holm over the fields.

    The reference is training and the earlier rows together. The onset is the start of the raised
    window that explains the days best.
    """
    policy, now = evidence.policy, evidence.now
    if not len(now):
        return []
    fields = list(now.inputs.columns)
    known = {
        name: _empty(evidence.training_inputs, name).tolist()
        + _empty(evidence.before.inputs, name).tolist()
        for name in fields
    }
    p_values, rises = [], []
    for name in fields:
        empty, was = int(_empty(now.inputs, name).sum()), int(sum(known[name]))
        table = [[empty, len(now) - empty], [was, len(known[name]) - was]]
        p_values.append(float(stats.fisher_exact(table, alternative="greater").pvalue))
        rises.append(empty / len(now) - was / max(1, len(known[name])))
    findings = []
    for name, p_value, rise in zip(fields, holm(p_values), rises, strict=True):
        if p_value >= policy.alpha_of("missing_values") or rise < policy.missing_rise:
            continue
        mask = _empty(now.inputs, name)
        days = evidence.per_day(now, mask)
        totals = evidence.per_day(now, np.ones(len(now), dtype=bool))
        start = _onset(days, totals)
        since = evidence.days[start]
        hit = now.where(mask)
        if evidence.spec.task == "text":
            effect = float(mask.mean())
        else:
            repaired = filled_in(evidence, hit.inputs, name)
            effect = answers_changed(evidence, hit, repaired)
        findings.append(
            Finding(
                cause="missing_values",
                evidence=(
                    f"The field {name} is empty in {mask.sum()} of {len(now)} rows since {since}, "
                    f"{rise * 100:.0f} points more than before."
                ),
                fix=f"Ask the sender to fill {name} again; rows without it are kept out of training.",
                p_value=float(p_value),
                since=since,
                numbers={"empty": int(mask.sum()), "n": len(now), "rise": rise, "effect": effect},
                row_ids=tuple(now.rows["id"][mask][:20]),
                acts=effect >= policy.field_effect,
                fields=(FieldFault(name, "missing_values", since),),
                explains=frozenset(hit.rows["id"])
                if effect >= policy.field_effect
                else frozenset(),
            )
        )
    return findings


def _empty(inputs: pd.DataFrame, name: str) -> np.ndarray:
    column = inputs[name]
    return (column.isna() | (column.astype(object) == "")).to_numpy(dtype=bool)


def _onset(days: np.ndarray, totals: np.ndarray) -> int:
    lasting = lasting_change(events=days, totals=totals, draws=1)
    short = raised_window(events=days, totals=totals, draws=1)
    best = max(
        (found for found in (lasting, short) if found),
        key=lambda found: found.log_likelihood_ratio,
        default=None,
    )
    return best.start if best else int(np.flatnonzero(days)[0])
