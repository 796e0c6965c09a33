"""Asked of scored runs: every figure from the answers to single rows, not from stored totals."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from reports.gathering import categories
from reports.gathering.sources import Again, Asked, query
from retraining.comparing import registered_of
from retraining.evaluation import Scored, category_figures
from retraining.guard import category_figures as guarded
from retraining.models import Comparison, EvalRun
from retraining.policy import Policy
from retraining.stats.intervals import wilson
from retraining.stats.paired import paired_difference

Parts = Mapping[str, str]


@query("scored_rows")
def scored_rows(asked: Asked, parts: Parts, record: Any) -> Again:
    """The share of a run's rows that were answered right, with its interval."""
    run = _run(asked, parts["eval_run"])
    scored = _scored(asked, run)
    policy = Policy.from_snapshot(run.cycle.policy) if run.cycle else Policy()
    right, n = int(scored.correct.sum()), len(scored.ids)
    found = wilson(successes=right, n=n, confidence=policy.confidence)
    golden = run.golden_version.number if run.golden_version else None
    return Again({**found.as_dict(), "golden_version": golden}, found.n)


@query("paired_rows")
def paired_rows(asked: Asked, parts: Parts, record: Any) -> Again:
    """After minus before on the same rows: all of a comparison's, or one of its groups."""
    comparison = _comparison(asked, parts["comparison"])
    labels, before, after = _pairs(asked, comparison)
    group, stored = parts["group"], comparison.figures.get("registered")
    if group != "overall" and stored is None:
        # Made before cycles registered their question: which rows it was about stands in its record.
        section = comparison.figures["groups"][group]
        return Again(section, section["n"])
    policy = Policy.from_snapshot(comparison.cycle.policy)
    mask = np.ones(len(labels), dtype=bool)
    if stored is not None:
        question = registered_of(stored)
        policy = question.policy(policy)
        born = np.isin(labels, sorted(question.new))
        wanted = np.isin(labels, sorted(question.target))
        mask = {"new": born, "target": wanted, "protected": ~wanted & ~born}.get(group, mask)
    found = paired_difference(before=before[mask], after=after[mask], confidence=policy.confidence)
    return Again(found.as_dict(), found.n)


@query("categories_compared")
def categories_compared(asked: Asked, parts: Parts, record: Any) -> Again:
    """Two versions category by category, on a comparison's rows."""
    comparison, month = _comparison(asked, parts["comparison"]), asked.month(parts)
    labels, before, after = _pairs(asked, comparison)
    policy = Policy.from_snapshot(comparison.cycle.policy)
    if stored := comparison.figures.get("registered"):
        policy = registered_of(stored).policy(policy)
    sections = [guarded(str(label), labels, before, after, policy) for label in sorted(set(labels))]
    return Again(asdict(categories.compared(comparison, sections, month)))


@query("categories_audited")
def categories_audited(asked: Asked, parts: Parts, record: Any) -> Again:
    """Two months category by category, on the checked rows of each."""
    runs = [_run(asked, parts[key]) for key in ("eval_run", "eval_run'")]
    before, after = ((run, _by_category(asked, run)) for run in runs)
    return Again(asdict(categories.audited(before, after, asked.month(parts))))


@query("categories_scored")
def categories_scored(asked: Asked, parts: Parts, record: Any) -> Again:
    """One version category by category, on the golden rows."""
    run = _run(asked, parts["eval_run"])
    return Again(asdict(categories.referenced(run, _by_category(asked, run), asked.month(parts))))


def _run(asked: Asked, pk: str) -> EvalRun:
    runs = EvalRun.objects.select_related("version", "golden_version", "cycle")
    return runs.get(pk=int(pk), version__model__client=asked.client)


def _comparison(asked: Asked, pk: str) -> Comparison:
    comparisons = Comparison.objects.select_related("cycle", "incumbent", "candidate")
    return comparisons.get(pk=int(pk), cycle__model__client=asked.client)


def _scored(asked: Asked, run: EvalRun) -> Scored:
    """The run's answers, read once a report. Raises ``ValueError`` where none is stored."""
    key = f"run {run.pk}"
    if key not in asked.kept:
        rows = list(run.rows.order_by("pk").values_list("row_id", "label", "prediction"))
        if not rows:
            raise ValueError(f"none of the rows of run {run.pk} is stored")
        ids, labels, answers = (
            np.array(column, dtype=object) for column in zip(*rows, strict=True)
        )
        asked.kept[key] = Scored(list(ids), labels, answers, np.ones(len(ids)))
    found: Scored = asked.kept[key]
    return found


def _by_category(asked: Asked, run: EvalRun) -> dict[str, dict[str, Any]]:
    policy = Policy.from_snapshot(run.cycle.policy) if run.cycle else Policy()
    return category_figures(_scored(asked, run), policy)


def _pairs(asked: Asked, comparison: Comparison) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels (n,), and right or wrong before and after (n,), of the rows that it was made on.

    Both runs hold the golden rows in one order; the ids of erased ones no longer tell them apart.
    """
    runs = EvalRun.objects.filter(
        cycle=comparison.cycle_id,
        kind=EvalRun.Kind.GOLDEN,
        golden_version=comparison.golden_version_id,
    ).order_by("created_at", "pk")
    sides = []
    for version in (comparison.incumbent_id, comparison.candidate_id):
        # The attempt's own runs, not those of a later look at the same candidate.
        own = [r for r in runs.filter(version=version) if r.created_at <= comparison.created_at]
        if not own:
            raise ValueError(f"the runs of comparison {comparison.pk} are not stored")
        sides.append(_scored(asked, own[-1]))
    old, new = sides
    if list(old.labels) != list(new.labels):
        raise ValueError(f"the runs of comparison {comparison.pk} are not of the same rows")
    return old.labels.astype(str), old.correct, new.correct
