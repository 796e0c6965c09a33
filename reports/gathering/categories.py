"""Which categories got better or worse, on which rows, and which have too few rows to say."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reports import facts as f
from reports.gathering.figures import rate
from reports.gathering.month import ModelMonth
from reports.gathering.time_line import golden_run
from reports.text import name
from retraining.models import Comparison, Cycle, EvalRun
from retraining.policy import Policy
from retraining.stats.intervals import rate_difference, wilson
from retraining.stats.multiplicity import benjamini_hochberg
from retraining.stats.paired import paired_difference

# Of the categories that are called better or worse, this share may be so by chance.
FALSE_SHARE = 0.05
_RANK = {"worse": 0, "new": 1, "better": 2, "same": 3, "thin": 4}
Judged = tuple[f.Category, float | None, bool]
"""A category, the p-value of its change, and whether the gate's guard calls it a loss."""


def categories(month: ModelMonth) -> f.Categories | None:
    """Two versions where one went live, else this month beside the last, else the reference rows."""
    live = [c for c in month.cycles if c.state == "live"]
    if live:
        comparison = live[-1].comparisons.order_by("-attempt").first()
        if comparison is not None and comparison.figures.get("categories"):
            return _of_comparison(comparison, month.policy)
    audits = [_audit_run(cycles) for cycles in (month.before, month.cycles)]
    if audits[0] is not None and audits[1] is not None:
        return _of_audits(audits[0], audits[1], month)
    return _of_golden(month)


def _of_comparison(comparison: Comparison, policy: Policy) -> f.Categories:
    known = set(comparison.incumbent.categories)
    judged = [
        _paired(section, policy, new=section["category"] not in known)
        for section in comparison.figures["categories"]
    ]
    return _ranked(
        "comparison",
        comparison.incumbent.name,
        comparison.candidate.name,
        judged,
        policy,
    )


def _paired(section: Mapping[str, Any], policy: Policy, *, new: bool) -> Judged:
    """One category of a comparison: right before and after, of the same n rows.

    A category that the incumbent did not know is new, not better: it is what the retrain was for,
    and none of the many looks that the others are.
    """
    n, fixed, broken = int(section["n"]), int(section["fixed"]), int(section["broken"])
    right = round(float(section["before"]) * n)
    both, neither = right - broken, n - right - fixed
    before = np.repeat([True, True, False, False], [both, broken, fixed, neither])
    after = np.repeat([True, False, True, False], [both, broken, fixed, neither])
    change = paired_difference(before=before, after=after, confidence=policy.confidence)
    rates = [
        rate(wilson(successes=k, n=n, confidence=policy.confidence).as_dict())
        for k in (right, right - broken + fixed)
    ]
    moved = f.Difference(change.delta, change.low, change.high, n, fixed, broken)
    if new:
        return f.Category(name(section["category"]), rates[0], rates[1], moved, "new"), None, False
    row = f.Category(name(section["category"]), rates[0], rates[1], moved, "same")
    return row, change.p_value, bool(section.get("guard"))


def _of_audits(before: EvalRun, after: EvalRun, month: ModelMonth) -> f.Categories:
    policy = month.policy
    judged: list[Judged] = []
    for category in sorted({*before.categories, *after.categories}):
        old, new = (rate(run.categories.get(category)) for run in (before, after))
        if old is None or new is None:
            verdict = "new" if old is None else "thin"
            judged.append((f.Category(name(category), old, new, None, verdict), None, False))
            continue
        change = rate_difference(
            before_successes=round(old.estimate * old.n),
            before_n=old.n,
            after_successes=round(new.estimate * new.n),
            after_n=new.n,
            confidence=policy.confidence,
        )
        moved = f.Difference(change.delta, change.low, change.high, None, None, None)
        judged.append((f.Category(name(category), old, new, moved, "same"), change.p_value, False))
    labels = [f"{month.month_of(run.cycle):%Y-%m}" for run in (before, after) if run.cycle]
    return _ranked("audit", labels[0], labels[1], judged, policy)


def _of_golden(month: ModelMonth) -> f.Categories | None:
    """The reference rows of the last check, or of the launch."""
    run = None
    if month.cycles:
        run = golden_run(month.cycles[-1], month.cycles[-1].incumbent_id)
    if run is None and month.rollouts:
        version = month.rollouts[-1].version
        run = version.eval_runs.filter(kind=EvalRun.Kind.GOLDEN).order_by("-pk").first()
    if run is None:
        return None
    judged: list[Judged] = [
        (f.Category(name(category), None, rate(section), None, "same"), None, False)
        for category, section in run.categories.items()
        if rate(section)
    ]
    return _ranked("golden", "", run.version.name, judged, month.policy)


def _audit_run(cycles: Sequence[Cycle]) -> EvalRun | None:
    """The last of these cycles' runs on randomly drawn rows."""
    return (
        EvalRun.objects.filter(cycle__in=cycles, kind=EvalRun.Kind.AUDIT)
        .select_related("cycle", "version")
        .order_by("cycle__window_end", "pk")
        .last()
    )


def _ranked(
    basis: str, before: str, after: str, judged: Sequence[Judged], policy: Policy
) -> f.Categories:
    """Verdicts with the false ones among many looks held down; what moved comes first."""
    corrected = iter(
        benjamini_hochberg([p for row, p, _ in judged if p is not None and _enough(row, policy)])
    )
    rows = []
    for row, p_value, guard in judged:
        verdict = row.verdict
        if not _enough(row, policy) or row.after is None:
            verdict = "thin"
        elif p_value is not None and row.difference is not None:
            proven = float(next(corrected)) <= FALSE_SHARE
            if guard or (proven and row.difference.delta < 0):
                verdict = "worse"
            elif proven and row.difference.delta > 0:
                verdict = "better"
        rows.append(f.Category(row.name, row.before, row.after, row.difference, verdict))
    rows.sort(key=_order)
    return f.Categories(basis, before, after, policy.category_min_n, tuple(rows))


def _enough(row: f.Category, policy: Policy) -> bool:
    rates = [r for r in (row.before, row.after) if r is not None]
    return bool(rates) and all(r.n >= policy.category_min_n for r in rates)


def _order(row: f.Category) -> tuple[int, float, str]:
    delta = row.difference.delta if row.difference else 0.0
    level = row.after.estimate if row.after else 1.0
    key = {"worse": delta, "better": -delta}.get(row.verdict, level)
    return _RANK[row.verdict], key, row.name
