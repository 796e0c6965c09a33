"""Something moved, and the labels at hand can't say whether it matters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from retraining.causes.clusters import Cluster, unknown_clusters
from retraining.causes.drop import Drop, accuracy_drop
from retraining.causes.evidence import Evidence, Finding, baseline_accuracy, reviewed_accuracy
from retraining.causes.reactions import complaints
from retraining.causes.stratified import counted, rise
from retraining.stats.multiplicity import holm
from retraining.stats.power import labels_to_detect_drop

# What demands nothing by itself does not settle what moved either.
HARMLESS = {"mix_shift", "proxy_inflation"}
# The signals that may ask for labels; each has an equal part of the cause's rate.
SIGNALS = 5
# Below so many expected rows the chi-square approximation is none.
EXPECTED = 5
# A mix or a confidence that moved is settled by reviews that show no drop at this level. Seasons
# move both in most months, so the level is a month's: 12 of them pass once in thirty years.
STEADY = 0.003


@dataclass(frozen=True)
class Signal:
    """What moved, in words, and the chance that it moved so far by itself."""

    what: str
    p_value: float


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """A signal that tripped and that the labels at hand can't settle: which labels would?

    Signals: the mix of answers (against earlier rows: each answer, exact, Holm; and all together), confidence
    (rank test), complaints, reviewed accuracy, and groups of unknown messages; each at its part of
    the rate. A mix or a confidence that moved is settled where there are as many reviews as the
    policy wants and they show no drop; so is one that another cause explains. A quiet month is no
    finding however few its labels are.
    """
    policy, now = evidence.policy, evidence.now
    if any(finding.acts and finding.cause not in HARMLESS for finding in earlier):
        return []
    if not len(now):
        return [] if evidence.settled else [_random(evidence, ["no row was answered"], 0, None)]
    alpha = policy.alpha_of("insufficient_evidence") / SIGNALS
    clusters = unknown_clusters(evidence, alpha=alpha)
    if clusters:
        return [_unknown(evidence, clusters)]
    right, n = reviewed_accuracy(now)
    fell = accuracy_drop(evidence)
    tripped = [s for s in (_mix(evidence), _confidence(evidence)) if s and s.p_value < alpha]
    if n >= policy.audit_min_n and not _in_doubt(evidence, fell, STEADY):
        tripped = []
    told = complaints(evidence)
    if told.p_value < alpha:
        text = f"complaints rose by {told.delta * 100:.0f} points (n={told.n_now})"
        tripped.append(Signal(text, told.p_value))
    elif fell and _in_doubt(evidence, fell, policy.alpha_of("concept_change") + alpha, year=True):
        tripped.append(_drop(fell))
    if not tripped:
        return []
    reviews = f"{right} of {n} reviewed rows were answered right"
    return [_random(evidence, [*(s.what for s in tripped), reviews], n, min(tripped, key=_p))]


def _p(signal: Signal) -> float:
    return signal.p_value


def _in_doubt(evidence: Evidence, fell: Drop | None, level: float, *, year: bool = False) -> bool:
    """Did reviewed accuracy fall by the trade's points, at this level (``year``: over all months tried)?"""
    if fell is None:
        return not year
    p_value = fell.p_value if year else fell.p_month
    return -fell.delta >= evidence.policy.retrain_drop and p_value < level


def _drop(fell: Drop) -> Signal:
    against = "the golden set led to expect" if fell.golden else "it was before"
    text = f"reviewed accuracy is {fell.delta * 100:+.0f} points from what {against}"
    return Signal(text, fell.p_value)


def _mix(evidence: Evidence) -> Signal | None:
    now, before = evidence.now.rows["prediction"], evidence.before.rows["prediction"]
    if not len(before):
        return None
    kinds = sorted(set(now) | set(before))
    is_ = counted(now, kinds, np.ones(len(now), dtype=bool))
    was = counted(before, kinds, np.ones(len(before), dtype=bool))
    tests = [
        rise(now=a, now_n=len(now), before=b, before_n=len(before))
        for a, b in zip(is_, was, strict=True)
    ]
    p_values = holm([test.p_value for test in tests])
    most = int(p_values.argmin())
    text = f"the answer {kinds[most]} came {tests[most].delta * 100:+.0f} points more often"
    return Signal(text, min(1.0, 2 * min(float(p_values[most]), _whole_mix(is_, was))))


def _whole_mix(now: np.ndarray, before: np.ndarray) -> float:
    """Chi-square p of both mixes, answers too rare to be expected five times taken together."""
    table = np.vstack([now, before])
    expected = table.sum(axis=0) * table.sum(axis=1).min() / table.sum()
    rare = expected < EXPECTED
    table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    return float(stats.chi2_contingency(table).pvalue) if table.shape[1] > 1 else 1.0


def _confidence(evidence: Evidence) -> Signal | None:
    now, before = (
        rows.rows["confidence"].astype(float).dropna() for rows in (evidence.now, evidence.before)
    )
    if not len(now) or not len(before):
        return None
    test = stats.mannwhitneyu(now, before, alternative="less")
    fell = float(before.median() - now.median())
    return Signal(f"confidence fell by {fell * 100:.0f} points", float(test.pvalue))


def _random(evidence: Evidence, what: Sequence[str], n: int, signal: Signal | None) -> Finding:
    # Corrected rows too: to leave them out would flatter the model.
    policy = evidence.policy
    baseline = baseline_accuracy(evidence)
    usual = baseline[0] / baseline[1] if baseline else evidence.golden_accuracy or 1.0
    enough = labels_to_detect_drop(
        baseline=min(max(usual, policy.retrain_drop + 0.01), 0.99),
        drop=policy.retrain_drop,
        alpha=1 - policy.confidence,
        power=policy.power,
    )
    open_rows = evidence.now.where(~evidence.now.reviewed)
    needed = min(max(10, enough - n), policy.label_more_max, max(1, len(open_rows)))
    sample = open_rows.rows["id"].sample(n=min(needed, len(open_rows)), random_state=evidence.seed)
    return Finding(
        cause="insufficient_evidence",
        evidence=f"The labels at hand can't settle it: {'; '.join(what)}.",
        fix=f"Have about {needed} more randomly drawn rows labelled.",
        p_value=signal.p_value if signal else 1.0,
        numbers={"n": n, "labels_needed": needed},
        row_ids=tuple(sample),
    )


def _unknown(evidence: Evidence, clusters: Sequence[Cluster]) -> Finding:
    rows = np.logical_or.reduce([cluster.rows for cluster in clusters])
    ids = evidence.now.rows["id"]
    lines = [
        f"{cluster.name} ({int(cluster.rows.sum())} rows, {cluster.share * 100:.0f}%)"
        for cluster in clusters
    ]
    open_rows = rows & ~evidence.now.labelled
    limit = evidence.policy.label_more_max
    return Finding(
        cause="insufficient_evidence",
        evidence=(
            "Messages came up that are like each other and like nothing the model learned, and too "
            f"few are labelled to say what they are: perhaps {', '.join(lines)}."
        ),
        fix=f"Have these {int(open_rows.sum())} rows labelled: a new category if people name one.",
        p_value=min(1.0, max(cluster.p_value for cluster in clusters)),
        since=min(evidence.now.rows["day"][rows]),
        numbers={
            "labels_needed": int(min(open_rows.sum(), limit)),
            "proposed": {
                cluster.name: [str(i) for i in ids[cluster.rows][:5]] for cluster in clusters
            },
        },
        row_ids=tuple(ids[open_rows][:limit]),
    )
