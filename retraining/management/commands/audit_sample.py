"""``audit_sample``: rows drawn at random for a person to label blind."""

from argparse import ArgumentParser
from typing import Any

from agency.base import clock
from agency.base.commands import DomainCommand, Outcome
from clients.queries import find_model
from retraining import services


class Command(DomainCommand):
    help = (
        "Draw unlabelled rows of a window at random, record which, and print them without the "
        "model's answers. Import them again with feedback {label, label_source: review}."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument("--window-start", required=True, metavar="T")
        parser.add_argument("--window-end", required=True, metavar="T")
        parser.add_argument("--n", type=int, required=True, help="how many rows")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--by", required=True, metavar="USER")

    def run(self, **options: Any) -> Outcome:
        model = find_model(options["path"])
        zone = clock.zone_of(model.client.timezone)
        sample = services.draw_audit_sample(
            model=model,
            start=clock.parse_instant(options["window_start"], zone=zone),
            end=clock.parse_instant(options["window_end"], zone=zone),
            n=options["n"],
            seed=options["seed"],
            by=services.existing_user(options["by"]),
            at=clock.now(),
        )
        self.progress(f"sample {sample.pk}: {sample.n} of {sample.population} unlabelled rows")
        rows = sample.rows.select_related("log")
        return Outcome([{"id": row.log.row_id, "input": row.log.input} for row in rows])
