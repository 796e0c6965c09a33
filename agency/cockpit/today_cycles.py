"""Cycles that wait for a person, with the alerts that say why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from agency.cockpit.items import Item
from agency.cockpit.today_alerts import OpenAlert
from agency.cockpit.world import ModelRow, World
from retraining.admin.standing import last_cycle
from retraining.models import (
    AppliedRepair,
    Comparison,
    Cycle,
    CycleTransition,
    ModelVersion,
    Proposal,
    Rollout,
    State,
)
from retraining.models.cycle import OPEN, WORKING

KIND_OF: Mapping[str, str] = {
    State.PENDING_APPROVAL: "approval",
    State.CURATING: "curation",
    State.UNDECIDED: "undecided",
    State.UPSTREAM: "upstream",
    State.NEEDS_LABELS: "labels",
    State.FAILED: "failed",
}
DECISIONS = (State.PENDING_APPROVAL, State.CURATING)
# A later check has looked again: what an earlier one said of these is history.
NEWEST_ONLY = (State.UPSTREAM, State.NEEDS_LABELS, State.FAILED)
# Which alert says best why the cycle waits.
TELLING = ("gate:", "cycle:", "cause:", "accuracy:", "signal:")


@dataclass(frozen=True)
class Waiting:
    """Cycles that wait for a person; the alerts (by key) that they tell of already; and the models
    (by key) whose next check waits for a cycle that is open."""

    items: list[Item]
    told: frozenset[int]
    held: frozenset[int]


def waiting_cycles(
    world: World, alerts: Mapping[int, Sequence[OpenAlert]], *, at: datetime
) -> Waiting:
    """What waits at ``at``; ``alerts``: the open ones of each model. Three queries."""
    rows = list(_waiting())
    queue = dict(
        Proposal.objects.filter(
            state=Proposal.State.PROPOSED, cycle__state__in=(State.CURATING, State.UNDECIDED)
        )
        .order_by()
        .values_list("cycle")
        .annotate(Count("pk"))
    )
    asked = dict(
        Comparison.objects.filter(cycle__state=State.UNDECIDED)
        .order_by("attempt")
        .values_list("cycle", "figures__label_more__n")
    )
    items: list[Item] = []
    told: set[int] = set()
    for row in rows:
        if row["state"] in WORKING:
            continue
        model = world.models[row["model_id"]]
        mine = [alert for alert in alerts.get(model.pk, ()) if _tells(alert, row)]
        told |= {alert.pk for alert in mine}
        items.append(_item(row, model, mine, queue=queue, asked=asked, at=at))
    held = frozenset(row["model_id"] for row in rows if row["state"] in OPEN)
    return Waiting(items, frozenset(told), held)


def _waiting() -> Iterable[dict[str, Any]]:
    newest = last_cycle("model").exclude(state__in=WORKING).values("pk")[:1]
    compared_with = Rollout.objects.filter(
        model=OuterRef("model"), version=OuterRef("incumbent"), ended_at__isnull=True
    )
    moved = CycleTransition.objects.filter(job=OuterRef("pk")).order_by().values("job")
    mended = AppliedRepair.objects.filter(cycle=OuterRef("pk"), withdrawn_at__isnull=True)
    return (
        Cycle.objects.filter(state__in={*KIND_OF, *WORKING})
        .filter(
            Q(state__in=OPEN)
            # What the candidate was compared with is live no more: nothing is left to decide.
            | Q(Exists(compared_with), state=State.UNDECIDED)
            | Q(state__in=NEWEST_ONLY, pk=Subquery(newest))
        )
        .order_by()  # in an order, the database would read all cycles rather than their states
        .annotate(
            since=Coalesce(
                Subquery(moved.annotate(last=Max("at")).values("last")), F("created_at")
            ),
            mended=Exists(mended),
            candidate_number=F("candidate__number"),
            incumbent_number=F("incumbent__number"),
            signals=F("monitor__signals"),
        )
        .values(
            *("pk", "model_id", "state", "error", "since", "mended"),
            *("candidate_number", "incumbent_number", "signals"),
        )
    )


def _tells(alert: OpenAlert, cycle: Mapping[str, Any]) -> bool:
    kind, _, rest = alert.key.partition(":")
    if kind in ("gate", "cycle"):
        return rest.split(":")[0] == str(cycle["pk"])
    return kind in ("cause", "signal", "accuracy")


def _item(
    row: Mapping[str, Any],
    model: ModelRow,
    alerts: Sequence[OpenAlert],
    *,
    queue: Mapping[int, int],
    asked: Mapping[int, int | None],
    at: datetime,
) -> Item:
    kind = KIND_OF[row["state"]]
    rows = queue.get(row["pk"], 0)
    page = "retraining_cycle_change"
    if kind == "approval":
        pair = (
            f"{_version(row['candidate_number'])} in place of {_version(row['incumbent_number'])}"
        )
        sentence = f"approve or refuse {pair}"
        page = "retraining_cycle_side_by_side"
    elif kind == "curation":
        sentence = f"label {_rows(rows)}" if rows else "finish the curation: every row is decided"
        page = "retraining_proposal_review" if rows else page
    elif kind == "undecided":
        rows = rows or asked.get(row["pk"]) or 0
        sentence = f"label {_rows(rows)}, or decide" if rows else "decide: no label is missing"
        page = "retraining_proposal_review" if rows else "retraining_cycle_side_by_side"
    elif kind == "upstream":
        done = "is mended in our view only" if row["mended"] else "is broken at the source"
        sentence = f"ask the client for a fix: what comes in {done}"
    elif kind == "labels":
        sentence = "get rows labelled: what there is cannot settle how the model does"
    else:
        sentence = f"see why the cycle failed, and start it again: {row['error'] or 'no message'}"
    return Item(
        kind=kind,
        client=model.client,
        tier=model.tier,
        model=model,
        sentence=sentence,
        because=_because(alerts),
        since=row["since"],
        at=at,
        page=page,
        args=(row["pk"],),
        rows=rows,
        drop=drop_of(row["signals"] or ()),
        holds_up=row["state"] in DECISIONS and model.overdue_since(at) is not None,
    )


def _because(alerts: Sequence[OpenAlert]) -> str:
    """The alert that says most, and how many others there are."""
    if not alerts:
        return ""
    first, *rest = sorted(alerts, key=lambda alert: TELLING.index(f"{alert.key.split(':')[0]}:"))
    more = f" And {len(rest)} more alert{'s' if len(rest) > 1 else ''}." if rest else ""
    return first.message + more


def drop_of(signals: Iterable[Mapping[str, Any]]) -> tuple[float, float, float, int] | None:
    """By how many points reviewed accuracy is down since before: estimate, low, high, n."""
    for signal in signals:
        change = signal.get("change") if signal.get("name") == "error_rate" else None
        if change and change.get("delta") is not None:
            points = (100 * change[name] for name in ("delta", "low", "high"))
            return (*points, change["n_after"])
    return None


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


@lru_cache(maxsize=256)
def _version(number: int | None) -> str:
    return "the candidate" if number is None else ModelVersion(number=number).name
