"""``run_cycle``: one pass of the loop, in this process."""

from argparse import ArgumentParser
from typing import Any

from agency.base import clock
from agency.base.commands import ANSWER_IS_NO, DONE, DomainCommand, Outcome
from clients.queries import find_model
from retraining import services
from retraining.models import Cycle, State
from retraining.queries import cycle_json


class Command(DomainCommand):
    help = "Monitor, diagnose and, where it is due, collect, retrain, compare and roll out."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL")
        parser.add_argument("--as-of", required=True, metavar="T", help="the window's end")
        parser.add_argument("--window-start", default="", metavar="T")
        parser.add_argument(
            "--auto-curate", action="store_true", help="take what passes the label checks"
        )
        parser.add_argument("--approve-as", default="", metavar="USER")
        parser.add_argument(
            "--immediate", action="store_true", help="live without shadow or canary"
        )

    def run(self, **options: Any) -> Outcome:
        model = find_model(options["path"])
        zone = clock.zone_of(model.client.timezone)
        start = options["window_start"]
        cycle = services.run_cycle(
            model=model,
            as_of=clock.parse_instant(options["as_of"], zone=zone),
            window_start=clock.parse_instant(start, zone=zone) if start else None,
            auto_curate=options["auto_curate"],
            approve_as=options["approve_as"],
            strategy="immediate",
            progress=self.progress,
        )
        no = cycle.state == State.REJECTED and bool(options["approve_as"])
        failed = cycle.state == State.FAILED
        return Outcome(
            cycle_json(cycle), exit_code=ANSWER_IS_NO if no or failed else DONE, text=_words(cycle)
        )


def _words(cycle: Cycle) -> str:
    lines = [f"{cycle.model} cycle {cycle.pk}: {cycle.state}"]
    diagnosis = getattr(cycle, "diagnosis", None)
    if diagnosis is not None:
        lines.append(f"verdict: {diagnosis.verdict}")
        lines += [f"- {cause['evidence']}" for cause in diagnosis.findings["causes"]]
    comparison = cycle.comparisons.order_by("-attempt").first()
    if comparison is not None:
        lines.append(f"gate: {comparison.verdict}")
        lines += [f"- {reason}" for reason in comparison.figures["reasons"]]
    return "\n".join(lines)
