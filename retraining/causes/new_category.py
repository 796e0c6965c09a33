"""People use a label that the live version does not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import stats

from retraining.causes.evidence import Evidence, Finding, Rows
from retraining.causes.onset import lasts
from retraining.causes.spelling import slip_of

# How often a slip of the pen gives a name outside the taxonomy, and twice the same.
SLIP = 0.005


@dataclass(frozen=True)
class Foreign:
    """A name outside the taxonomy: its rows of the month, and how often it came before."""

    name: str
    rows: np.ndarray
    days: int
    earlier: int
    since: date
    p_value: float


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Labels outside the live categories, often enough, on enough days, and not in one short burst.

    p is the chance that slips alone (one label in 200) give one foreign name so many times. What
    came before and was never acted on counts with what comes now, as the month may hold few of
    them. Another spelling of a known name is a slip, however often. No alarm without a row of the
    month itself.
    """
    names = _foreign(evidence)
    if not names:
        return []
    explains = {i for found in names for i in evidence.now.rows["id"][found.rows]}
    first = min(found.since for found in names)
    lines = [
        f"{found.name} ({int(found.rows.sum())} rows on {found.days} days"
        + (f", {found.earlier} before)" if found.earlier else ")")
        for found in names
    ]
    return [
        Finding(
            cause="new_category",
            evidence=(
                f"People used {_count(len(names))} that the model does not know: "
                f"{', '.join(lines)}, since {first}."
            ),
            fix="Collect examples of the new categories, extend the golden set, retrain.",
            p_value=max(found.p_value for found in names),
            since=first,
            numbers={
                "rows": len(explains),
                "labelled": int(evidence.now.labelled.sum()),
                "earlier": sum(found.earlier for found in names),
            },
            row_ids=tuple(sorted(explains))[:40],
            categories=tuple(sorted(found.name for found in names)),
            explains=frozenset(explains),
        )
    ]


def _foreign(evidence: Evidence) -> list[Foreign]:
    policy, now, before = evidence.policy, evidence.now, evidence.before
    total = int(now.labelled.sum()) + int(before.labelled.sum())
    found = []
    for name, count in _outside(now, evidence.categories).items():
        rows, was = _named(now, name), _named(before, name)
        days, days_before = (part.rows["day"][mask] for part, mask in ((now, rows), (before, was)))
        if count + was.sum() < policy.new_category_min_rows:
            continue
        if not lasts(evidence, rows, was) or slip_of(name, evidence.categories) is not None:
            continue
        p_value = float(stats.binom.sf(count + was.sum() - 1, total, SLIP))
        alone = float(stats.binom.sf(count - 1, int(now.labelled.sum()), SLIP))
        p_value = min(1.0, 2 * min(p_value, alone))
        if p_value < policy.alpha_of("new_category"):
            since = min([*days, *days_before])
            found.append(Foreign(name, rows, days.nunique(), int(was.sum()), since, p_value))
    return found


def _outside(rows: Rows, known: Sequence[str]) -> dict[str, int]:
    labels = rows.rows["label"][rows.labelled]
    foreign = labels[~labels.isin(known)]
    return {str(name): int(count) for name, count in foreign.value_counts().items()}


def _named(rows: Rows, name: str) -> np.ndarray:
    return (rows.rows["label"] == name).to_numpy(dtype=bool)


def _count(n: int) -> str:
    return "a category" if n == 1 else f"{n} categories"
