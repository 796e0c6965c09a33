"""Every hash and figure derived again from what is retained, and compared with what is recorded."""

from agency.base.errors import NotFound
from agency.management.verification import data, figures, records, reports
from agency.management.verification.found import Failure, Purged, Verified
from clients.models import Client, MaintainedModel
from reports.models import MonthlyReport

__all__ = ["Failure", "Purged", "Verified", "verify", "verify_report"]


def verify(*, model: MaintainedModel | None) -> Verified:
    """Check one model and its client's reports, or (``None``) everything that is stored.

    Reads only. Data that was erased on purpose is ``purged``, what a report says of a source that
    went on since is ``moved``: a status each, and no failure.
    """
    found = Verified()
    models = MaintainedModel.objects.select_related("client").order_by("client__slug", "slug")
    chosen = list(models.filter(pk=model.pk) if model else models)
    for each in chosen:
        data.check_datasets(each, found)
        loaded = data.check_artifacts(each, found)
        figures.check_eval_runs(each, loaded, found)
        figures.check_comparisons(each, found)
        records.check_cycles(each, found)
        records.check_rollouts(each, found)
    clients = Client.objects.order_by("slug")
    for client in clients.filter(pk=model.client_id) if model else clients:
        reports.check_reports(client, found)
    return found


def verify_report(sha256: str) -> Verified:
    """Check the one report that prints this hash of its facts, or its beginning of 12 digits or more.

    Raises ``NotFound`` where no report has it: what was printed is then not what is kept.
    """
    found = Verified()
    reports_of = MonthlyReport.objects.filter(facts_sha256__startswith=sha256.lower())
    if len(sha256) < 12 or not reports_of.exists():
        raise NotFound(f"no report's facts have the SHA-256 {sha256}")
    for report in reports_of.select_related("client"):
        reports.check_report(report, found)
    return found
