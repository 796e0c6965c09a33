"""Something moved, and the labels at hand can't say whether it matters."""

from collections.abc import Sequence

from retraining.causes.evidence import (
    Evidence,
    Finding,
    accuracy_change,
    baseline_accuracy,
    reviewed_accuracy,
)
from retraining.stats.intervals import wilson
from retraining.stats.power import labels_to_detect_drop

# What an earlier cause has already settled needs no more labels.
SETTLED = {
    "frozen_field",
    "unit_change",
    "shifted_field",
    "missing_values",
    "truncated_input",
    "new_category",
    "weak_category",
    "concept_change",
    "transient",
}


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Fewer audited rows than the minimum, or a drop past the threshold whose interval still allows none.

    A mix shift is settled by the reviewed rows unless their drop is in doubt. A quiet month with
    few reviews is no finding as long as they reach the policy's minimum.
    """
    policy, now = evidence.policy, evidence.now
    if any(finding.cause in SETTLED and finding.acts for finding in earlier):
        return []
    right, n = reviewed_accuracy(now)
    if n < policy.audit_min_n and len(evidence.settled) > len(now):
        return []  # most of the trailing month was judged before; the next check has more
    if n < policy.audit_min_n:
        needed = policy.audit_min_n - n
        return [_finding(evidence, f"only {n} rows were reviewed at random", needed, {"n": n})]
    baseline, change = baseline_accuracy(evidence), accuracy_change(evidence)
    if baseline is None or change is None:
        return _against_golden(evidence, right, n)
    # Twice the trade's threshold: a drop of five points is within chance at a hundred rows, and a
    # question that is asked in every quiet month is not worth anybody's labels.
    moved = any(finding.cause == "mix_shift" for finding in earlier)
    bound = policy.retrain_drop if moved else 2 * policy.retrain_drop
    if -change.delta < bound or change.high < 0:
        return []
    needed = labels_to_detect_drop(
        baseline=baseline[0] / baseline[1], drop=policy.retrain_drop, alpha=0.05, power=policy.power
    )
    text = (
        f"reviewed accuracy is {change.delta * 100:+.0f} points from before "
        f"({change.low * 100:+.0f} to {change.high * 100:+.0f}, n={n})"
    )
    return [_finding(evidence, text, max(10, needed - n), change.as_dict())]


def _against_golden(evidence: Evidence, right: int, n: int) -> list[Finding]:
    """The first month has no earlier reviews: the golden set less usual label noise must do."""
    policy = evidence.policy
    if evidence.golden_accuracy is None:
        return []
    expected = evidence.golden_accuracy * (1 - policy.label_error)
    interval = wilson(successes=right, n=n, confidence=policy.confidence)
    if expected - interval.estimate < 2 * policy.retrain_drop or interval.high >= expected:
        return []
    text = (
        f"reviewed accuracy is {interval.estimate * 100:.0f}% ({interval.low * 100:.0f} to "
        f"{interval.high * 100:.0f}, n={n}), and the golden set led to expect {expected * 100:.0f}%"
    )
    return [_finding(evidence, text, n, interval.as_dict())]


def _finding(
    evidence: Evidence, what: str, needed: int, numbers: dict[str, float | int]
) -> Finding:
    # Corrected rows too: to leave them out would flatter the model.
    open_rows = evidence.now.where(~evidence.now.reviewed)
    needed = min(needed, evidence.policy.label_more_max, max(1, len(open_rows)))
    sample = open_rows.rows["id"].sample(n=min(needed, len(open_rows)), random_state=evidence.seed)
    return Finding(
        cause="insufficient_evidence",
        evidence=f"The labels at hand can't settle it: {what}.",
        fix=f"Have about {needed} more randomly drawn rows labelled.",
        p_value=1.0,
        numbers={**numbers, "labels_needed": needed},
        row_ids=tuple(sample),
    )
