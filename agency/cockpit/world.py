"""The agency at a glance: every tier, client and model in three queries, as plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef

from agency.base.clock import zone_of
from agency.cockpit.risk import tier_class
from clients.models import Client, MaintainedModel, Tier
from retraining.models import Cycle, Rollout
from retraining.models.cycle import OPEN
from retraining.services.cadence import Due, due_check, next_due


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier as sold."""

    pk: int
    name: str
    column: str
    price_low: int
    price_high: int
    check_every_days: int
    staff_minutes: int
    ab_testing: bool


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client."""

    pk: int
    name: str
    slug: str
    timezone: str
    auto_approve_reports: bool


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model: what it was sold as, up to when it was checked, what keeps the next check."""

    pk: int
    name: str
    client: ClientRow
    tier: TierRow
    monthly_fee: int | None
    created_at: datetime
    checked_to: datetime | None
    live: bool
    open_cycle: bool

    def due(self, at: datetime) -> Due | None:
        """The check that is due at ``at``, whether or not something keeps it from starting."""
        since = self.checked_to or self.created_at
        if not self.live or at - since < timedelta(days=self.tier.check_every_days - 3):
            return None  # spares the calendar, which is slow, where nothing can be due
        return due_check(
            every_days=self.tier.check_every_days,
            checked_to=self.checked_to,
            launched_at=self.created_at,
            now=at,
            zone=zone_of(self.client.timezone),
        )

    def next_check(self) -> datetime | None:
        """When the next check falls due; none of a model that is not live."""
        if not self.live:
            return None
        return next_due(
            every_days=self.tier.check_every_days,
            checked_to=self.checked_to or self.created_at,
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
    at_work = Cycle.objects.filter(model=OuterRef("pk"), state__in=OPEN)
    models = {
        row[0]: ModelRow(row[0], row[1], clients[row[2]], tiers[row[3]], *row[4:])
        for row in MaintainedModel.objects.order_by("pk")
        .annotate(
            checked_to=Max("cycles__window_end"), is_live=Exists(live), is_open=Exists(at_work)
        )
        .values_list(
            *("pk", "name", "client_id", "tier_id", "monthly_fee", "created_at"),
            *("checked_to", "is_live", "is_open"),
        )
    }
    return World(tiers, clients, models)
