"""``rollback``: the previous version is live again, in one step."""

import time
from argparse import ArgumentParser
from typing import Any

from agency.base import clock
from agency.base.commands import DomainCommand, Outcome
from clients.queries import find_model
from retraining import services


class Command(DomainCommand):
    help = "Make the version that was live before the present one live again."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument("--by", required=True, metavar="USER")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--as-of", default="", metavar="T", help="default: now")

    def run(self, **options: Any) -> Outcome:
        started = time.perf_counter()
        model = find_model(options["path"])
        zone = clock.zone_of(model.client.timezone)
        at = clock.parse_instant(options["as_of"], zone=zone) if options["as_of"] else clock.now()
        done = services.rollback(
            model=model,
            by=services.existing_user(options["by"]),
            reason=options["reason"],
            at=at,
        )
        payload = {
            "from": done.from_version.name,
            "to": done.to_version.name,
            "seconds": round(time.perf_counter() - started, 3),
        }
        return Outcome(
            payload, text=f"{model}: {done.to_version} is live instead of {done.from_version}."
        )
