"""Where each version comes from: its data, its checkpoint, its comparison, and who let it go live."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from clients.models import MaintainedModel
from retraining.admin.accuracy import last_day
from retraining.admin.comparison_view import LABELS
from retraining.models import Comparison, Cycle, Decision, ModelVersion, Rollout

MOST_VERSIONS = 12


def lineage_view(
    model: MaintainedModel, rollouts: Sequence[Rollout], zone: ZoneInfo
) -> list[dict[str, Any]]:
    """The newest versions first, each with what made it and what became of it. Four queries."""
    data = ("number", "rows", "added", "removed", "sha256", "reason", "by")
    versions = list(
        ModelVersion.objects.filter(model=model)
        .select_related("parent", "training_version")
        .only(
            *("number", "learner", "arm", "created_at", "model_id", "artifact_sha256"),
            "parent__number",
            *(f"training_version__{name}" for name in data),
        )
        .order_by("-number")[:MOST_VERSIONS]
    )
    cycles: dict[int | None, Cycle] = {
        cycle.candidate_id: cycle
        for cycle in Cycle.objects.filter(candidate__in=versions)
        .only("state", "reason", "window_start", "window_end", "candidate_id", "model_id")
        .prefetch_related(
            Prefetch("decisions", Decision.objects.order_by("pk")),
            Prefetch(
                "comparisons",
                Comparison.objects.defer("figures").order_by("attempt"),
            ),
        )
    }
    spells: dict[int, list[Rollout]] = {}
    for rollout in rollouts:
        spells.setdefault(rollout.version_id, []).append(rollout)
    return [_entry(version, cycles.get(version.pk), spells, zone) for version in versions]


def _entry(
    version: ModelVersion,
    cycle: Cycle | None,
    spells: Mapping[int, list[Rollout]],
    zone: ZoneInfo,
) -> dict[str, Any]:
    own = spells.get(version.pk, [])
    comparison = list(cycle.comparisons.all())[-1:] if cycle else []
    return {
        "version": version,
        "data": version.training_version,
        "cycle": cycle,
        "last": last_day(cycle.window_end, zone) if cycle else None,
        "comparison": comparison[0] if comparison else None,
        "verdict_label": LABELS.get(comparison[0].verdict, "") if comparison else "",
        "decisions": list(cycle.decisions.all()) if cycle else [],
        "spells": own,
        "live": any(rollout.ended_at is None for rollout in own),
    }
