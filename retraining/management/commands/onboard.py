"""``onboard``: a client's model comes in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from agency.base import clock
from agency.base.commands import DomainCommand, Outcome
from agency.base.errors import BadInput
from clients.models import Language
from clients.readers import read_bytes
from retraining import services
from retraining.queries import estimate_json


class Command(DomainCommand):
    help = "Register a client's model, store its datasets, train v1.0, measure it, make it live."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument("--tier", required=True)
        parser.add_argument("--domain", required=True)
        parser.add_argument("--timezone", required=True)
        parser.add_argument("--task", required=True, choices=["text", "tabular"])
        parser.add_argument("--train", required=True, metavar="FILE")
        parser.add_argument("--golden", required=True, metavar="FILE")
        parser.add_argument("--name", default="", help="the model's name for people")
        parser.add_argument("--learner", default="", help="another than the task's default")
        parser.add_argument("--language", default="en", choices=Language.values)
        parser.add_argument(
            "--as-of", default="", metavar="T", help="live from then (default: now)"
        )

    def run(self, **options: Any) -> Outcome:
        zone = clock.zone_of(options["timezone"])
        as_of = (
            clock.parse_instant(options["as_of"], zone=zone) if options["as_of"] else clock.now()
        )
        client, slash, model = options["path"].partition("/")
        if not slash or not client or not model:
            raise BadInput(f"{options['path']!r} is not CLIENT/MODEL")
        done = services.onboard(
            client=client,
            model=model,
            name=options["name"],
            tier=options["tier"],
            domain=options["domain"],
            timezone=options["timezone"],
            language=options["language"],
            task=options["task"],
            train=(Path(options["train"]).name, read_bytes(options["train"])),
            golden=(Path(options["golden"]).name, read_bytes(options["golden"])),
            as_of=as_of,
            by="command line",
            learner=options["learner"],
            progress=self.progress,
        )
        golden = estimate_json(done.golden)
        text = (
            f"{done.model} is live as {done.version}: {golden['estimate'] * 100:.1f}% on the golden "
            f"set ({golden['low'] * 100:.0f} to {golden['high'] * 100:.0f}, n={golden['n']}); "
            f"{done.set_aside} training rows set aside as copies of golden rows."
        )
        return Outcome(
            {
                "model": done.model.path,
                "version": done.version.name,
                "golden": golden,
                "set_aside": done.set_aside,
            },
            text=text,
        )
