"""Which categories got better or worse, on which rows, and which have too few rows to say."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reports import facts as f
from reports.gathering.figures import rate
from reports.gathering.month import ModelMonth
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
Figures = Mapping[str, Mapping[str, Any]]
Measured = tuple[EvalRun, Figures]
"""A scored run and its figures by category."""


def categories(month: ModelMonth) -> f.Categories | None:
    """Two versions where one went live, else this month beside the last, else the reference rows."""
    live = [c for c in month.cycles if c.state == "live"]
    if live:
        comparison = live[-1].comparisons.order_by("-attempt").first()
        if comparison is not None and comparison.figures.get("categories"):
            return compared(comparison, comparison.figures["categories"], month)
    before, after = (_audit_run(cycles) for cycles in (month.before, month.cycles))
    if before is not None and after is not None:
        return audited((before, before.categories), (after, after.categories), month)
    run = _reference(month)
    return referenced(run, run.categories, month) if run is not None else None


def compared(
    comparison: Comparison, sections: Sequence[Mapping[str, Any]], month: ModelMonth
) -> f.Categories:
    """Two versions on the same golden rows; a section a category, as the gate stores them."""
    known = set(comparison.incumbent.categories)
    judged = [
        _paired(section, month.policy, new=section["category"] not in known) for section in sections
    ]
    names = comparison.incumbent.name, comparison.candidate.name
    source = f.Source("categories_compared", f"comparison {comparison.pk} {month.label}")
    return _ranked("comparison", *names, judged, month.policy, source)


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


def audited(before: Measured, after: Measured, month: ModelMonth) -> f.Categories:
    """This month's checked rows beside those of the month before: other rows, so no pairs."""
    policy = month.policy
    judged: list[Judged] = []
    for category in sorted({*before[1], *after[1]}):
        old, new = (rate(figures.get(category)) for _, figures in (before, after))
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
    labels = [f"{month.month_of(run.cycle):%Y-%m}" for run, _ in (before, after) if run.cycle]
    runs = f"eval_run {before[0].pk} eval_run {after[0].pk}"
    source = f.Source("categories_audited", f"{runs} {month.label}")
    return _ranked("audit", labels[0], labels[1], judged, policy, source)


def _reference(month: ModelMonth) -> EvalRun | None:
    """The reference rows of the last check, or of the launch."""
    run = None
    if month.cycles:
        run = month.golden_run(month.cycles[-1], month.cycles[-1].incumbent_id)
    if run is None and month.rollouts:
        version = month.rollouts[-1].version
        run = version.eval_runs.filter(kind=EvalRun.Kind.GOLDEN).order_by("-pk").first()
    return run


def referenced(run: EvalRun, figures: Figures, month: ModelMonth) -> f.Categories:
    """One version on the golden rows, with nothing to set it beside."""
    judged: list[Judged] = [
        (f.Category(name(category), None, rate(section), None, "same"), None, False)
        for category, section in figures.items()
        if rate(section)
    ]
    source = f.Source("categories_scored", f"eval_run {run.pk} {month.label}")
    return _ranked("golden", "", run.version.name, judged, month.policy, source)


def _audit_run(cycles: Sequence[Cycle]) -> EvalRun | None:
    """The last of these cycles' runs on randomly drawn rows."""
    return (
        EvalRun.objects.filter(cycle__in=cycles, kind=EvalRun.Kind.AUDIT)
        .select_related("cycle", "version")
        .order_by("cycle__window_end", "pk")
        .last()
    )


def _ranked(
    basis: str,
    before: str,
    after: str,
    judged: Sequence[Judged],
    policy: Policy,
    source: f.Source,
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
    return f.Categories(basis, before, after, policy.category_min_n, tuple(rows), source)


def _enough(row: f.Category, policy: Policy) -> bool:
    rates = [r for r in (row.before, row.after) if r is not None]
    return bool(rates) and all(r.n >= policy.category_min_n for r in rates)


def _order(row: f.Category) -> tuple[int, float, str]:
    delta = row.difference.delta if row.difference else 0.0
    level = row.after.estimate if row.after else 1.0
    key = {"worse": delta, "better": -delta}.get(row.verdict, level)
    return _RANK[row.verdict], key, row.name
