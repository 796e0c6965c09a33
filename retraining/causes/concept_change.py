"""The same inputs now want other answers: accuracy fell and nothing else explains it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from retraining.causes.drop import Drop, accuracy_drop
from retraining.causes.evidence import Evidence, Finding
from retraining.causes.moved_labels import Moved, moved_labels
from retraining.causes.onset import began
from retraining.causes.outgrown import Outgrown, outgrown
from retraining.causes.reactions import complaints
from retraining.causes.relearn import relearned

# Of the rate: accuracy as a whole, and labels that moved from one category to another.
OVERALL, CELLS = 0.6, 0.4
# Of the rate of the first: reviews alone, together with complaints, and together with what could be
# learned from the labels.
ALONE, HEARD, LEARNED = 0.7, 0.2, 0.1
# A drop at least so unlikely may be strengthened by a second witness ...
SUSPICIOUS = 0.05
# ... and is worth training a model for, to ask whether its labels can be learned.
WORTH_FITTING = 0.02
# Below this a p-value is as good as none, and its logarithm still is a number.
TINY = 1e-300
FIX = "Retrain on the month's labelled rows."


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Reviewed accuracy fell since this month or an earlier one, or one category's label moved.

    Two questions share the rate: ``drop.accuracy_drop`` (by the trade's 5 points at least, within
    the answered category, so that a mix that shifts is none), and ``moved_labels``, which sees
    a change of one category that the overall figure hides. A drop that is likely but not proven
    is strengthened by a second witness from other rows or other facts, both p-values joined
    (Fisher): users who complain more, or a model that learned from part of the month's labels and
    answers the rest better than the live version. Where both see nothing, a third asks whether the
    inputs have left what training knew and the answers lean since (``outgrown``).
    """
    if any(finding.cause == "label_noise" and finding.acts for finding in earlier):
        return []
    alpha = evidence.policy.alpha_of("concept_change")
    found = []
    fell = accuracy_drop(evidence)
    if fell is not None and -fell.delta >= evidence.policy.retrain_drop:
        p_value, words = _strengthened(evidence, fell, OVERALL * alpha)
        if p_value < OVERALL * alpha:
            found.append(_overall(evidence, replace(fell, p_value=p_value), words))
    moved = moved_labels(evidence, alpha=CELLS * alpha)
    if moved:
        found.append(_moved(evidence, moved))
    left = outgrown(evidence) if not found else None
    return [*found, *([_left(evidence, left)] if left is not None else [])]


def _strengthened(evidence: Evidence, fell: Drop, alpha: float) -> tuple[float, str]:
    """p of the drop, and what a second witness said where one was needed."""
    p_value = min(1.0, fell.p_value / ALONE)
    if fell.golden or p_value < alpha or fell.p_value >= SUSPICIOUS:
        return p_value, ""
    heard = complaints(evidence)
    joint = float(stats.combine_pvalues([fell.p_value, max(heard.p_value, TINY)]).pvalue) / HEARD
    if joint < alpha:
        return joint, f" Complaints rose by {heard.delta * 100:.0f} points (n={heard.n_now})."
    learned = relearned(evidence) if fell.p_value < WORTH_FITTING else None
    if learned is None:
        return p_value, ""
    joint = float(stats.combine_pvalues([fell.p_value, learned.p_value]).pvalue) / LEARNED
    return min(p_value, joint), (
        f" A model that learned part of the month's labels put {learned.fixed} of the others right "
        f"and {learned.broken} wrong."
    )


def _overall(evidence: Evidence, fell: Drop, words: str) -> Finding:
    now = evidence.now
    against = "golden rows, less wrong labels" if fell.golden else "the months that needed nothing"
    return Finding(
        cause="concept_change",
        evidence=(
            f"Since {fell.since} reviewed rows were answered right in "
            f"{fell.right / fell.n * 100:.0f}% of {fell.n}, against "
            f"{fell.before_right / fell.before_n * 100:.0f}% of {fell.before_n} in {against}: "
            f"{fell.delta * 100:+.0f} points within the same answers, and no fault explains it."
            f"{words}"
        ),
        fix=FIX,
        p_value=fell.p_value,
        since=fell.since,
        numbers=fell.as_dict(),
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


def _left(evidence: Evidence, left: Outgrown) -> Finding:
    side = "below" if left.below else "above"
    return Finding(
        cause="concept_change",
        evidence=(
            f"{left.share * 100:.0f}% of the month's rows have a {left.field} {side} {left.bound:g}, "
            f"which no training row had; it moved there slowly, since {left.since}. Wrong answers are "
            f"others than before, and lean: the mix of answers is {left.bias * 100:.0f} points off "
            f"that of {left.n} reviewed labels, against {left.bias_before * 100:.0f} before."
        ),
        fix="Retrain on the labelled rows since then: the model has not seen this season.",
        p_value=left.p_value,
        since=left.since,
        numbers={
            "field": left.field,
            "bound": left.bound,
            "share": left.share,
            "bias": left.bias,
            "bias_before": left.bias_before,
            "n": left.n,
        },
        row_ids=tuple(evidence.now.rows["id"][left.rows][:40]),
    )
