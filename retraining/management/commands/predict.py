"""``predict``: every row of a file answered, as NDJSON."""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from agency.base.commands import DomainCommand, Outcome
from clients.queries import find_model
from clients.readers import read_bytes
from retraining import services


class Command(DomainCommand):
    help = "Answer the rows of a CSV or NDJSON file; other columns are ignored, nothing is logged."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version (of Django) gives way to the model's.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--version", dest="which", default="live", metavar="vN|live|candidate")

    def run(self, **options: Any) -> Outcome:
        answers = services.predict_file(
            model=find_model(options["path"]),
            name=Path(options["file"]).name,
            content=read_bytes(options["file"]),
            version=options["which"],
        )
        return Outcome([asdict(answer) for answer in answers])
