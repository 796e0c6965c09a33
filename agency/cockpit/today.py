"""The first page: who needs me today. Reads across clients, which staff alone may."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.http import HttpRequest

from clients.models import Alert, Client
from retraining.admin.standing import STATE_LABELS, state_name
from retraining.models import Cycle, Proposal, State

WAITING_FOR = {
    State.PENDING_APPROVAL: "approve or refuse the candidate",
    State.CURATING: "decide on the proposed rows",
    State.UNDECIDED: "label more rows, or decide",
}
SEVERITY_LABELS = {"watch": "info", "act": "warning", "fault": "danger"}
ORDER = {"fault": 0, "act": 1, "watch": 2}


@dataclass
class ClientToday:
    """What one client's models ask of us."""

    client: Client
    cycles: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)


def today() -> list[ClientToday]:
    """Clients with open decisions or alerts, those with decisions first. Three queries."""
    found: dict[int, ClientToday] = {}
    cycles = (
        Cycle.objects.filter(state__in=WAITING_FOR)
        .select_related("model__client")
        .defer("policy", "tier", "monitor", "collected", "model__schema")
        .order_by("window_end", "pk")
    )
    queue = dict(
        Proposal.objects.filter(state=Proposal.State.PROPOSED, cycle__state=State.CURATING)
        .order_by()
        .values_list("cycle")
        .annotate(Count("pk"))
    )
    for cycle in cycles:
        client = cycle.model.client
        entry = {
            "cycle": cycle,
            "state": state_name(cycle.state),
            "label": STATE_LABELS.get(cycle.state, ""),
            "todo": WAITING_FOR[State(cycle.state)],
            "queue": queue.get(cycle.pk, 0) if cycle.state == State.CURATING else None,
        }
        found.setdefault(client.pk, ClientToday(client)).cycles.append(entry)
    alerts = Alert.objects.filter(closed_at__isnull=True).select_related("model__client")
    for alert in sorted(alerts.defer("model__schema"), key=lambda row: ORDER[row.severity]):
        client = alert.model.client
        entry = {"alert": alert, "label": SEVERITY_LABELS[alert.severity]}
        found.setdefault(client.pk, ClientToday(client)).alerts.append(entry)
    return sorted(found.values(), key=lambda one: (-len(one.cycles), -len(one.alerts)))


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called for the admin's index by unfold."""
    if request.user.has_perm("retraining.view_cycle"):
        waiting = today()
        context |= {
            "title": "Who needs me today",
            "waiting": waiting,
            "decisions": sum(len(one.cycles) for one in waiting),
            "open_alerts": sum(len(one.alerts) for one in waiting),
            "client_count": Client.objects.count(),
        }
    return context
