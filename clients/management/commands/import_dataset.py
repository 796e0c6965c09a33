"""Add rows to a model's golden or training set: a new immutable version."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from agency.base import clock
from agency.base.commands import DomainCommand, Outcome
from clients.dataset_import import import_rows
from clients.queries import find_model
from clients.readers import read_bytes


class Command(DomainCommand):
    help = __doc__

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", metavar="CLIENT/MODEL")
        parser.add_argument("kind", choices=("golden", "training"))
        parser.add_argument("file", metavar="FILE", help="CSV or NDJSON: id, label, text/features")
        parser.add_argument("--reason", default="", help="why these rows; kept with the version")

    def run(self, **options: Any) -> Outcome:
        path = Path(options["file"])
        done = import_rows(
            model=find_model(options["model"]),
            kind=options["kind"],
            content=read_bytes(path),
            name=path.name,
            reason=options["reason"],
            by="import_dataset",
            at=clock.now(),
        )
        payload = {
            "version": done.version.number,
            "sha256": done.version.sha256,
            "added": done.added,
            "removed": done.removed,
            "released_from_training": done.released,
        }
        text = f"{done.version}: {done.added} rows added, {done.version.rows} in all"
        if done.released:
            text += f"; {done.released} training rows that copy them left the training set"
        return Outcome(payload, text=text)
