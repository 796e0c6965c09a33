"""Clients with a year behind them, as the loop would have left it, for `bench/reports.py`."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

MONTH = date(2025, 12, 1)
LAUNCH = datetime(2025, 1, 1, tzinfo=UTC)
AFTER = datetime(2026, 1, 2, tzinfo=UTC)
MONTHS = [datetime(2025 + m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in range(13)]
ROWS_A_DAY = 40


def fill(clients: int, categories: int) -> list[int]:
    """So many clients with one model each: twelve checks, the last of which put a version live.
    Returns their numbers."""
    from clients import models as c

    first = c.Client.objects.count()
    made = []
    for i in range(first, first + clients):
        client = c.Client.objects.create(
            slug=f"client-{i}",
            name=f"Client number {i}",
            domain="finance",
            language="de" if i % 3 == 2 else "en",
            timezone="Europe/Berlin",
            created_at=LAUNCH,
        )
        _model(client, [f"category_{k:03d}_of_the_help_desk" for k in range(categories)], i)
        made.append(client.pk)
    return made


def _model(client: Any, names: list[str], seed: int) -> None:
    from clients import models as c
    from retraining import models as r
    from retraining.policy import Policy

    rng = np.random.default_rng(seed)
    model = c.MaintainedModel.objects.create(
        client=client,
        slug="intents",
        name="Help-desk intents",
        task="text",
        tier=c.Tier.objects.get(slug="premium"),
        schema={"task": "text", "fields": [], "categories": names},
        created_at=LAUNCH,
    )
    training, golden = (_dataset(model, kind) for kind in ("training", "golden"))
    old, new = (_version(model, number, training, names) for number in (0, 1))
    r.Rollout.objects.create(
        model=model, version=old, started_at=LAUNCH, ended_at=MONTHS[12], by="ana", reason="launch"
    )
    policy = Policy().snapshot()
    for start, end in pairwise(MONTHS):
        last = end == MONTHS[12]
        cycle = r.Cycle.objects.create(
            model=model,
            state="live" if last else "healthy",
            window_start=start,
            window_end=end,
            policy=policy,
            tier={},
            seed=1,
            incumbent=old,
            candidate=new if last else None,
            collected={"proposed": 140, "accepted": 120, "rejected": {"golden_copy": 20}},
            created_at=end,
        )
        runs = {
            "golden": _run(old, cycle, names, rng, golden=golden),
            "audit": _run(old, cycle, names, rng),
        }
        cycle.monitor = {
            **{
                kind: {
                    "estimate": run.estimate,
                    "low": run.low,
                    "high": run.high,
                    "n": run.n,
                    "version": 1 if kind == "golden" else None,
                }
                for kind, run in runs.items()
            },
            "signals": [{"name": "prediction_psi", "value": 0.3, "tripped": last}],
        }
        cycle.save()
        r.Diagnosis.objects.create(
            cycle=cycle,
            verdict="retrain" if last else "no_action",
            findings=_findings(names, end) if last else {"causes": []},
            created_at=end,
        )
    _went_live(cycle, old, new, golden, names, rng)
    _rows_of_the_month(model, old)


def _dataset(model: Any, kind: str) -> Any:
    from clients import models as c

    values = {"sha256": "ab" * 32, "rows": 600, "added": 600, "removed": 0, "created_at": LAUNCH}
    dataset = c.Dataset.objects.create(model=model, kind=kind)
    return c.DatasetVersion.objects.create(dataset=dataset, number=1, by="ana", **values)


def _version(model: Any, number: int, training: Any, names: list[str]) -> Any:
    from retraining import models as r

    return r.ModelVersion.objects.create(
        model=model,
        number=number,
        training_version=training,
        artifact_sha256=f"{number:064x}",
        artifact_bytes=1,
        learner="text",
        arm="scratch",
        arms=[],
        parameters={},
        categories=names,
        reference={},
        library_versions={},
        seed=1,
        created_at=LAUNCH,
    )


def _run(version: Any, cycle: Any, names: list[str], rng: Any, *, golden: Any = None) -> Any:
    from retraining import models as r
    from retraining.stats.intervals import wilson

    each = 12
    right = rng.binomial(each, 0.85, size=len(names))
    told = wilson(successes=int(right.sum()), n=each * len(names), confidence=0.95)
    return r.EvalRun.objects.create(
        version=version,
        cycle=cycle,
        kind="golden" if golden else "audit",
        golden_version=golden,
        n=told.n,
        correct=int(right.sum()),
        low=told.low,
        high=told.high,
        categories={
            name: wilson(successes=int(k), n=each, confidence=0.95).as_dict()
            for name, k in zip(names, right, strict=True)
        },
        created_at=cycle.window_end,
    )


def _findings(names: list[str], end: datetime) -> dict[str, Any]:
    since = (end - timedelta(days=20)).date().isoformat()
    evidence = f"People used 2 labels that the model does not know: {names[0]} (21 rows)."
    return {
        "causes": [{"cause": "new_category", "evidence": evidence, "since": since}],
        "new_categories": names[:2],
        "weak_categories": [],
    }


def _went_live(cycle: Any, old: Any, new: Any, golden: Any, names: list[str], rng: Any) -> None:
    from retraining import models as r

    _run(new, cycle, names, rng, golden=golden)
    n, fixed, broken = 12, rng.integers(0, 5, len(names)), rng.integers(0, 2, len(names))
    whole = {"delta": 0.1, "low": 0.05, "high": 0.15, "n": n * len(names), "fixed": 30, "broken": 5}
    sections = [
        {
            "category": name,
            "n": n,
            "before": 0.5,
            "after": (6 + int(up) - int(down)) / n,
            "fixed": int(up),
            "broken": int(down),
            "guard": i == 3,
        }
        for i, (name, up, down) in enumerate(zip(names, fixed, broken, strict=True))
    ]
    groups = {"new": whole, "target": whole, "protected": whole}
    r.Comparison.objects.create(
        cycle=cycle,
        attempt=1,
        incumbent=old,
        candidate=new,
        golden_version=golden,
        verdict="promote",
        figures={
            "overall": whole,
            "groups": groups,
            "categories": sections,
            "reasons": ["30 rows fixed against 5 broken."],
        },
        created_at=cycle.window_end,
    )
    signed = {"by": "anna", "reason": "Knows the new categories."}
    r.Decision.objects.create(cycle=cycle, kind="approve", at=cycle.window_end, **signed)
    r.Rollout.objects.create(
        model=cycle.model, version=new, cycle=cycle, started_at=cycle.window_end, **signed
    )


def _rows_of_the_month(model: Any, baseline: Any) -> None:
    """The days as profiled; the rows themselves are read by nobody then."""
    from clients.models import LogDay
    from retraining.models import DailyProfile
    from retraining.profiles.counts import Counts

    days = [MONTH + timedelta(days=i) for i in range(31)]
    owner: dict[str, Any] = {"client_id": model.client_id, "model": model}
    LogDay.objects.bulk_create(
        LogDay(day=day, changes=1, profiled=1, changed_at=AFTER, **owner) for day in days
    )
    DailyProfile.objects.bulk_create(
        DailyProfile(
            day=day,
            baseline=baseline,
            kind="given",
            version="v1.0",
            rows=ROWS_A_DAY,
            counts=Counts().as_json(),
            changes=1,
            **owner,
        )
        for day in days
    )
