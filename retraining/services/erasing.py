"""What the loop made of a person's rows: emptied, cut out, and said of the versions that learned them."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from clients.models import Client, MaintainedModel
from clients.privacy import Subject, Touched
from clients.queries import rows_of
from retraining.models import Diagnosis, EvalRow, ModelVersion, Proposal

ERASED = "[erased]"


@transaction.atomic
def erase_traces(*, client: Client, subject: Subject, touched: Touched) -> None:
    """Empty the proposals made from the rows that went or naming the person, cut the person out of
    findings, and note the versions that learned from these rows; all is added to ``touched``.

    Decisions on a proposal, their times and names stay: who accepted what is kept.
    """
    for model in MaintainedModel.objects.filter(client=client):
        ids = touched.gone.get(model.pk, set())
        proposals = [
            proposal
            for proposal in Proposal.objects.filter(model=model).iterator()
            if proposal.input
            and (proposal.row_id in ids or subject.is_in([proposal.row_id, proposal.input]))
        ]
        for proposal in proposals:
            proposal.input, proposal.label = {}, ERASED
            proposal.final_label = ERASED if proposal.final_label else ""
        Proposal.objects.bulk_update(proposals, ["input", "label", "final_label"], batch_size=200)
        touched.add("proposals", [f"{model.slug} {proposal.row_id}" for proposal in proposals])
        named = [
            diagnosis
            for diagnosis in Diagnosis.objects.filter(cycle__model=model).iterator()
            if subject.is_in(diagnosis.findings)
        ]
        for diagnosis in named:
            diagnosis.findings = subject.cut(diagnosis.findings)
        Diagnosis.objects.bulk_update(named, ["findings"], batch_size=50)
        touched.add("findings", [f"{model.slug} cycle {found.cycle_id}" for found in named])
        scored = EvalRow.objects.filter(run__version__model=model, row_id__icontains=subject.text)
        for row in scored:
            EvalRow.objects.filter(pk=row.pk).update(row_id=f"erased-{row.pk}")
        touched.add("versions that learned them", _learned(model, ids, touched))


def _learned(model: MaintainedModel, ids: Collection[str], touched: Touched) -> list[str]:
    """Versions whose artifacts are left as they are, for they serve: a retrain forgets the rows."""
    chosen = Q(row_id__in=list(ids)) | Q(log_row_id__in=list(ids))
    # A row whose id named the person is known by another one since.
    chosen |= Q(pk__in=list(touched.emptied.get(model.pk, ())))
    versions = ModelVersion.objects.filter(model=model).select_related("training_version")
    return [
        f"{model.slug} {version}"
        for version in versions
        if rows_of(version.training_version).filter(chosen).exists()
    ]
