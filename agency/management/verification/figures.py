"""Eval runs and comparisons: every figure again, from the rows and from the stored models."""

from collections.abc import Mapping
from math import isclose
from typing import Any

import numpy as np

from agency.management.verification.found import Verified
from clients.models import DatasetVersion, MaintainedModel
from clients.queries import Labelled, dataset_frame
from retraining.comparing import registered_of
from retraining.evaluation import Scored, category_figures
from retraining.gate import PROMOTE, REJECT, RULE
from retraining.learners.base import Model
from retraining.models import Comparison, EvalRun
from retraining.policy import Policy
from retraining.registered import sealed_ids
from retraining.stages.compare import decide, figures_of
from retraining.stats.intervals import wilson

Answers = dict[tuple[int, int], tuple[Labelled, np.ndarray]]


def check_eval_runs(model: MaintainedModel, loaded: Mapping[int, Model], found: Verified) -> None:
    """The figures of every run from its rows, and a golden run's rows from dataset and artifact."""
    runs = EvalRun.objects.filter(version__model=model).select_related(
        "version", "golden_version__dataset__model", "cycle"
    )
    answers: Answers = {}
    for run in runs.order_by("pk"):
        scored = _scored(run)
        problems = _from_rows(run, scored)
        learned = loaded.get(run.version_id)
        if run.golden_version is not None and learned is not None:
            problems += _from_model(run, run.golden_version, scored, learned, answers)
        found.check("eval_run", f"{model} {run} (run {run.pk})", problems)


def check_comparisons(model: MaintainedModel, found: Verified) -> None:
    """Every comparison from the rows of the two eval runs that it is made of."""
    comparisons = Comparison.objects.filter(cycle__model=model).select_related(
        "cycle__diagnosis",
        "cycle__candidate",
        "incumbent",
        "candidate__training_version__dataset",
    )
    for comparison in comparisons.order_by("pk"):
        name = f"{model} {comparison} (cycle {comparison.cycle_id}, attempt {comparison.attempt})"
        found.check("comparison", name, _compared(comparison))


def _scored(run: EvalRun) -> Scored:
    rows = list(run.rows.order_by("pk").values_list("row_id", "label", "prediction", "confidence"))
    return Scored(
        [row[0] for row in rows],
        np.array([row[1] for row in rows], dtype=object),
        np.array([row[2] for row in rows], dtype=object),
        np.array([row[3] for row in rows], dtype=float),
    )


def _from_rows(run: EvalRun, scored: Scored) -> list[str]:
    policy = Policy.from_snapshot(run.cycle.policy) if run.cycle else Policy()
    right = int(scored.correct.sum())
    if not len(scored.ids):
        return ["none of its rows is stored"]
    interval = wilson(successes=right, n=len(scored.ids), confidence=policy.confidence)
    problems = [
        f"{name} is {recorded} as recorded, {again} from its rows"
        for name, recorded, again in (
            ("n", run.n, interval.n),
            ("correct", run.correct, right),
            ("low", run.low, interval.low),
            ("high", run.high, interval.high),
        )
        if not _same(recorded, again)
    ]
    marked = dict(run.rows.values_list("row_id", "correct"))
    problems += [
        f"the row {row_id!r} is marked {'right' if marked[row_id] else 'wrong'} and is not"
        for row_id, correct in zip(scored.ids, scored.correct, strict=True)
        if marked[row_id] != bool(correct)
    ]
    if not _same(run.categories, category_figures(scored, policy)):
        problems.append("its figures by category are not those of its rows")
    return problems


def _from_model(
    run: EvalRun, golden: DatasetVersion, scored: Scored, learned: Model, answers: Answers
) -> list[str]:
    key = (run.version_id, golden.pk)
    if key not in answers:
        rows = dataset_frame(golden)
        answers[key] = rows, learned.predict(rows.inputs)[0]
    rows, again = answers[key]
    recorded = dict(zip(scored.ids, zip(scored.labels, scored.answers, strict=True), strict=True))
    problems = []
    # A sealed row is in no run: only a gate's last question looks at it.
    policy = Policy.from_snapshot(run.cycle.policy) if run.cycle else Policy()
    sealed, unseen = sealed_ids(rows.ids, policy=policy), 0
    for row_id, label, answer in zip(rows.ids, rows.labels, again, strict=True):
        if row_id not in recorded and row_id in sealed:
            unseen += 1
            continue
        if row_id not in recorded:
            problems.append(f"the golden row {row_id!r} is not among its rows")
            continue
        label_then, answer_then = recorded[row_id]
        if label != label_then:
            problems.append(
                f"the row {row_id!r} was scored against {label_then!r}, the golden set says {label!r}"
            )
        if str(answer) != answer_then:
            problems.append(
                f"the row {row_id!r} was answered {answer_then!r}, the artifact answers {answer!r}"
            )
    if len(scored.ids) + unseen != golden.rows:
        problems.append(f"{len(scored.ids)} rows were scored, {golden} has {golden.rows}")
    return problems


def _compared(comparison: Comparison) -> list[str]:
    cycle = comparison.cycle
    runs = cycle.eval_runs.filter(
        kind=EvalRun.Kind.GOLDEN, golden_version=comparison.golden_version_id
    )
    old = runs.filter(version=comparison.incumbent_id).order_by("-pk").first()
    new = runs.filter(version=comparison.candidate_id).order_by("-pk").first()
    if old is None or new is None:
        return ["the eval runs that it compares are gone"]
    before, after = _scored(old), _scored(new)
    if list(before.ids) != list(after.ids) or list(before.labels) != list(after.labels):
        return ["the two eval runs are not of the same rows"]
    stored = comparison.figures
    if "registered" not in stored:
        # Made before cycles registered their question: its rows were, its verdict can't be, re-derived.
        return []
    question = registered_of(stored["registered"])
    try:
        gated = decide(cycle, question, before, after, stored)
    except Exception as error:
        return [f"the fresh rows cannot be answered again: {error}"]
    verdict, sealed = gated.verdict, stored.get("sealed")
    if verdict == PROMOTE and sealed and sealed["broken"] > sealed["fixed"]:
        verdict = REJECT
    again = figures_of(gated)
    problems = [
        f"{section} is not what the rows give"
        for section in ("overall", "groups", "categories", "fixed_rows", "broken_rows")
        if not _same(stored.get(section), again[section])
    ]
    if stored.get("rule") != RULE:
        # Judged when the gate's rule was another one: the rows stand.
        return problems
    # Fresh rows were asked where a guard tripped; with some of them erased the answer may differ.
    if comparison.verdict != verdict and not _erased(comparison):
        problems.append(
            f"the verdict was {comparison.verdict}, the gate says {verdict} of the same rows"
        )
    return problems


def _erased(comparison: Comparison) -> bool:
    rows = comparison.candidate.training_version.dataset.all_rows
    return rows.filter(input__isnull=True).exists()


def _same(one: Any, other: Any) -> bool:
    """Equal; floats up to what a database may do to their last digits."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return (
            isinstance(one, (int, float))
            and isinstance(other, (int, float))
            and isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
        )
    return bool(one == other)
