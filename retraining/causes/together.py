"""Fields that broke together are mended together: what would that change in the answers?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from retraining.causes.effect import answers_changed
from retraining.causes.evidence import Evidence, Finding

# The rows of two faults are those of one feed where they overlap so well (Jaccard).
SAME_ROWS = 0.8


@dataclass(frozen=True)
class Mend:
    """A field's finding, the rows of now that it is about, and what puts the field right.

    ``column(inputs, others)``: the field's values as they should have been in ``inputs``, told
    without the fields ``others``, which are broken too.
    """

    finding: Finding
    field: str
    rows: np.ndarray
    column: Callable[[pd.DataFrame, frozenset[str]], np.ndarray | pd.Series]


def judged_together(evidence: Evidence, mends: Sequence[Mend]) -> list[Finding]:
    """The findings, those of one feed with the effect of mending all of its fields at once.

    A felt temperature that died with the measured one says that nothing is wrong with it: each alone
    moves few answers, both together many. ``numbers["effect"]`` becomes the larger of the two.
    """
    groups = [[other for other in mends if _same(one, other)] for one in mends]
    return [
        _with_effect(evidence, mend, _effect(evidence, group)) if len(group) > 1 else mend.finding
        for mend, group in zip(mends, groups, strict=True)
    ]


def _same(one: Mend, other: Mend) -> bool:
    both, either = (one.rows & other.rows).sum(), (one.rows | other.rows).sum()
    return bool(both >= SAME_ROWS * max(1, either))


def _effect(evidence: Evidence, group: Sequence[Mend]) -> float:
    rows = np.all([mend.rows for mend in group], axis=0)
    hit, names = evidence.now.where(rows), frozenset(mend.field for mend in group)
    columns = {mend.field: mend.column(hit.inputs, names - {mend.field}) for mend in group}
    return answers_changed(evidence, hit, hit.inputs.assign(**columns))


def _with_effect(evidence: Evidence, mend: Mend, together: float) -> Finding:
    finding = mend.finding
    if together <= finding.numbers["effect"]:
        return finding
    acts = together >= evidence.policy.field_effect
    return replace(
        finding,
        numbers={
            **finding.numbers,
            "effect": together,
            "effect_alone": finding.numbers["effect"],
        },
        acts=acts,
        explains=frozenset(evidence.now.rows["id"][mend.rows]) if acts else frozenset(),
    )
