"""The labels got worse, not the model: reviewed accuracy fell, and nothing can be learned from it."""

from collections.abc import Sequence

import numpy as np

from retraining.causes.concept_change import CELLS, OVERALL
from retraining.causes.drop import accuracy_drop
from retraining.causes.evidence import Evidence, Finding
from retraining.causes.moved_labels import moved_labels
from retraining.causes.reactions import complaints, silence
from retraining.causes.relearn import relearned, repeated
from retraining.causes.stratified import Rise, rise

# Failed rows that agree with each other by this much want other answers: no slips of the pen.
AGREE = 0.3
# A model that learned from the labels and does better by chance this seldom found something in them.
LEARNED = 0.01
# Users who complain more than before, beyond chance at this level, saw wrong answers themselves.
COMPLAIN = 0.01
# Among so few categories the same wrong label comes again by chance.
FEW = 4
# Users who stay silent, this unlikely if answers were as wrong as the labels say, saw none of it.
SILENT = 0.01
# Labels against confident answers have to have risen by themselves, at this level.
CONTRADICT = 0.05


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """A drop of reviewed accuracy that everything but the labels contradicts.

    Asked only where accuracy fell; by then it is one of two, a changed concept or worse labels, so
    both spend their rates on that one test. It is the labels if they contradict confident answers
    more often than before, can't be learned (out of fold, a model that saw part of them does no
    better on the rest), users don't complain more, and the labels don't repeat themselves: none
    moved to another, failed rows of one answer don't agree on another label. Among few categories
    they always do; there users have to complain too little for so many wrong answers. Anything
    else is left to ``concept_change``, whose candidate the gate can still refuse.
    """
    policy = evidence.policy
    cells = CELLS * policy.alpha_of("concept_change")
    alpha = OVERALL * policy.alpha_of("concept_change") + policy.alpha_of("label_noise")
    fell = accuracy_drop(evidence)
    if fell is None or fell.golden or -fell.delta < policy.retrain_drop or fell.p_value >= alpha:
        return []
    against = _against_confident(evidence)
    if against.p_value >= CONTRADICT or complaints(evidence).p_value < COMPLAIN:
        return []
    if len(evidence.categories) <= FEW:
        was = fell.before_n - fell.before_right
        factor = (fell.n - fell.right) / fell.n / (was / fell.before_n) if was else 1.0
        if silence(evidence, factor=factor) >= SILENT:
            return []
    elif moved_labels(evidence, alpha=cells) or repeated(evidence) >= AGREE:
        return []
    learned = relearned(evidence)
    if learned is None or learned.p_value < LEARNED:
        return []
    now = evidence.now
    doubtful = np.zeros(len(now), dtype=bool)
    live = now.rows["prediction"].to_numpy(dtype=object)
    doubtful[learned.asked] = learned.answers == live[learned.asked]
    doubtful &= now.failed
    share = float((doubtful & now.reviewed).sum() / now.reviewed.sum())
    return [
        Finding(
            cause="label_noise",
            evidence=(
                f"Reviewed accuracy fell by {-fell.delta * 100:.0f} points since {fell.since} "
                f"(n={fell.n}), but the labels are in doubt: {share * 100:.0f}% of them contradict "
                f"both the live version and one trained on them, labels against confident answers "
                f"rose by {against.delta * 100:.0f} points, and they do not agree with each other."
            ),
            fix="Have these rows labelled again by a second person before anything is learned.",
            p_value=fell.p_value,
            since=fell.since,
            numbers=fell.as_dict()
            | {
                "doubtful_share": share,
                "fixed": learned.fixed,
                "broken": learned.broken,
                "labels_needed": int(doubtful.sum()),
            },
            row_ids=tuple(now.rows["id"][doubtful][: policy.label_more_max]),
        )
    ]


def _against_confident(evidence: Evidence) -> Rise:
    """Failures among the reviewed rows that the live version was surer of than usual."""
    now, before = evidence.now, evidence.before.where(evidence.healthy)
    usual = float(np.median(before.rows["confidence"].astype(float)))
    sure_now, sure_before = (
        rows.reviewed & (rows.rows["confidence"].astype(float) >= usual).to_numpy(dtype=bool)
        for rows in (now, before)
    )
    return rise(
        now=(now.failed & sure_now).sum(),
        now_n=sure_now.sum(),
        before=(before.failed & sure_before).sum(),
        before_n=sure_before.sum(),
    )
