"""Every hash and figure derived again from what is retained, and compared with what is recorded."""

from agency.management.verification import data, figures, records
from agency.management.verification.found import Failure, Verified
from clients.models import Client, MaintainedModel

__all__ = ["Failure", "Verified", "verify"]


def verify(*, model: MaintainedModel | None) -> Verified:
    """Check one model and its client's reports, or (``None``) everything that is stored.

    Reads only. Data that was erased on purpose is ``purged``, which is a status and no failure.
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
        records.check_reports(client, found)
    return found
