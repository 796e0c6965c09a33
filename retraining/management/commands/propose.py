"""``propose``: examples that staff bring from new procedures and documents."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from agency.base.commands import DomainCommand, Outcome
from clients.labelled import read_labelled
from clients.queries import find_model
from clients.readers import read_bytes
from clients.schema import Schema
from retraining import services


class Command(DomainCommand):
    help = "Bring labelled examples; the next cycle that collects checks and proposes them."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument(
            "file", metavar="FILE", help="CSV or NDJSON: id, label, text or features"
        )
        parser.add_argument("--source", required=True, help="which procedure or document")
        parser.add_argument("--by", required=True, metavar="USER")

    def run(self, **options: Any) -> Outcome:
        model = find_model(options["path"])
        name = Path(options["file"]).name
        schema = Schema.from_dict(model.schema)
        rows, _ = read_labelled(read_bytes(options["file"]), name, schema, model.task)
        brought = services.bring_examples(
            model=model,
            rows=rows,
            source=options["source"],
            by=services.existing_user(options["by"]),
        )
        return Outcome({"brought": brought}, text=f"{brought} examples wait for the next cycle.")
