"""The agency at a glance: every tier, client and model in three queries, as plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, F, Max, OuterRef
from django.db.models.functions import Coalesce

from agency.base.clock import zone_of
from agency.cockpit.risk import tier_class
from clients.models import Client, MaintainedModel, Tier
from retraining.models import Rollout
from retraining.services.cadence import next_due


class TierRow(NamedTuple):
    """A tier as sold."""

    pk: int
    name: str
    column: str
    price_low: int
    price_high: int
    check_every_days: int
    staff_minutes: int
    ab_testing: bool


class ClientRow(NamedTuple):
    """A client."""

    pk: int
    name: str
    slug: str
    timezone: str
    auto_approve_reports: bool


class ModelRow(NamedTuple):
    """A model: what it was sold as, and since when its next check counts.

    ``checked_to`` is where the last check's window ended, before any check the model's launch.
    """

    pk: int
    name: str
    client: ClientRow
    tier: TierRow
    monthly_fee: int | None
    checked_to: datetime
    live: bool

    def overdue_since(self, at: datetime) -> datetime | None:
        """Since when a check has been due at ``at``, whether or not something keeps it waiting."""
        if not self.live or at - self.checked_to < timedelta(days=self.tier.check_every_days - 3):
            return None  # spares the calendar, which is slow, where nothing can be due
        since = self.next_check()
        return since if since is not None and since <= at else None

    def next_check(self) -> datetime | None:
        """When the next check falls due; none of a model that is not live."""
        if not self.live:
            return None
        return next_due(
            every_days=self.tier.check_every_days,
            checked_to=self.checked_to,
            zone=zone_of(self.client.timezone),
        )


@dataclass(frozen=True)
class World:
    """Everything that items refer to, by primary key."""

    tiers: Mapping[int, TierRow]
    clients: Mapping[int, ClientRow]
    models: Mapping[int, ModelRow]


def read_world() -> World:
    """Three queries, whatever the number of clients; none of their rows' JSON is read."""
    tiers = {
        row[0]: TierRow(row[0], row[1], tier_class(slug=row[2], staff_minutes=row[6]), *row[3:])
        for row in Tier.objects.values_list(
            *("pk", "name", "slug", "price_low", "price_high", "check_every_days"),
            *("staff_minutes_budget", "ab_testing"),
        )
    }
    clients = {
        row[0]: ClientRow(*row)
        for row in Client.objects.values_list(
            "pk", "name", "slug", "timezone", "auto_approve_reports"
        )
    }
    live = Rollout.objects.filter(model=OuterRef("pk"), ended_at__isnull=True)
    # Grouped once and joined: asked for model by model it takes PostgreSQL three times as long.
    models = {
        row[0]: ModelRow(row[0], row[1], clients[row[2]], tiers[row[3]], *row[4:])
        for row in MaintainedModel.objects.order_by("pk")
        .annotate(
            checked_to=Coalesce(Max("cycles__window_end"), F("created_at")),
            is_live=Exists(live),
        )
        .values_list(
            *("pk", "name", "client_id", "tier_id", "monthly_fee"),
            *("checked_to", "is_live"),
        )
    }
    return World(tiers, clients, models)
