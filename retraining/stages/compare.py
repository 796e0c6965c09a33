"""COMPARE: candidate and incumbent on the same rows of the newest golden version, then the gate."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from clients import queries as client_queries
from clients import services as client_services
from clients.models import Alert, Dataset, DatasetVersion
from retraining import artifacts, comparing, evaluation
from retraining.apart import Apart
from retraining.gate import PROMOTE, REJECT, RULE, Gated, judge, sealed_says_no
from retraining.guard import Flow
from retraining.guard_metrics import Confident, Guarded, guard_metrics
from retraining.models import Comparison, Cycle, EvalRun, ModelVersion, State
from retraining.policy import Policy
from retraining.registered import Registered
from retraining.stats.paired import paired_difference
from retraining.step import Step

TO = {
    Comparison.Verdict.PROMOTE: State.PENDING_APPROVAL,
    Comparison.Verdict.REJECT: State.REJECTED,
    Comparison.Verdict.UNDECIDED: State.UNDECIDED,
}
TIMED_RUNS = 7


def run(cycle: Cycle, *, at: datetime) -> Step:
    """Paired comparison of what was registered, per group and category; every attempt is kept."""
    candidate = cycle.candidate
    if candidate is None:
        raise ValueError(f"cycle {cycle.pk} has no candidate to compare")
    registered = comparing.register(cycle, at=at)
    policy = registered.policy(Policy.from_snapshot(cycle.policy))
    golden = client_queries.current_version(model=cycle.model, kind=Dataset.Kind.GOLDEN)
    sealed = evaluation.sealed_of(golden)
    old = evaluation.score_golden(cycle.incumbent, golden)
    new = evaluation.score_golden(candidate, golden)
    seen = comparing.production(cycle)
    metrics = _metrics(cycle, candidate, golden, old, new, policy)
    shown: dict[str, Any] = {
        "attempt": cycle.comparisons.count() + 1,
        "asked": comparing.answered_since(cycle, seen),
        "production": {
            "n": len(seen.before),
            "disagree": seen.disagree,
            "apart": {
                name: [apart.n, apart.differ] for name, apart in seen.apart(registered).items()
            },
            "left": seen.left(registered),
            "flows": {
                name: [flow.n, flow.left, flow.strayed]
                for name, flow in seen.flows(registered).items()
            },
        },
        "guards": [metric.as_dict() for metric in metrics],
    }
    gated = decide(cycle, registered, old, new, shown)
    verdict, reasons = gated.verdict, list(gated.reasons)
    opened = None
    if sealed and verdict == PROMOTE:
        opened = _open_sealed(cycle, candidate, golden, sorted(sealed), policy)
        if opened["says_no"]:
            verdict, reasons = REJECT, [opened["says_no"], *reasons]
    figures = {
        **figures_of(gated),
        **shown,
        "reasons": reasons,
        "rule": RULE,
        "registered": cycle.registered,
        "sealed_rows": sorted(sealed),
        "sealed": opened,
        "golden_use": _uses(cycle, golden, set(() if opened else sealed)),
    }
    if gated.more_labels:
        figures["label_more"] = comparing.label_more(
            cycle,
            seen,
            n=gated.more_labels,
            asks=gated.asks or {},
            target=set(registered.target),
        )

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
            attempt=shown["attempt"],
            incumbent=cycle.incumbent,
            candidate=candidate,
            golden_version=golden,
            verdict=verdict,
            figures=figures,
            created_at=at,
        )
        _alert(cycle, candidate, verdict, reasons[0], at)

    return Step(TO[Comparison.Verdict(verdict)], reasons[0], write)


def _alert(cycle: Cycle, candidate: ModelVersion, verdict: str, reason: str, at: datetime) -> None:
    key = f"gate:{cycle.pk}:{verdict}"
    # What an earlier attempt asked for has been answered.
    client_services.close_alerts(
        model=cycle.model, keys_still_true={key}, prefix=f"gate:{cycle.pk}:", at=at
    )
    if verdict != Comparison.Verdict.REJECT:
        client_services.raise_alert(
            model=cycle.model,
            key=key,
            severity=Alert.Severity.ACT,
            message=f"{candidate} against {cycle.incumbent}: {reason}",
            at=at,
        )


def decide(
    cycle: Cycle,
    registered: Registered,
    old: evaluation.Scored,
    new: evaluation.Scored,
    shown: Mapping[str, Any],
) -> Gated:
    """The gate's verdict on what was registered, from both models' answers and the other figures.

    ``shown`` are the sections of a comparison's figures that the gate was shown besides: attempt,
    asked, production, guards. From a stored comparison it gives the stored verdict again.
    """
    seen = shown.get("production") or {}
    return judge(
        ids=np.array(old.ids, dtype=object),
        labels=old.labels,
        before=old.answers,
        after=new.answers,
        target=registered.target,
        new=registered.new,
        policy=registered.policy(Policy.from_snapshot(cycle.policy)),
        fresh_rows=comparing.fresh_rows(cycle),
        asked={
            question: comparing.as_fresh(rows)
            for question, rows in (shown.get("asked") or {}).items()
            if rows
        },
        moved={name: Flow(*flow) for name, flow in (seen.get("flows") or {}).items()},
        apart={name: Apart(*found) for name, found in (seen.get("apart") or {}).items()},
        left=seen.get("left"),
        attempt=int(shown.get("attempt") or 1),
        growth=registered.growth,
        must_pass=registered.must_pass,
        guards=[m["sentence"] for m in shown.get("guards") or () if m["failed"]],
    )


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


def _open_sealed(
    cycle: Cycle,
    candidate: ModelVersion,
    golden: DatasetVersion,
    rows: list[str],
    policy: Policy,
) -> dict[str, Any]:
    """Both models on the sealed rows: only when all else says promote."""
    before = evaluation.score_golden(cycle.incumbent, golden, rows=rows).correct
    after = evaluation.score_golden(candidate, golden, rows=rows).correct
    found = paired_difference(before=before, after=after, confidence=policy.confidence)
    says_no = sealed_says_no(before=before, after=after, policy=policy)
    return {**found.as_dict(), "says_no": says_no}


def _metrics(
    cycle: Cycle,
    candidate: ModelVersion,
    golden: DatasetVersion,
    old: evaluation.Scored,
    new: evaluation.Scored,
    policy: Policy,
) -> tuple[Guarded, ...]:
    inputs = client_queries.dataset_frame(golden).inputs
    models = artifacts.load(cycle.incumbent), artifacts.load(candidate)
    seconds = np.zeros((2, TIMED_RUNS))
    for turn in range(TIMED_RUNS):
        # In turns, so that a busy machine slows both.
        for side, model in enumerate(models):
            started = time.perf_counter()
            model.predict(inputs)
            seconds[side, turn] = (time.perf_counter() - started) / max(len(inputs), 1)
    return guard_metrics(
        before=Confident(old.correct, np.asarray(old.confidences, dtype=float)),
        after=Confident(new.correct, np.asarray(new.confidences, dtype=float)),
        seconds=(seconds[0], seconds[1]),
        sizes=(cycle.incumbent.artifact_bytes, candidate.artifact_bytes),
        policy=policy,
        seed=cycle.seed,
    )


def _uses(cycle: Cycle, golden: DatasetVersion, unseen: set[str]) -> dict[str, int]:
    """For how many decisions the golden rows were used, this one included: fewest, middle, most."""
    earlier = comparing.golden_uses(cycle.model)
    ids = client_queries.dataset_frame(golden).ids
    counts = sorted(earlier.get(i, 0) + (i not in unseen) for i in ids)
    return {"fewest": counts[0], "median": counts[len(counts) // 2], "most": counts[-1]}
