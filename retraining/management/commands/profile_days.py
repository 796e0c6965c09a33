"""``profile_days``: count the days whose rows have changed, now and in this process."""

from argparse import ArgumentParser
from typing import Any

from agency.base.commands import DomainCommand, Outcome
from clients.queries import find_model
from retraining import services


class Command(DomainCommand):
    help = "Bring daily profiles up to their rows, as workers do every minute."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("models", nargs="*", metavar="CLIENT/MODEL", help="default: all")

    def run(self, **options: Any) -> Outcome:
        models = [find_model(path).pk for path in options["models"]] or services.dirty_models()
        counted = {pk: services.profile_model(model_id=pk, most=None) for pk in models}
        return Outcome({"models": len(counted), "days": sum(counted.values())})
