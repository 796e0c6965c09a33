"""``erase``: find and remove a person's rows everywhere, and list what was touched."""

from argparse import ArgumentParser
from typing import Any

from agency.base import clock
from agency.base.commands import DomainCommand, Outcome
from agency.management.erasing import erase
from clients.privacy import Subject
from clients.queries import find_client
from retraining.services import existing_user


class Command(DomainCommand):
    help = "Remove a person's rows: logs, datasets (digests stay), queues; versions and reports are named."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client", metavar="CLIENT")
        parser.add_argument(
            "--subject",
            required=True,
            metavar="TEXT",
            help="a mail address, a customer's number, a name: found as whole words, in any case",
        )
        parser.add_argument("--by", required=True, metavar="USER")

    def run(self, **options: Any) -> Outcome:
        client = find_client(options["client"])
        by = existing_user(options["by"])
        subject = Subject(options["subject"])
        done = erase(client=client, subject=subject, by=by, at=clock.now())
        lines = [f"{kind}: {found['n']}" for kind, found in done.touched.items()]
        return Outcome(
            {"erasure": done.pk, "subject_sha256": done.subject_sha256, "touched": done.touched},
            text="\n".join(lines) or "nothing of this person is stored",
        )
