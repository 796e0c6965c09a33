"""``verify``: every hash and figure again, from what is retained."""

from argparse import ArgumentParser
from typing import Any

from agency.base.commands import ANSWER_IS_NO, DONE, DomainCommand, Outcome
from agency.management.verification import Purged, verify, verify_report
from clients.queries import find_model


class Command(DomainCommand):
    help = "Derive every hash and figure again: datasets, artifacts, evaluations, reports, audit chain."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="CLIENT/MODEL", nargs="?", help="default: all models")
        parser.add_argument("--report", metavar="SHA256", help="the report of these facts alone")

    def run(self, **options: Any) -> Outcome:
        path = options["path"]
        if options["report"]:
            found = verify_report(options["report"])
        else:
            found = verify(model=find_model(path) if path else None)
        counts = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in found.checked.items())
        lines = [f"checked: {counts or 'nothing, for nothing is stored'}"]
        lines += [f"purged: {_told(gone)}" for gone in found.purged]
        lines += [f"moved: {each.id}: {each.why}" for each in found.moved]
        lines += [f"FAILED {bad.what} {bad.id}: {bad.why}" for bad in found.failed]
        code = ANSWER_IS_NO if found.failed else DONE
        return Outcome(found.as_json(), exit_code=code, text="\n".join(lines))


def _told(gone: Purged) -> str:
    return f"{gone.rows} rows of {gone.id}" if gone.rows else gone.id
