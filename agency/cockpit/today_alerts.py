"""Open alerts: hidden while they are snoozed, marked once somebody has acknowledged them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from agency.cockpit.items import Item
from agency.cockpit.world import World
from clients.models import Alert

KIND_OF: Mapping[str, str] = {"fault": "fault", "act": "alert", "watch": "watch"}


class OpenAlert(NamedTuple):
    """An alert that holds, as it is shown."""

    pk: int
    model: int
    key: str
    severity: str
    message: str
    opened_at: datetime
    acknowledged_by: str


def open_alerts(*, at: datetime) -> dict[int, list[OpenAlert]]:
    """By model, newest first; without those that sleep at ``at``. One query."""
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=at)
    found: dict[int, list[OpenAlert]] = {}
    rows = Alert.objects.filter(awake, closed_at__isnull=True).order_by("-opened_at", "-pk")
    for row in rows.values_list(
        "pk", "model_id", "key", "severity", "message", "opened_at", "acknowledged_by"
    ):
        found.setdefault(row[1], []).append(OpenAlert(*row))
    return found


def alert_items(
    world: World,
    alerts: Mapping[int, Sequence[OpenAlert]],
    *,
    told: Collection[int],
    at: datetime,
) -> list[Item]:
    """One item for each model and severity, for what no other item has ``told`` of."""
    items: list[Item] = []
    for model, found in alerts.items():
        groups: dict[str, list[OpenAlert]] = {}
        for alert in found:
            if alert.pk not in told:
                groups.setdefault(alert.severity, []).append(alert)
        for severity, group in groups.items():
            items.append(_item(world, model, KIND_OF[severity], group, at=at))
    return items


def _item(world: World, model: int, kind: str, group: Sequence[OpenAlert], *, at: datetime) -> Item:
    row = world.models[model]
    one = len(group) == 1
    seen = {alert.acknowledged_by for alert in group}
    filters: dict[str, str | int] = {
        "model__id__exact": model,
        "severity__exact": group[0].severity,
    }
    return Item(
        kind=kind,
        client=row.client,
        tier=row.tier,
        model=row,
        sentence=group[0].message,
        because="" if one else f"And {len(group) - 1} more of this severity.",
        since=min(alert.opened_at for alert in group),
        at=at,
        page="clients_alert_change" if one else "clients_alert_changelist",
        args=(group[0].pk,) if one else (),
        filters={} if one else {**filters, "closed_at__isempty": "1"},
        seen_by="" if "" in seen else ", ".join(sorted(seen)),
    )
