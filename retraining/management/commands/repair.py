"""``repair``: mend what a check found broken upstream, in the view of the rows."""

from argparse import ArgumentParser
from typing import Any

from agency.base import clock
from agency.base.commands import DomainCommand, Outcome
from agency.base.errors import BadInput, NotFound
from clients.queries import find_model
from retraining import services
from retraining.models import AppliedRepair, Cycle, State


class Command(DomainCommand):
    help = "Repair the fields that the last check found broken upstream; the stored rows stay."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument("--by", required=True, metavar="USER")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--cycle", type=int, metavar="N", help="default: the last one it suits")
        parser.add_argument("--retrain", action="store_true", help="go on to retrain at once")
        parser.add_argument("--withdraw", action="store_true", help="take the repairs back")
        parser.add_argument("--as-of", default="", metavar="T", help="default: now")

    def run(self, **options: Any) -> Outcome:
        if options["withdraw"] and options["retrain"]:
            raise BadInput("--withdraw and --retrain exclude each other")
        model = find_model(options["path"])
        zone = clock.zone_of(model.client.timezone)
        at = clock.parse_instant(options["as_of"], zone=zone) if options["as_of"] else clock.now()
        cycles = model.cycles.all()
        if options["cycle"]:
            cycles = cycles.filter(pk=options["cycle"])
        elif options["withdraw"]:
            cycles = cycles.filter(repairs__withdrawn_at__isnull=True, repairs__isnull=False)
        else:
            cycles = cycles.filter(state=State.UPSTREAM)
        cycle = cycles.order_by("-window_end", "-pk").first()
        if cycle is None:
            raise NotFound(f"{model.path} has no cycle that waits for a repair")
        signed = {"by": services.existing_user(options["by"]), "reason": options["reason"]}
        if options["withdraw"]:
            after = services.withdraw_repairs(cycle=cycle, at=at, **signed)
        else:
            after = services.apply_repairs(cycle=cycle, at=at, retrain=options["retrain"], **signed)
        if options["retrain"]:
            after = services.continue_cycle(cycle_id=after.pk, at=at, progress=self.progress)
        return _outcome(after)


def _outcome(cycle: Cycle) -> Outcome:
    rows = AppliedRepair.objects.filter(cycle=cycle).order_by("pk")
    found = [
        {
            "subject": row.subject,
            "kind": row.kind,
            "how": row.repair.how,
            "since": row.repair.since.isoformat(),
            "until": row.repair.until.isoformat(),
            "in_force": row.withdrawn_at is None,
        }
        for row in rows
    ]
    lines = [
        f"{row['subject']}: {row['how']}, {row['since']} to {row['until']}"
        + ("" if row["in_force"] else " (withdrawn)")
        for row in found
    ]
    payload = {"cycle": cycle.pk, "state": cycle.state, "repairs": found}
    return Outcome(payload, text="\n".join([f"{cycle} is {cycle.state}.", *lines]))
