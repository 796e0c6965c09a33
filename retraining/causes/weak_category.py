"""A category that carries traffic is answered badly."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from retraining.causes.evidence import Evidence, Finding
from retraining.stats.intervals import wilson
from retraining.stats.multiplicity import holm

# A category with less than this share of the typical number of training rows is thin: such
# categories are tested together, because alone each has too few rows to show anything.
THIN = 1 / 3


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Reviewed rows by their label: is the accuracy below the policy's bound, beyond chance?

    One-sided exact binomial against the bound; Holm over the categories and, as one more test,
    the thin categories pooled. Only categories with their share of the traffic count. The rows
    of the month before add to the count where there are any, for the same live version's answers
    are not needed: a category is weak now or it is not.
    """
    policy, now = evidence.policy, evidence.now
    fair = now.reviewed & now.rows["label"].isin(evidence.categories).to_numpy(dtype=bool)
    n_fair = int(fair.sum())
    if n_fair < policy.confirm_reviews:
        return []
    labels = now.rows["label"].to_numpy(dtype=object)
    groups: list[tuple[tuple[str, ...], np.ndarray]] = []
    for name in evidence.categories:
        mask = fair & (labels == name)
        if mask.sum() >= policy.category_min_n and mask.mean() > 0:
            groups.append(((name,), mask))
    thin = _thin(evidence)
    pooled = fair & np.isin(labels.astype(str), thin)
    if len(thin) > 1 and pooled.sum() >= policy.category_min_n:
        groups.append((thin, pooled))
    if not groups:
        return []
    rights = [int(mask.sum() - (now.failed & mask).sum()) for _, mask in groups]
    p_values = holm(
        [
            float(stats.binom.cdf(right, int(mask.sum()), policy.weak_category_accuracy))
            for right, (_, mask) in zip(rights, groups, strict=True)
        ]
    )
    weak: dict[str, tuple[int, int]] = {}
    best_p, rows = 1.0, set()
    for (names, mask), right, p_value in zip(groups, rights, p_values, strict=True):
        share = mask.sum() / n_fair
        if p_value >= policy.cause_alpha or share < policy.weak_category_share:
            continue
        best_p = min(best_p, float(p_value))
        rows |= set(now.rows["id"][mask & now.failed])
        for name in names:
            own = fair & (labels == name)
            if own.any():
                weak[name] = (int(own.sum() - (now.failed & own).sum()), int(own.sum()))
    if not weak:
        return []
    right = sum(r for r, _ in weak.values())
    n = sum(n for _, n in weak.values())
    interval = wilson(successes=right, n=n, confidence=policy.confidence)
    return [
        Finding(
            cause="weak_category",
            evidence=(
                f"{', '.join(sorted(weak))}: {right} of {n} reviewed rows answered right "
                f"({interval.low * 100:.0f} to {interval.high * 100:.0f}%), "
                f"{n / n_fair * 100:.0f}% of the reviewed traffic."
            ),
            fix="Collect examples of these categories and retrain.",
            p_value=best_p,
            numbers={
                **interval.as_dict(),
                "categories": {name: {"right": r, "n": m} for name, (r, m) in weak.items()},
            },
            row_ids=tuple(sorted(rows))[:40],
            categories=tuple(sorted(weak)),
        )
    ]


def _thin(evidence: Evidence) -> tuple[str, ...]:
    names, counts = np.unique(evidence.training_labels.astype(str), return_counts=True)
    bound = THIN * float(np.median(counts))
    return tuple(str(name) for name, count in zip(names, counts, strict=True) if count < bound)
