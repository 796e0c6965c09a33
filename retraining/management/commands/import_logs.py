"""``import_logs``: production rows in, by the same path as the API."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from agency.base import clock
from agency.base.commands import DomainCommand, Outcome
from clients.queries import find_model
from clients.readers import read_bytes
from retraining import services


class Command(DomainCommand):
    help = "Store production logs (NDJSON, JSON or CSV, gzip welcome); all files or nothing."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument("files", metavar="FILE", nargs="+")
        parser.add_argument(
            "--partial", action="store_true", help="store the good rows, quarantine the bad ones"
        )
        parser.add_argument(
            "--ignore-predictions",
            action="store_true",
            help="answer the rows again; of the feedback, only labels are used",
        )

    def run(self, **options: Any) -> Outcome:
        done, scored = services.import_logs(
            model=find_model(options["path"]),
            files=[(Path(name).name, read_bytes(name)) for name in options["files"]],
            partial=options["partial"],
            ignore_predictions=options["ignore_predictions"],
            at=clock.now(),
            progress=self.progress,
        )
        payload = {
            "batch": done.batch.pk,
            "accepted": done.accepted,
            "duplicates": done.duplicates,
            "labels": done.labels,
            "rejected": done.rejected,
            "ignored_keys": done.ignored_keys,
            "scored": scored,
        }
        text = (
            f"{done.accepted} rows accepted, {done.duplicates} duplicates, "
            f"{done.labels} late labels, {len(done.rejected)} rejected, {scored} answered by us."
        )
        return Outcome(payload, text=text)
