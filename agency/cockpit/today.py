"""The first page: who needs me today. Reads across clients, which staff alone may."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.http import urlencode

from agency.base import clock
from agency.cockpit.all_clients import client_table
from agency.cockpit.calm import done_lately, next_checks
from agency.cockpit.hours import TierSum, minutes_spent, money_of, tier_sums
from agency.cockpit.items import Item
from agency.cockpit.progress import progress_context
from agency.cockpit.risk import KINDS, span
from agency.cockpit.today_alerts import alert_items, open_alerts
from agency.cockpit.today_cycles import waiting_cycles
from agency.cockpit.today_rest import (
    check_items,
    highest_tiers,
    report_items,
    sending_items,
    upload_items,
)
from agency.cockpit.world import ClientRow, World, read_world
from clients.models import Membership

CLIENTS_A_PAGE = 25
AT_FIRST = 4
"""Items of a client that are shown before somebody unfolds the rest."""


@dataclass
class ClientToday:
    """What one client's models ask of us, the most pressing first."""

    client: ClientRow
    items: list[Item]

    @property
    def first(self) -> list[Item]:
        return self.items[:AT_FIRST]

    @property
    def rest(self) -> list[Item]:
        return self.items[AT_FIRST:]

    @property
    def takes(self) -> str:
        return span(sum(item.minutes for item in self.items))

    @property
    def tiers(self) -> str:
        return ", ".join(sorted({item.tier.name for item in self.items}))


def today(world: World, *, at: datetime) -> list[Item]:
    """All that waits for a person at ``at``, in no order. Seven queries."""
    tiers = highest_tiers(world)
    alerts = open_alerts(at=at)
    cycles = waiting_cycles(world, alerts, at=at)
    return [
        *cycles.items,
        *alert_items(world, alerts, told=cycles.told, at=at),
        *check_items(world, held=cycles.held, at=at),
        *report_items(world, tiers, at=at),
        *sending_items(world, tiers, at=at),
        *upload_items(world, at=at),
    ]


def by_client(items: Sequence[Item]) -> list[ClientToday]:
    """Clients by the item that takes most risk away per minute, each client's items likewise."""
    found: dict[int, ClientToday] = {}
    for item in sorted(items, key=lambda item: (-item.rank, item.client.name, item.sentence)):
        found.setdefault(item.client.pk, ClientToday(item.client, [])).items.append(item)
    return list(found.values())


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called for the admin's index by unfold."""
    user: Any = request.user
    if not user.has_perm("retraining.view_cycle"):
        return context
    at = clock.now()
    world = read_world()
    items = today(world, at=at)
    mine = _answers_for(user)
    chosen = _chosen(request.GET, mine)
    shown = by_client(_kept(items, chosen, mine))
    page = _page(shown, request.GET.get("page"))
    spent = minutes_spent(at=at)
    sums = tier_sums(world, spent)
    return context | {
        "title": "Who needs me today",
        "page": page,
        "chosen": chosen,
        "filtered": bool(chosen),
        "query": urlencode(chosen),
        "kinds": _counted(items, chosen, mine, "kind"),
        "tiers": _counted(items, chosen, mine, "tier"),
        "mine": _switch("mine", items, chosen, mine) if mine else None,
        "late": _switch("late", items, chosen, mine),
        "terms": KINDS.values(),
        "waiting": len(items),
        "overdue": any(item.overdue for item in items),
        "sum": _sum(world, items, sums),
        "sums": sums,
        "money": money_of(world.models.values()),
        "client_count": len(world.clients),
        "model_count": len(world.models),
        "cannot": {permission for permission in _needed(page) if not user.has_perm(permission)},
        "coming": [] if items else next_checks(world, at=at),
        "done": [] if items else done_lately(at=at),
        "table": client_table(world, items, spent, query=request.GET),
        **progress_context(at=at),
    }


def _sum(world: World, items: Sequence[Item], tiers: Sequence[TierSum]) -> dict[str, str]:
    """The four figures at the top, as they are read."""
    return {
        "waiting": f"{len(items):,}",
        "waiting_clients": f"{len({item.client.pk for item in items}):,}",
        "clients": f"{len(world.clients):,}",
        "models": f"{len(world.models):,}",
        "takes": span(sum(item.minutes for item in items)),
        "overdue": f"{sum(item.overdue for item in items):,}",
        "spent": span(sum(row.spent for row in tiers)),
        "budget": span(sum(row.budget for row in tiers)),
    }


def _answers_for(user: AbstractBaseUser) -> frozenset[int]:
    rows = Membership.objects.filter(user=user.pk, role=Membership.Role.LEAD)
    return frozenset(rows.values_list("client_id", flat=True))


def _chosen(query: Mapping[str, Any], mine: frozenset[int]) -> dict[str, str]:
    """The filters of the address; what is no filter is left out."""
    found = {name: str(query.get(name, "")) for name in ("kind", "tier")}
    found["mine"] = "1" if mine and query.get("mine") else ""
    found["late"] = "1" if query.get("late") else ""
    if found["kind"] not in KINDS:
        found["kind"] = ""
    if not found["tier"].isdecimal():
        found["tier"] = ""
    return {name: value for name, value in found.items() if value}


def _kept(items: Sequence[Item], chosen: Mapping[str, str], mine: frozenset[int]) -> list[Item]:
    kind, tier = chosen.get("kind"), chosen.get("tier")
    return [
        item
        for item in items
        if (not kind or item.kind == kind)
        and (not tier or str(item.tier.pk) == tier)
        and (not chosen.get("mine") or item.client.pk in mine)
        and (not chosen.get("late") or item.overdue)
    ]


def _counted(
    items: Sequence[Item], chosen: Mapping[str, str], mine: frozenset[int], by: str
) -> list[dict[str, Any]]:
    """The values that can be filtered by, with how many items each holds under the other filters."""
    others = {name: value for name, value in chosen.items() if name != by}
    kept = _kept(items, others, mine)
    counts: Counter[tuple[str, str]] = (
        Counter((item.kind, item.name) for item in kept)
        if by == "kind"
        else Counter((str(item.tier.pk), item.tier.name) for item in kept)
    )
    order = list(KINDS)
    keys = sorted(counts, key=lambda key: order.index(key[0]) if by == "kind" else int(key[0]))
    return [
        {
            "name": name,
            "count": counts[key, name],
            "on": chosen.get(by) == key,
            "query": urlencode(others if chosen.get(by) == key else {**others, by: key}),
        }
        for key, name in keys
    ]


def _switch(
    name: str, items: Sequence[Item], chosen: Mapping[str, str], mine: frozenset[int]
) -> dict[str, Any]:
    """A filter that is on or off: the clients that this person answers for, or what is overdue."""
    others = {key: value for key, value in chosen.items() if key != name}
    on = name in chosen
    return {
        "count": len(_kept(items, {**others, name: "1"}, mine)),
        "on": on,
        "query": urlencode(others if on else {**others, name: "1"}),
    }


def _page(shown: Sequence[ClientToday], number: str | None) -> Page[ClientToday]:
    return Paginator(shown, CLIENTS_A_PAGE).get_page(number)


def _needed(page: Page[ClientToday]) -> set[str]:
    return {item.needs for one in page for item in one.items} - {""}
