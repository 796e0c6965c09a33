"""COMPARE: candidate and incumbent on the same rows of the newest golden version, then the gate."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import numpy as np

from clients import queries as client_queries
from clients import services as client_services
from clients.models import Alert, Dataset
from retraining import artifacts, evaluation
from retraining.evidence import logged_rows
from retraining.gate import Gated, judge
from retraining.guard import Fresh
from retraining.models import Comparison, Cycle, EvalRun, State
from retraining.policy import Policy
from retraining.step import Step

TO = {
    Comparison.Verdict.PROMOTE: State.PENDING_APPROVAL,
    Comparison.Verdict.REJECT: State.REJECTED,
    Comparison.Verdict.UNDECIDED: State.UNDECIDED,
}


def run(cycle: Cycle, *, at: datetime) -> Step:
    """Paired comparison, per group and category; every attempt is kept."""
    candidate = cycle.candidate
    if candidate is None:
        raise ValueError(f"cycle {cycle.pk} has no candidate to compare")
    policy = Policy.from_snapshot(cycle.policy)
    golden = client_queries.current_version(model=cycle.model, kind=Dataset.Kind.GOLDEN)
    old = evaluation.score_golden(cycle.incumbent, golden)
    new = evaluation.score_golden(candidate, golden)
    fresh = set(candidate.categories) - set(cycle.incumbent.categories)
    findings = cycle.diagnosis.findings
    target = (fresh | set(findings["weak_categories"])) & set(old.labels)
    gated = judge(
        ids=np.array(old.ids, dtype=object),
        labels=old.labels,
        before=old.answers,
        after=new.answers,
        target=target,
        new=fresh,
        policy=policy,
        fresh_rows=fresh_rows(cycle),
    )
    figures = figures_of(gated)
    if gated.more_labels:
        figures["label_more"] = {
            "n": gated.more_labels,
            "rows": rows_to_label(cycle, gated.more_labels, gated.lost),
        }

    def write() -> None:
        for version, scored in ((cycle.incumbent, old), (candidate, new)):
            evaluation.record(
                scored,
                version=version,
                kind=EvalRun.Kind.GOLDEN,
                policy=policy,
                at=at,
                golden=golden,
                cycle=cycle,
            )
        Comparison.objects.create(
            cycle=cycle,
            attempt=cycle.comparisons.count() + 1,
            incumbent=cycle.incumbent,
            candidate=candidate,
            golden_version=golden,
            verdict=gated.verdict,
            figures=figures,
            created_at=at,
        )
        key = f"gate:{cycle.pk}:{gated.verdict}"
        # What an earlier attempt asked for has been answered.
        client_services.close_alerts(
            model=cycle.model, keys_still_true={key}, prefix=f"gate:{cycle.pk}:", at=at
        )
        if gated.verdict != Comparison.Verdict.REJECT:
            client_services.raise_alert(
                model=cycle.model,
                key=key,
                severity=Alert.Severity.ACT,
                message=f"{candidate} against {cycle.incumbent}: {gated.reasons[0]}",
                at=at,
            )

    return Step(TO[Comparison.Verdict(gated.verdict)], gated.reasons[0], write)


def figures_of(gated: Gated) -> dict[str, Any]:
    """The comparison's sections of the contract, with the reasons and the rows by id."""
    return {
        "overall": gated.overall.as_dict(),
        "groups": {
            name: group.as_dict() if group else None for name, group in gated.groups.items()
        },
        "categories": list(gated.categories),
        "fixed_rows": list(gated.fixed_rows),
        "broken_rows": list(gated.broken_rows),
        "reasons": list(gated.reasons),
        "label_more": None,
    }


def fresh_rows(cycle: Cycle) -> Fresh | None:
    """Reviewed training rows that the incumbent never saw: its answers, and the candidate's out of
    fold."""
    run = cycle.eval_runs.filter(kind=EvalRun.Kind.OUT_OF_FOLD, version=cycle.candidate).last()
    if run is None or cycle.candidate is None:
        return None
    answers = dict(run.rows.values_list("row_id", "prediction"))
    rows = client_queries.dataset_frame(cycle.candidate.training_version)
    mask = np.isin(np.array(rows.ids, dtype=str), list(answers))
    before, _ = artifacts.load(cycle.incumbent).predict(rows.inputs[mask].reset_index(drop=True))
    after = [answers[row_id] for row_id in rows.ids if row_id in answers]
    return Fresh(labels=rows.labels[mask], before=before, after=np.array(after, dtype=object))


def rows_to_label(cycle: Cycle, n: int, lost: Collection[str] = ()) -> list[str]:
    """Unlabelled rows of the window on which the two disagree, the most confident pairs first.

    Only a row that one of them gets right and the other wrong can decide a paired test. Where a
    category's loss is in doubt, rows that either of them takes for it come first.
    """
    rows = logged_rows(
        cycle.model, start=cycle.window_start, end=cycle.window_end, repaired=cycle.incumbent
    )
    rows = rows.where(~rows.labelled)
    if not len(rows) or cycle.candidate is None:
        return []
    one, sure = artifacts.load(cycle.incumbent).predict(rows.inputs)
    other, sure_too = artifacts.load(cycle.candidate).predict(rows.inputs)
    about = np.isin(one.astype(str), sorted(lost)) | np.isin(other.astype(str), sorted(lost))
    order = np.argsort(-(sure + sure_too) - 10.0 * (one != other) - 100.0 * about, kind="stable")
    return [str(row_id) for row_id in rows.rows["id"].to_numpy()[order[:n]]]
