"""Reports: facts against their hash, pages against theirs, and every figure against its source."""

from agency.base import files
from agency.base.errors import Corrupt
from agency.management.verification.found import Moved, Purged, Verified
from agency.management.verification.records import chain
from clients.models import Client
from reports import provenance
from reports.facts import Report
from reports.gathering.sources import Asked, check
from reports.models import MonthlyReport
from reports.queries import FORMAT
from reports.services import facts_of

PROVABLE = 2
"""Facts of before this format name no sources: of these only the hash can be checked."""


def check_reports(client: Client, found: Verified) -> None:
    """Each revision of each month."""
    reports = client.reports.prefetch_related("transitions").order_by("month", "revision")
    for report in reports.select_related("client"):
        check_report(report, found)


def check_report(report: MonthlyReport, found: Verified) -> None:
    """How it came about, its bytes, and its figures."""
    problems = chain(report, begin={MonthlyReport.State.FROZEN})
    name = f"{report.client.slug} {report.month:%Y-%m} r{report.revision}"
    facts = None
    try:
        facts = facts_of(report)
    except Corrupt as error:
        problems.append(str(error))
    if report.state == MonthlyReport.State.RENDERED:
        for digest, suffix, start in (
            (report.html_sha256, ".html", b"<"),
            (report.pdf_sha256, ".pdf", b"%PDF-"),
        ):
            problems += _stored(digest, suffix, start)
    found.check("report", name, problems)
    if facts is not None:
        _check_figures(report, facts, name, found)


def _check_figures(report: MonthlyReport, facts: Report, name: str, found: Verified) -> None:
    """Every number again from its source. A number without one is a failure of its own."""
    problems = _of_this_report(report, facts)
    if facts.format >= PROVABLE:
        problems += [f"{place} names no source" for place in provenance.silent(facts)]
    asked, gone = Asked(report, facts), set()
    for path, record in provenance.sourced(facts):
        told = check(asked, path, record)
        found.checked["report_figures"] += told.figures
        if told.gone:
            gone.add((told.source.of, told.gone))
        if told.moved:
            found.moved += [Moved("report", name, f"{why}: {told.moved}") for why in told.problems]
        else:
            problems += told.problems
    found.failed += found.failures("report", name, problems)
    found.purged += [Purged("report_source", f"{name} {of}: {why}", 0) for of, why in sorted(gone)]


def _of_this_report(report: MonthlyReport, facts: Report) -> list[str]:
    """Whose month the facts say it is, beside whose it is kept as."""
    said = (facts.client.slug, facts.month, facts.edition.revision)
    kept = (report.client.slug, f"{report.month:%Y-%m}", report.revision)
    problems = [] if said == kept else [f"its facts are of {said}, it is kept as {kept}"]
    if facts.format > FORMAT:
        problems.append(f"/format is {facts.format}, which nobody has written yet")
    if facts.format < PROVABLE and any(provenance.sourced(facts)):
        problems.append(f"/format is {facts.format}, but its figures name sources")
    return problems


def _stored(digest: str, suffix: str, start: bytes) -> list[str]:
    try:
        content = files.fetch(digest, suffix=suffix)
    except Corrupt as error:
        return [str(error)]
    return [] if content.startswith(start) else [f"the stored {suffix} is none"]
