"""What stands above the fields of a model's page. As many queries for twelve cycles as for one."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

from agency.base.clock import local_day, zone_of
from clients.models import MaintainedModel
from retraining.admin.accuracy import accuracy_view, categories_view, checks_of, last_day
from retraining.admin.drift import drift_view
from retraining.admin.found import buttons, found_view
from retraining.admin.lineage import lineage_view
from retraining.admin.loop_strip import strip_of
from retraining.admin.measured import signals_view
from retraining.admin.standing import Standing, standings, state_name
from retraining.models import Cycle, Rollout, State
from retraining.queries import policy_for
from retraining.services.cadence import next_due

MOST_CYCLES = 8
COMPARED = frozenset(
    {State.PENDING_APPROVAL, State.UNDECIDED, State.REJECTED, State.REFUSED, State.LIVE}
)
"""States of a cycle whose candidate was compared."""


def model_page(request: HttpRequest, model: MaintainedModel, site: AdminSite) -> dict[str, Any]:
    """Everything that ``admin/overview/maintained_model.html`` shows."""
    standing = standings([model])[0]
    rollouts = list(
        Rollout.objects.filter(model=model)
        .select_related("version")
        .defer(*(f"version__{name}" for name in ("arms", "parameters", "categories", "reference")))
        .order_by("-started_at", "-pk")
    )
    checks = checks_of(model)
    zone = zone_of(model.client.timezone)
    return {
        "timezone": model.client.timezone,
        "standing": standing,
        "loop": loop_view(request, model, standing.cycle, site),
        "next_check": _next_check(model, standing),
        "accuracy": accuracy_view(model, checks, rollouts),
        "categories": categories_view(checks),
        "drift": drift_view(model, standing.rollout, policy=policy_for(model)),
        "signals": signals_view((standing.cycle.monitor if standing.cycle else None) or {}),
        "lineage": lineage_view(model, rollouts, zone),
        "rollouts": rollouts[:MOST_CYCLES],
        "cycles": [
            (cycle, state_name(cycle.state), last_day(cycle.window_end, zone))
            for cycle in Cycle.objects.filter(model=model).only(
                "state", "reason", "window_start", "window_end", "model_id"
            )[:MOST_CYCLES]
        ],
    }


def loop_view(
    request: HttpRequest, model: MaintainedModel, cycle: Cycle | None, site: AdminSite
) -> dict[str, Any]:
    """The strip of the newest cycle, what it found, and its decisions as buttons."""
    if cycle is None:
        return {}
    cycle.model = model
    steps = list(cycle.transitions.order_by("pk").values_list("from_state", "to_state", "at"))
    strip = strip_of(cycle, steps)
    pages: Any = site.get_model_admin(Cycle)
    decisions = buttons(pages.get_actions_detail(request, cycle.pk), cycle)
    found = found_view(cycle, decisions)
    # A decision that answers a cause stands at the cause.
    placed = found.get("placed", ())
    return {
        "cycle": cycle,
        "strip": strip,
        "first": local_day(cycle.window_start, zone_of(model.client.timezone)),
        "last": last_day(cycle.window_end, zone_of(model.client.timezone)),
        "found": found,
        "decisions": [decision for decision in decisions if decision not in placed],
        "compared": cycle.state in COMPARED and cycle.candidate_id is not None,
        "queue": reverse("admin:retraining_proposal_changelist") + f"?queue={cycle.pk}",
        "curating": cycle.state == State.CURATING,
    }


def _next_check(model: MaintainedModel, standing: Standing) -> Any:
    """The day on which the next check falls due, of the client's calendar."""
    from_when = standing.cycle.window_end if standing.cycle else None
    if from_when is None and standing.rollout is not None:
        from_when = standing.rollout.started_at
    if from_when is None:
        return None
    zone = zone_of(model.client.timezone)
    due = next_due(every_days=model.tier.check_every_days, checked_to=from_when, zone=zone)
    return local_day(due, zone)
