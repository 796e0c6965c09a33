"""``look_again``: compare an undecided candidate once more, with the labels that it asked for."""

from argparse import ArgumentParser
from typing import Any

from agency.base import clock
from agency.base.commands import ANSWER_IS_NO, DONE, DomainCommand, Outcome
from agency.base.errors import Conflict
from clients.queries import find_model
from retraining import services
from retraining.models import State
from retraining.queries import cycle_json


class Command(DomainCommand):
    help = "Compare the newest undecided candidate again, on rows that were labelled since."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument("--by", required=True, metavar="USER")
        parser.add_argument("--as-of", default="", metavar="T", help="default: now")

    def run(self, **options: Any) -> Outcome:
        model = find_model(options["path"])
        zone = clock.zone_of(model.client.timezone)
        at = clock.parse_instant(options["as_of"], zone=zone) if options["as_of"] else clock.now()
        by = services.existing_user(options["by"])
        cycle = model.cycles.filter(state=State.UNDECIDED).order_by("-pk").first()
        if cycle is None:
            raise Conflict(f"{model} has no undecided cycle")
        cycle = services.look_again(cycle=cycle, by=by, at=at)
        payload = cycle_json(cycle)
        reason = (payload["comparison"] or {}).get("reasons", [""])[0]
        code = ANSWER_IS_NO if cycle.state == State.REJECTED else DONE
        return Outcome(payload, code, text=f"{cycle}: {cycle.state}. {reason}")
