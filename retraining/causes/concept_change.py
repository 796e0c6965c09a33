"""The same inputs now want other answers: accuracy fell and nothing else explains it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from retraining.causes.drop import Drop, accuracy_drop
from retraining.causes.evidence import Evidence, Finding
from retraining.causes.moved_labels import Moved, moved_labels
from retraining.causes.onset import began
from retraining.causes.relearn import Relearned, relearned

# Of the rate: accuracy as a whole, and labels that moved from one category to another.
OVERALL, CELLS = 0.6, 0.4
# Of the rate of the first: reviews alone, and together with what could be learned from the labels.
ALONE, JOINT = 0.8, 0.2
# A drop at least so unlikely is worth training a model for, to ask whether its labels can be learned.
SUSPICIOUS = 0.02
FIX = "Retrain on the month's labelled rows."


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Reviewed accuracy fell since this month or an earlier one, or one category's label moved.

    Two questions share the rate: ``drop.accuracy_drop`` (by the trade's 5 points at least, within
    the answered category, so that a mix that shifts is none), and ``moved_labels``, which sees
    a change of one category that the overall figure hides. A drop that is likely but not proven
    is strengthened by a second witness: where a model that learned from part of the month's labels
    answers the rest better than the live version, both p-values are joined (Fisher; a fifth of that rate).
    """
    if any(finding.cause == "label_noise" and finding.acts for finding in earlier):
        return []
    alpha = evidence.policy.alpha_of("concept_change")
    found = []
    fell = accuracy_drop(evidence)
    if fell is not None and -fell.delta >= evidence.policy.retrain_drop:
        witness, p_value = None, fell.p_value / ALONE
        if not fell.golden and OVERALL * alpha <= p_value and fell.p_value < SUSPICIOUS:
            witness = relearned(evidence)
            if witness is not None:
                joint = stats.combine_pvalues([fell.p_value, witness.p_value]).pvalue
                p_value = min(p_value, float(joint) / JOINT)
        if p_value < OVERALL * alpha:
            found.append(_overall(evidence, replace(fell, p_value=p_value), witness))
    moved = moved_labels(evidence, alpha=CELLS * alpha)
    return [*found, *([_moved(evidence, moved)] if moved else [])]


def _overall(evidence: Evidence, fell: Drop, witness: Relearned | None) -> Finding:
    now = evidence.now
    against = "golden rows, less wrong labels" if fell.golden else "the months that needed nothing"
    learned = (
        f" A model that learned part of the month's labels put {witness.fixed} of the others right "
        f"and {witness.broken} wrong."
        if witness
        else ""
    )
    return Finding(
        cause="concept_change",
        evidence=(
            f"Since {fell.since} reviewed rows were answered right in "
            f"{fell.right / fell.n * 100:.0f}% of {fell.n}, against "
            f"{fell.before_right / fell.before_n * 100:.0f}% of {fell.before_n} in {against}: "
            f"{fell.delta * 100:+.0f} points within the same answers, and no fault explains it."
            f"{learned}"
        ),
        fix=FIX,
        p_value=fell.p_value,
        since=fell.since,
        numbers=fell.as_dict()
        | ({"fixed": witness.fixed, "broken": witness.broken} if witness else {}),
        row_ids=tuple(now.rows["id"][now.reviewed & now.failed][:20]),
    )


def _moved(evidence: Evidence, moved: list[Moved]) -> Finding:
    rows = np.logical_or.reduce([found.rows for found in moved])
    answers = [found.answer for found in moved]
    labelled = evidence.now.labelled & evidence.now.rows["prediction"].isin(answers).to_numpy(bool)
    lines = [
        f"{found.answer} is now {found.label} in {int(found.rows.sum())} rows "
        f"({found.reviewed.delta * 100:+.0f} points of its reviews)"
        for found in moved
    ]
    first = began(evidence, rows, labelled)
    return Finding(
        cause="concept_change",
        evidence=f"Labels moved, since {first}: {'; '.join(lines)}.",
        fix=FIX,
        p_value=max(found.p_value for found in moved),
        since=first,
        numbers={"rows": int(rows.sum())},
        row_ids=tuple(evidence.now.rows["id"][rows][:40]),
        categories=tuple(sorted({found.label for found in moved})),
    )
