"""People use a label that the live version does not know."""

from collections.abc import Sequence

from scipy import stats

from retraining.causes.evidence import Evidence, Finding

# How often a slip of the pen gives a name outside the taxonomy, and twice the same.
SLIP = 0.005


def find(evidence: Evidence, earlier: Sequence[Finding]) -> list[Finding]:
    """Labels outside the live categories, often enough, on enough days, and not in one short burst.

    p is the chance that slips alone (one label in 200) give one foreign name so many times.
    """
    policy, now = evidence.policy, evidence.now
    labels, known = now.rows["label"], set(evidence.categories)
    total = int(now.labelled.sum())
    foreign = labels[now.labelled & ~labels.isin(known).to_numpy(dtype=bool)]
    names, explains, since, p_values, lines = [], set(), [], [], []
    for name, count in foreign.value_counts().items():
        rows = now.rows[(labels == name).to_numpy(dtype=bool)]
        days = rows["day"].nunique()
        span = (rows["day"].max() - rows["day"].min()).days + 1
        if count < policy.new_category_min_rows or days < policy.new_category_min_days:
            continue
        if span <= policy.transient_max_days and rows["day"].max() < evidence.days[-1]:
            continue  # a burst that is over: no lasting category
        p_value = float(stats.binom.sf(count - 1, total, SLIP))
        if p_value >= policy.alpha_of("new_category"):
            continue
        names.append(str(name))
        p_values.append(p_value)
        since.append(rows["day"].min())
        explains |= set(rows["id"])
        lines.append(f"{name} ({count} rows on {days} days)")
    if not names:
        return []
    return [
        Finding(
            cause="new_category",
            evidence=(
                f"People used {_count(len(names))} that the model does not know: "
                f"{', '.join(lines)}, since {min(since)}."
            ),
            fix="Collect examples of the new categories, extend the golden set, retrain.",
            p_value=max(p_values),
            since=min(since),
            numbers={"rows": len(explains), "labelled": total},
            row_ids=tuple(sorted(explains))[:40],
            categories=tuple(sorted(names)),
            explains=frozenset(explains),
        )
    ]


def _count(n: int) -> str:
    return "a category" if n == 1 else f"{n} categories"
