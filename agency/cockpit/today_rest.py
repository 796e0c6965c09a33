"""What waits beside cycles and alerts: checks, reports, mails and notices, rows set aside."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Value

from agency.base.clock import local_day, zone_of
from agency.cockpit.items import Item
from agency.cockpit.world import ClientRow, TierRow, World
from clients.models import Notice, QuarantinedRow
from reports.models import Delivery, MonthlyReport

CHECK_GRACE = timedelta(days=1)
"""A check starts by itself within seconds, once its rows are there. A day later they are missed."""
STUCK = ("unknown", "failed")
# Kind, where its rows are, the way to the client, its page, what it is called.
SENT: Mapping[str, tuple[Any, str, str, str]] = {
    "delivery": (Delivery, "report__client", "reports_delivery", "the mail with a report"),
    "notice": (Notice, "alert__model__client", "clients_notice", "the notice of an alert"),
}


def highest_tiers(world: World) -> dict[int, TierRow]:
    """The dearest tier of each client: what concerns the client and no model goes by it.

    Of a client without models, the cheapest tier there is.
    """
    found: dict[int, TierRow] = {}
    for model in world.models.values():
        known = found.get(model.client.pk)
        if known is None or model.tier.price_high > known.price_high:
            found[model.client.pk] = model.tier
    cheapest = min(world.tiers.values(), key=lambda tier: tier.price_low, default=None)
    if cheapest is not None:
        for pk in world.clients:
            found.setdefault(pk, cheapest)
    return found


def check_items(world: World, *, held: Collection[int], at: datetime) -> list[Item]:
    """Checks that were due a day ago and did not start. No query.

    Not those of the models in ``held``, whose last cycle is still open: that one is to be closed.
    """
    items: list[Item] = []
    for model in world.models.values():
        since = None if model.pk in held else model.overdue_since(at)
        if since is None or at - since < CHECK_GRACE:
            continue
        day = local_day(since, zone_of(model.client.timezone))
        items.append(
            Item(
                kind="overdue",
                client=model.client,
                tier=model.tier,
                model=model,
                sentence=f"ask for the rows of the check that was due on {day:%-d %b %Y}",
                since=since,
                at=at,
                page="clients_maintainedmodel_change",
                args=(model.pk,),
            )
        )
    return items


def report_items(world: World, tiers: dict[int, TierRow], *, at: datetime) -> list[Item]:
    """Reports that nobody has read: their newest revisions, one item a client. One query."""
    newer = MonthlyReport.objects.filter(
        client=OuterRef("client"), month=OuterRef("month"), revision__gt=OuterRef("revision")
    )
    rows = (
        MonthlyReport.objects.filter(~Exists(newer), state="rendered", read_by="")
        .filter(client__auto_approve_reports=False)
        .order_by()
        .values("client")
        .annotate(
            *(Count("pk"), Min("created_at"), Min("month"), Max("month"), Max("pk")),
        )
    )
    return [_report(world.clients[row["client"]], tiers, row, at) for row in rows]


def _report(
    client: ClientRow, tiers: dict[int, TierRow], row: Mapping[str, Any], at: datetime
) -> Item:
    one = row["pk__count"] == 1
    first, last = row["month__min"], row["month__max"]
    sentence = (
        f"read the report of {last:%B %Y} before it goes out"
        if one
        else f"read {row['pk__count']} reports, {first:%b %Y} to {last:%b %Y}, before they go out"
    )
    return Item(
        kind="report",
        client=client,
        tier=tiers[client.pk],
        sentence=sentence,
        since=row["created_at__min"],
        at=at,
        page=f"reports_monthlyreport_{'change' if one else 'changelist'}",
        args=(row["pk__max"],) if one else (),
        filters={} if one else {"client__id__exact": client.pk, "state__exact": "rendered"},
        times=row["pk__count"],
    )


def sending_items(world: World, tiers: dict[int, TierRow], *, at: datetime) -> list[Item]:
    """Mails and notices that failed or that may not have arrived, by client. One query."""
    mails, notices = (
        model._default_manager.filter(state__in=STUCK)
        .order_by()
        .values_list(Value(kind), path, "state")
        .annotate(Count("pk"), Min("created_at"), Max("pk"))
        for kind, (model, path, _, _) in SENT.items()
    )
    items: list[Item] = []
    for kind, client, state, count, since, pk in mails.union(notices, all=True):
        _, path, page, what = SENT[kind]
        told = "was not sent" if state == "failed" else "may not have arrived"
        one = count == 1
        items.append(
            Item(
                kind=kind,
                client=world.clients[client],
                tier=tiers[client],
                sentence=f"{what} {told}: look, and send it again or say that it came"
                + ("" if one else f" ({count} of them)"),
                since=since,
                at=at,
                page=f"{page}_{'change' if one else 'changelist'}",
                args=(pk,) if one else (),
                filters={} if one else {f"{path}__id__exact": client, "state__exact": state},
                times=count,
            )
        )
    return items


def upload_items(world: World, *, at: datetime) -> list[Item]:
    """Rows that were set aside and that nobody has mended or dropped. One query."""
    rows = (
        QuarantinedRow.objects.filter(state=QuarantinedRow.State.WAITING)
        .order_by()
        .values_list("batch__model")
        .annotate(Count("pk"), Min("batch__received_at"))
    )
    items: list[Item] = []
    for key, count, since in rows:
        model = world.models[key]
        rows_ = "a row that" if count == 1 else f"{count} rows that"
        items.append(
            Item(
                kind="upload",
                client=model.client,
                tier=model.tier,
                model=model,
                sentence=f"mend or drop {rows_} could not be stored",
                since=since,
                at=at,
                page="clients_quarantinedrow_changelist",
                filters={
                    "state__exact": "waiting",
                    "batch__model__client__id__exact": model.client.pk,
                },
            )
        )
    return items
