"""Rows for a model's golden or training set over HTTP: a new version, or the one that has them."""

from django.conf import settings
from django.db import transaction
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agency.base import clock
from clients.auth import client_of
from clients.dataset_import import import_rows
from clients.models import Dataset, MaintainedModel, Scope
from clients.own import own_model
from clients.quotas import check_rows, take_rows
from clients.uploads.api import respond
from clients.uploads.dataset_faults import refusing_files
from clients.uploads.dataset_files import Sent, sent_file
from clients.uploads.datasets_described import described
from clients.uploads.idempotency import Answer, Settle, answer_once, key_of

MOST_ROWS = 200_000
"""Of one file: they are read and compared with the stored ones in memory."""
REASON = "uploaded over the API"


class DatasetUpload(APIView):
    """Adds the rows of a file to one of a model's sets: all of them, or nothing."""

    scope: str = Scope.DATASETS_WRITE
    kind: str = Dataset.Kind.TRAINING

    @described
    def post(self, request: Request, model: str) -> Response:
        found = own_model(request, model)
        check_rows(client_of(request), clock.now())
        key = key_of(request)
        with sent_file(request) as sent, refusing_files():
            answer = answer_once(
                client=client_of(request),
                key=key,
                address=f"{request.method} {request.get_full_path()}",
                sha256=sent.sha256,
                work=lambda settle: self._store(request, found, sent, settle),
            )
        return respond(answer)

    @transaction.atomic
    def _store(
        self, request: Request, model: MaintainedModel, sent: Sent, settle: Settle
    ) -> Answer:
        done = import_rows(
            model=model,
            kind=self.kind,
            content=sent.content(),
            name=sent.name,
            reason=sent.reason or REASON,
            by=request.auth.name,  # type: ignore[union-attr]
            at=clock.now(),
            most_rows=min(MOST_ROWS, settings.UPLOAD_MOST_ROWS),
        )
        take_rows(model.client, done.added, clock.now())
        answer = Answer(
            201 if done.is_new else 200,
            {
                "dataset": self.kind,
                "version": done.version.number,
                "sha256": done.version.sha256,
                "added": done.added,
                "removed": done.removed,
                "released": done.released,
            },
        )
        settle(answer)
        return answer


urlpatterns = [
    path(f"models/<slug:model>/datasets/{kind.value}", DatasetUpload.as_view(kind=kind.value))
    for kind in Dataset.Kind
]
