"""Asked of records: what a diagnosis, a comparison, a rollout or an earlier revision says of itself.

Diagnoses and comparisons are never changed once they are written, so the record is the evidence;
``verify`` derives the comparisons' own figures from rows besides.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from agency.base.clock import local_day, zone_of
from reports import canonical
from reports.changes import changes
from reports.gathering import found, record
from reports.gathering.month import ModelMonth
from reports.gathering.of_rows import LATE, went_on
from reports.gathering.sources import Again, Asked, query
from retraining.models import Comparison, Cycle, Rollout

Parts = Mapping[str, str]


@query("diagnosis")
def diagnosis(asked: Asked, parts: Parts, told: Any) -> Again:
    """What a check found."""
    cycle = _cycle(asked, parts)
    return Again(asdict(found.findings_of(cycle, _month(asked, cycle))))


@query("comparisons")
def comparisons(asked: Asked, parts: Parts, told: Any) -> Again:
    """What a comparison was of, its verdict and reasons, and how many labels it asked for."""
    comparison = Comparison.objects.select_related("incumbent", "candidate", "golden_version").get(
        pk=int(parts["comparison"]), cycle__model__client=asked.client
    )
    cycle = _cycle(asked, {"cycle": str(comparison.cycle_id)})
    month = _month(asked, cycle)
    return Again(asdict(found.trial(comparison, cycle, month)), moved=went_on(month))


@query("outcomes")
def outcomes(asked: Asked, parts: Parts, told: Any) -> Again:
    """How a check ended that changed nothing, and why."""
    cycle = _cycle(asked, parts)
    month = _month(asked, cycle)
    return Again(asdict(found.not_done_of(cycle, month)), moved=went_on(month))


@query("rollouts")
def rollouts(asked: Asked, parts: Parts, told: Any) -> Again:
    """When a version went live."""
    rollout = Rollout.objects.select_related("version").get(
        pk=int(parts["rollout"]), model__client=asked.client
    )
    day = local_day(rollout.started_at, zone_of(asked.client.timezone)).isoformat()
    return Again({"day": day, "version": rollout.version.name})


@query("next_steps")
def next_steps(asked: Asked, parts: Parts, told: Any) -> Again:
    """One of the things that come next, by how the month's last check ended."""
    month = asked.month(parts)
    coming = record.coming(month)
    step = int(parts["step"])
    values = asdict(coming[step]) if step < len(coming) else {}
    if told.what == "label_audit":
        # Labels come in all the time: what waited then is what the record of the service says.
        values |= {"what": told.what, "n": _awaited(asked, month), "day": "", "names": ()}
    return Again(values, moved=went_on(month) or _answered(month))


@query("earlier_revision")
def earlier_revision(asked: Asked, parts: Parts, told: Any) -> Again:
    """What this revision says otherwise than the one before."""
    report = asked.report
    dated = local_day(report.created_at, zone_of(asked.client.timezone)).isoformat()
    values: dict[str, Any] = {"revision": report.revision, "dated": dated, "changes": ()}
    if (before := int(parts["report"])) > 0:
        earlier = report.client.reports.get(
            pk=before, month=report.month, revision=report.revision - 1
        )
        said = canonical.from_json(earlier.facts)
        values["changes"] = tuple(asdict(each) for each in changes(said, asked.facts))
    return Again(values)


def _cycle(asked: Asked, parts: Parts) -> Cycle:
    cycles = Cycle.objects.select_related("model__client", "model__tier", "diagnosis", "candidate")
    return cycles.get(pk=int(parts["cycle"]), model__client=asked.client)


def _month(asked: Asked, cycle: Cycle) -> ModelMonth:
    first = date.fromisoformat(f"{asked.facts.month}-01")
    return asked.month({"model": str(cycle.model_id), "month": f"{first:%Y-%m}"})


def _awaited(asked: Asked, month: ModelMonth) -> int | None:
    """As the report's record of the service has it, which is counted from rows itself."""
    models = {model.slug: model for model in asked.facts.models}
    model = models.get(month.model.slug)
    return model.service.awaited if model is not None else None


def _answered(month: ModelMonth) -> str:
    later = month.model.logs.filter(
        timestamp__gte=month.window[0], timestamp__lt=month.window[1], labelled_at__gt=month.at
    )
    return LATE if later.exists() else ""
