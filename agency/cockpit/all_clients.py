"""The table of all clients: what waits, when the next check is, hours and money. Searchable."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator

from agency.cockpit.hours import money_of
from agency.cockpit.items import Item
from agency.cockpit.risk import span
from agency.cockpit.world import ClientRow, ModelRow, World

ROWS = 25


@dataclass(frozen=True)
class ClientLine:
    """One client in a line."""

    client: ClientRow
    models: tuple[ModelRow, ...]
    waiting: int
    minutes: float

    @property
    def tiers(self) -> str:
        counts = Counter(model.tier.name for model in self.models)
        return ", ".join(f"{n} x {name}" if n > 1 else name for name, n in sorted(counts.items()))

    @property
    def next_check(self) -> datetime | None:
        """The first check that falls due, of any of the client's models."""
        return min((day for m in self.models if (day := m.next_check())), default=None)

    @property
    def budget(self) -> int:
        return sum(model.tier.staff_minutes for model in self.models)

    @property
    def hours(self) -> str:
        return f"{span(self.minutes)} of {span(self.budget)}"

    @property
    def over(self) -> bool:
        return self.minutes > self.budget

    @property
    def fee(self) -> str:
        return money_of(self.models).short if self.models else "-"

    @property
    def agreed(self) -> bool:
        return all(model.monthly_fee is not None for model in self.models)


def client_table(
    world: World,
    items: Iterable[Item],
    spent: Mapping[int, float],
    *,
    query: Mapping[str, Any],
) -> dict[str, Any]:
    """The lines that the search ``q`` finds, ``clients`` being the page of them. No query."""
    wanted = str(query.get("q", "")).strip()
    found = [
        client
        for client in sorted(world.clients.values(), key=lambda row: row.name.casefold())
        if wanted.casefold() in client.name.casefold() or wanted.casefold() in client.slug
    ]
    page: Page[ClientRow] = Paginator(found, ROWS).get_page(query.get("clients"))
    shown = {client.pk: list[ModelRow]() for client in page}
    for model in world.models.values():
        if model.client.pk in shown:
            shown[model.client.pk].append(model)
    waiting = Counter(item.client.pk for item in items)
    lines = [
        ClientLine(
            client=client,
            models=tuple(shown[client.pk]),
            waiting=waiting[client.pk],
            minutes=sum(spent.get(model.pk, 0.0) for model in shown[client.pk]),
        )
        for client in page
    ]
    return {"lines": lines, "page": page, "wanted": wanted}
