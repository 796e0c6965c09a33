"""A category that carries traffic is answered badly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from retraining.causes.evidence import Evidence, Finding, Rows
from retraining.stats.intervals import wilson
from retraining.stats.multiplicity import holm

# A category with less than this share of the typical number of training rows is thin: such
# categories are tested together too, because alone each has few rows to show anything.
THIN = 1 / 3


@dataclass(frozen=True)
class Group:
    """Categories tested together, and the reviewed rows that carry their labels."""

    names: tuple[str, ...]
    rows: np.ndarray
    right: int
    n: int


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Reviewed rows by their label: is the accuracy below the policy's bound, beyond chance?

    One-sided exact binomial against the bound, so that a category which is merely not the best
    stays silent. Holm within two families: the thin categories and their pool, where weakness is
    expected, and the rest. Only categories with their share of the traffic count.
    """
    policy, now = evidence.policy, evidence.now
    fair = now.reviewed & now.rows["label"].isin(evidence.categories).to_numpy(dtype=bool)
    n_fair = int(fair.sum())
    if n_fair < policy.confirm_reviews:
        return []
    thin = _thin(evidence)
    families: list[list[tuple[str, ...]]] = [
        [*((name,) for name in thin), *([thin] if len(thin) > 1 else [])],
        [(name,) for name in evidence.categories if name not in thin],
    ]
    weak: dict[str, Group] = {}
    failed: set[str] = set()
    best_p = 1.0
    for family in families:
        groups = [group for names in family if (group := _group(now, fair, names))]
        groups = [group for group in groups if group.n >= policy.category_min_n]
        if not groups:
            continue
        bound = policy.weak_category_accuracy
        p_values = holm([float(stats.binom.cdf(g.right, g.n, bound)) for g in groups])
        for group, p_value in zip(groups, p_values, strict=True):
            if (
                p_value >= policy.alpha_of("weak_category")
                or group.n / n_fair < policy.weak_category_share
            ):
                continue
            # A category without traffic of its own is made of slips of the pen, all "wrong".
            slips = policy.label_error * n_fair * len(group.names) / len(evidence.categories)
            if group.n < 2 * slips:
                continue
            best_p = min(best_p, float(p_value))
            failed |= set(now.rows["id"][group.rows & now.failed])
            weak |= {name: own for name in group.names if (own := _group(now, fair, (name,)))}
    if not weak:
        return []
    # A pool that is weak does not make each of its members weak: those mostly right stay out.
    weak = {name: own for name, own in weak.items() if own.right / own.n < bound}
    return [_finding(evidence, weak, n_fair, best_p, failed)]


def _finding(
    evidence: Evidence, weak: dict[str, Group], n_fair: int, p_value: float, failed: set[str]
) -> Finding:
    right = sum(own.right for own in weak.values())
    n = sum(own.n for own in weak.values())
    interval = wilson(successes=right, n=n, confidence=evidence.policy.confidence)
    return Finding(
        cause="weak_category",
        evidence=(
            f"{', '.join(sorted(weak))}: {right} of {n} reviewed rows answered right "
            f"({interval.low * 100:.0f} to {interval.high * 100:.0f}%), "
            f"{n / n_fair * 100:.0f}% of the reviewed traffic."
        ),
        fix="Collect examples of these categories and retrain.",
        p_value=p_value,
        numbers={
            **interval.as_dict(),
            "categories": {name: {"right": own.right, "n": own.n} for name, own in weak.items()},
        },
        row_ids=tuple(sorted(failed))[:40],
        categories=tuple(sorted(weak)),
    )


def _group(now: Rows, fair: np.ndarray, names: tuple[str, ...]) -> Group | None:
    rows = fair & now.rows["label"].isin(names).to_numpy(dtype=bool)
    n = int(rows.sum())
    return Group(names, rows, n - int((now.failed & rows).sum()), n) if n else None


def _thin(evidence: Evidence) -> tuple[str, ...]:
    names, counts = np.unique(evidence.training_labels.astype(str), return_counts=True)
    bound = THIN * float(np.median(counts))
    return tuple(str(name) for name, count in zip(names, counts, strict=True) if count < bound)
