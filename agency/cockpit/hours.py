"""Hours spent against what the tiers buy, and what comes in every month, by tier."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from agency.cockpit.risk import span
from agency.cockpit.world import ModelRow, TierRow, World
from clients.models import StaffTime

STRATEGIES = frozenset({"immediate"})
"""How a version goes live in this software. A split of the traffic would be another one."""
SPLITS = frozenset({"ab", "canary"})


@dataclass(frozen=True)
class Money:
    """Dollars a month: what is agreed, and for the rest the sum of the tiers' ranges."""

    agreed: int
    low: int
    high: int
    without_fee: int

    @property
    def words(self) -> str:
        """An agreed sum and a range, told apart.

        >>> Money(1200, 500, 1000, 1).words
        '$1,200 agreed, $500 to 1,000 range'
        """
        told = [f"${self.agreed:,} agreed"] if self.agreed or not self.without_fee else []
        if self.without_fee:
            told.append(f"${self.low:,} to {self.high:,} range")
        return ", ".join(told)

    @property
    def head(self) -> str:
        """The figure to begin with; ``tail`` says what it is and what is beside it.

        >>> Money(1200, 500, 1000, 1).head, Money(0, 500, 1000, 1).head
        ('$1,200', '$500 to 1,000')
        """
        return self.short if not self.agreed else f"${self.agreed:,}"

    @property
    def tail(self) -> str:
        if not self.without_fee:
            return "recurring revenue, all of it agreed"
        if not self.agreed:
            return "recurring revenue by the ranges of the tiers; no fee is agreed"
        return f"agreed, and ${self.low:,} to {self.high:,} by the ranges of the tiers"

    @property
    def short(self) -> str:
        """For a column of a table.

        >>> Money(1200, 500, 1000, 1).short, Money(1200, 0, 0, 0).short
        ('$1,700 to 2,200', '$1,200')
        """
        if not self.without_fee:
            return f"${self.agreed:,}"
        return f"${self.agreed + self.low:,} to {self.agreed + self.high:,}"


@dataclass(frozen=True)
class TierSum:
    """One tier this month: who has it, what came in, what went out, what cannot be given yet."""

    tier: TierRow
    models: int
    clients: int
    money: Money
    spent: float
    budget: int

    @property
    def spent_words(self) -> str:
        return span(self.spent)

    @property
    def budget_words(self) -> str:
        return span(self.budget)

    @property
    def share(self) -> int:
        """Per cent of the budget that is spent."""
        return round(100 * self.spent / self.budget) if self.budget else 0

    @property
    def over(self) -> bool:
        return self.spent > self.budget

    @property
    def missing(self) -> str:
        """A right that is sold and that this software does not have; empty where there is none."""
        return f"A/B testing is {not_offered(self.tier)}" if lacks_split(self.tier) else ""


def lacks_split(tier: TierRow) -> bool:
    """Was a split of the traffic sold that the software cannot make?"""
    return tier.ab_testing and not STRATEGIES & SPLITS


def not_offered(tier: TierRow) -> str:
    """What is said of such a right."""
    return f"sold with {tier.name}, not offered by this software yet"


def month_start(at: datetime) -> datetime:
    """Where the month of ``at`` begins (UTC): the agency's own books, not a client's calendar."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def minutes_spent(*, at: datetime) -> dict[int, float]:
    """Minutes of people by model since the month began. One query."""
    rows = StaffTime.objects.filter(at__gte=month_start(at), at__lte=at).order_by()
    return {key: float(total) for key, total in rows.values_list("model").annotate(Sum("minutes"))}


def money_of(models: Iterable[ModelRow]) -> Money:
    """The recurring revenue of these models."""
    rows = list(models)
    free = [model.tier for model in rows if model.monthly_fee is None]
    return Money(
        agreed=sum(model.monthly_fee or 0 for model in rows),
        low=sum(tier.price_low for tier in free),
        high=sum(tier.price_high for tier in free),
        without_fee=len(free),
    )


def tier_sums(world: World, spent: Mapping[int, float]) -> list[TierSum]:
    """Every tier that somebody has, the cheapest first."""
    by_tier: dict[int, list[ModelRow]] = {}
    for model in world.models.values():
        by_tier.setdefault(model.tier.pk, []).append(model)
    return [
        TierSum(
            tier=tier,
            models=len(models),
            clients=len({model.client.pk for model in models}),
            money=money_of(models),
            spent=sum(spent.get(model.pk, 0.0) for model in models),
            budget=tier.staff_minutes * len(models),
        )
        for tier in sorted(world.tiers.values(), key=lambda tier: tier.price_low)
        if (models := by_tier.get(tier.pk))
    ]
