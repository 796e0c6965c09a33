"""Rows of a client's month, as the loop would have left them."""

from datetime import UTC, date, datetime

from reports import queries
from retraining.models import Comparison, Decision, Diagnosis, EvalRun, Rollout, State
from tests import factories as make

MARCH = date(2025, 3, 1)
AFTER = datetime(2025, 4, 2, tzinfo=UTC)
GOLDEN = {"estimate": 0.9, "low": 0.83, "high": 0.94, "n": 100, "version": 1}
AUDIT = {"estimate": 0.66, "low": 0.55, "high": 0.75, "n": 92, "kind": "review"}
SIGNALS = [{"name": "prediction_psi", "value": 0.31, "critical": 0.12, "tripped": True}]
FOUND = {
    "causes": [
        {"cause": "new_category", "evidence": "People ask for refunds.", "since": "2025-03-02"}
    ],
    "new_categories": ["refund"],
    "weak_categories": [],
    "suspect_fields": [],
    "suspect_segments": [],
    "excluded_days": [["2025-03-11", "2025-03-15"]],
    "untrusted_signals": [],
    "opportunity": None,
}


def checked(model, version, *, state=State.HEALTHY, verdict="no_action", **fields):
    values = {"window_end": datetime(2025, 3, 31, 22, 0, tzinfo=UTC), **fields}
    cycle = make.CycleFactory(
        model=model,
        incumbent=version,
        state=state,
        monitor={"golden": GOLDEN, "audit": AUDIT, "signals": SIGNALS},
        **values,
    )
    found = FOUND if verdict == "retrain" else {**FOUND, "causes": [], "new_categories": []}
    Diagnosis.objects.create(cycle=cycle, verdict=verdict, findings=found, created_at=AFTER)
    return cycle


def deployed(model, version, golden):
    """A cycle that trained v1.1, compared it and put it live."""
    cycle = checked(model, version, state=State.LIVE, verdict="retrain")
    candidate = make.ModelVersionFactory(model=model, number=1, parent=version)
    cycle.candidate = candidate
    cycle.collected = {"proposed": 20, "accepted": 15, "rejected": {"golden_copy": 5}}
    cycle.save()
    for each, right in ((version, 70), (candidate, 86)):
        EvalRun.objects.create(
            version=each,
            kind="golden",
            golden_version=golden,
            cycle=cycle,
            n=100,
            correct=right,
            low=0.6,
            high=0.9,
            categories={},
            created_at=AFTER,
        )
    section = {"delta": 0.16, "low": 0.09, "high": 0.23, "n": 100, "fixed": 18, "broken": 2}
    names = [
        ("billing", 30, 0.9, 0.93, 1, 0, False),
        ("delivery", 30, 0.9, 0.6, 0, 9, True),
        ("login", 36, 0.3, 0.8, 18, 0, False),
        ("refund", 4, 0.0, 0.5, 2, 0, False),
    ]
    keys = ("category", "n", "before", "after", "fixed", "broken", "guard")
    Comparison.objects.create(
        cycle=cycle,
        attempt=1,
        incumbent=version,
        candidate=candidate,
        golden_version=golden,
        verdict="promote",
        figures={
            "overall": section,
            "groups": {"new": None, "target": section, "protected": None},
            "categories": [dict(zip(keys, row, strict=True)) for row in names],
            "reasons": ["Better on the target."],
            "label_more": None,
        },
        created_at=AFTER,
    )
    Decision.objects.create(
        cycle=cycle, kind="approve", by="anna", reason="Knows refunds.", at=AFTER
    )
    at = datetime(2025, 3, 31, 22, 0, tzinfo=UTC)
    Rollout.objects.filter(version=version).update(ended_at=at)
    make.RolloutFactory(
        version=candidate, cycle=cycle, started_at=at, by="anna", reason="Knows refunds."
    )
    return cycle


def gathered(model, at=AFTER):
    return queries.gather(client=model.client, month=MARCH, at=at)
