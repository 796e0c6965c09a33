"""``report``: a client's month as PDF, HTML and facts."""

import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from agency.base import clock, files
from agency.base.commands import DomainCommand, Outcome
from agency.base.errors import BadInput
from clients.queries import find_client
from reports import canonical, services


class Command(DomainCommand):
    help = "Freeze a client's month and render it; what is not final is marked provisional."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client", metavar="CLIENT")
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--out", required=True, metavar="DIR", help="where the files go")
        parser.add_argument("--as-of", default="", metavar="T", help="what was known then")

    def run(self, **options: Any) -> Outcome:
        client = find_client(options["client"])
        month = clock.parse_month(options["month"])
        zone = clock.zone_of(client.timezone)
        as_of = options["as_of"]
        at = clock.parse_instant(as_of, zone=zone) if as_of else clock.now()
        folder = _writable(Path(options["out"]))
        self.progress(f"{client.slug} {month:%Y-%m}: gathering and rendering")
        report = services.publish(client=client, month=month, at=at)
        contents = {
            "pdf": (".pdf", files.fetch(report.pdf_sha256, suffix=".pdf")),
            "html": (".html", files.fetch(report.html_sha256, suffix=".html")),
            "facts": (".facts.json", canonical.to_json(services.facts_of(report)).encode()),
        }
        paths = {
            kind: str(_write(folder / f"{client.slug}-{month:%Y-%m}{suffix}", content))
            for kind, (suffix, content) in contents.items()
        }
        return Outcome(
            {
                **paths,
                "sha256": report.facts_sha256,
                "revision": report.revision,
                "provisional": report.provisional,
                "provisional_because": list(report.facts["provisional"]),
                "pdf_sha256": report.pdf_sha256,
            }
        )


def _writable(folder: Path) -> Path:
    """The folder, made where it is missing; ``BadInput`` where nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BadInput(f"cannot write to {folder}: {error.strerror or error}") from error
    return folder.resolve()


def _write(path: Path, content: bytes) -> Path:
    """Whole or not at all: a reader never sees half a PDF."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error
    return path
