"""The same inputs now want other answers: accuracy fell and nothing else explains it."""

from collections.abc import Sequence

from retraining.causes.evidence import (
    Evidence,
    Finding,
    accuracy_change,
    baseline_accuracy,
    reviewed_accuracy,
)


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Reviewed accuracy against the months that needed nothing, on rows that nothing else explains.

    Both the trade's threshold (5 points) and the interval of the difference have to agree. The
    baseline is the same probe on earlier months, so labels that are wrong at a steady rate cancel.
    In quiet months it fires in 2.5% at most: the lower end of a 95% interval, not the policy's
    rate of the other causes, because a drop that is missed costs another month.
    """
    policy, now = evidence.policy, evidence.now
    baseline, change = baseline_accuracy(evidence), accuracy_change(evidence)
    right, n = reviewed_accuracy(now)
    if baseline is None or change is None or n < policy.audit_min_n:
        return []
    if -change.delta < policy.retrain_drop or change.high >= 0:
        return []
    return [
        Finding(
            cause="concept_change",
            evidence=(
                f"Reviewed rows were answered right in {right / n * 100:.0f}% of {n}, against "
                f"{baseline[0] / baseline[1] * 100:.0f}% of {baseline[1]} in the months that needed "
                f"nothing: {change.delta * 100:+.0f} points "
                f"({change.low * 100:+.0f} to {change.high * 100:+.0f}), and no fault explains it."
            ),
            fix="Retrain on the month's labelled rows.",
            p_value=change.p_value,
            since=evidence.days[0],
            numbers=change.as_dict(),
            row_ids=tuple(now.rows["id"][now.reviewed & now.failed][:20]),
        )
    ]
