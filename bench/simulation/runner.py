"""Plays a stream through the diagnosis, month by month, with the memory that cycles have."""

import traceback
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from bench.simulation import baselines
from bench.simulation.month import Month
from bench.simulation.naming import named_right
from bench.simulation.plants import Plant, right_verdicts
from bench.simulation.streams import Stream, play
from retraining.causes.evidence import Evidence, Finding, Rows
from retraining.causes.history import Check, judged, settled
from retraining.causes.registry import Diagnosed, diagnose
from retraining.policy import Policy

CRASHED = "crashed"
LOOK_BACK = pd.Timedelta(days=92)


@dataclass
class Memory:
    """The months that were played, and what was found in them."""

    rows: list[Rows]
    checks: list[Check]

    def before(self, start: pd.Timestamp) -> Rows | None:
        if not self.rows:
            return None
        frames = zip(*((r.rows, r.inputs, r.context, r.signals) for r in self.rows), strict=True)
        all_rows = Rows(*(pd.concat(parts, ignore_index=True) for parts in frames))
        return all_rows.where(all_rows.rows["timestamp"] >= start - LOOK_BACK)


def evidence_of(month: Month, memory: Memory) -> Evidence:
    """What a cycle at the end of the month would gather."""
    launch, now = month.launch, month.rows()
    before = memory.before(pd.Timestamp(month.first, tz="UTC"))
    before = before if before is not None else now.where(np.zeros(len(now), dtype=bool))
    keep, healthy = judged(memory.checks, before)
    return Evidence(
        policy=Policy(),
        spec=launch.world.spec,
        categories=tuple(launch.model.categories),
        days=tuple(month.date_of(day) for day in range(month.days)),
        now=now,
        before=before.where(keep),
        healthy=healthy[keep],
        training_inputs=launch.training,
        training_labels=launch.labels,
        predict=launch.model.predict,
        golden_accuracy=launch.golden_accuracy,
        events=tuple(month.events),
        seed=month.number,
        settled=settled(memory.checks, now),
    )


def check_of(month: Month, found: Diagnosed) -> Check:
    """What the next cycle will know of this one."""
    start = pd.Timestamp(month.first, tz="UTC")
    stop = start + pd.Timedelta(days=month.days)
    return Check(
        findings=found.as_dict(),
        start=start.to_pydatetime(),
        stop=stop.to_pydatetime(),
        end_day=month.first + timedelta(days=month.days),
    )


def run(stream: Stream) -> list[dict[str, Any]]:
    """A row a month: what was planted, what was right, what we said and the baselines said."""
    memory = Memory([], [])
    results = []
    for month, plants in play(stream):
        evidence = evidence_of(month, memory)
        found = _diagnosed(evidence)
        results.append(
            {
                "stream": stream.name,
                "kind": stream.kind,
                "world": month.launch.world.name,
                "month": month.number,
                "rows": len(month),
                "accuracy": round(
                    float((evidence.now.rows["prediction"] == month.facts["truth"]).mean()), 4
                ),
                "plants": [_shown(plant) for plant in plants],
                "right": sorted(right_verdicts(plants)),
                "ours": found.verdict,
                "causes": [f.cause if f.acts else f"({f.cause})" for f in found.findings],
                "evidence": [f.evidence for f in found.findings],
                "named": named_right(month, plants, found),
                **baselines.verdicts(
                    evidence.now, memory.rows, launch_accuracy=evidence.golden_accuracy
                ),
            }
        )
        memory.rows.append(evidence.now)
        memory.checks.append(check_of(month, found))
    return results


def _diagnosed(evidence: Evidence) -> Diagnosed:
    """The diagnosis; one that fails is a verdict of its own, wrong wherever it is given."""
    try:
        return diagnose(evidence)
    except Exception:
        where = traceback.format_exc(limit=-2).replace("\n", " ")
        return Diagnosed(CRASHED, (Finding("crashed", where, "", 1.0),))


def _shown(plant: Plant) -> dict[str, Any]:
    hidden = ("mapping", "stands", "whatever", "inside", "days")
    details = {k: v for k, v in plant.details.items() if not k.startswith(hidden)}
    return {
        "cause": plant.cause,
        "wished": plant.wished,
        "realized": round(float(plant.realized), 2),
        "days": [plant.start, plant.stop],
        "fields": list(plant.fields),
        "segment": list(plant.segment) if plant.segment else None,
        **details,
    }
