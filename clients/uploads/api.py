"""Uploads over HTTP: production rows, feedback and outcomes, and what became of a batch."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agency.base import clock
from agency.base.api import Refusal
from agency.base.errors import Conflict
from clients.auth import client_of
from clients.ingest import IngestResult, ingest_stream, take_feedback, take_outcomes
from clients.models import MaintainedModel, PredictionLog, Scope, UploadBatch
from clients.own import own_model
from clients.quarantine import ask_for_answers
from clients.quotas import take_rows
from clients.serializers import BatchSerializer
from clients.uploads import described
from clients.uploads.body import Body, receive
from clients.uploads.envelope import unwrap
from clients.uploads.idempotency import REPLAYED, Answer, Settle, answer_once, key_of
from clients.uploads.refusing import faults, refusing

ATTEMPTS = 3
"""Two uploads of the same new rows at one moment: the later one finds duplicates when it looks again."""


Finish = Callable[[IngestResult], None]


class Upload(APIView):
    """Takes rows for one model of the asking client: all of them or, with ``partial``, the good ones."""

    stores_rows = True

    def upload(self, request: Request, slug: str) -> Response:
        model = own_model(request, slug)
        key = key_of(request)
        partial = flag(request, "partial")
        with receive(request) as body, refusing():
            answer = answer_once(
                client=client_of(request),
                key=key,
                address=f"{request.method} {request.get_full_path()}",
                sha256=body.sha256,
                work=lambda settle: self._store(request, model, body, partial, settle),
            )
        return respond(answer)

    def _store(
        self, request: Request, model: MaintainedModel, body: Body, partial: bool, settle: Settle
    ) -> Answer:
        def finish(done: IngestResult) -> None:
            take_rows(model.client, done.accepted, clock.now())
            self.stored(model, done)
            settle(told(done))

        for attempt in range(1, ATTEMPTS + 1):
            try:
                done = self.take(
                    finish,
                    model=model,
                    chunks=rows_of(body),
                    form=body.form,
                    name=f"API: {request.auth.name}",  # type: ignore[union-attr]
                    partial=partial,
                    at=clock.now(),
                    most_rows=settings.UPLOAD_MOST_ROWS,
                )
                return told(done)
            except Conflict:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError  # the loop ends above

    def take(self, finish: Finish, **upload: Any) -> IngestResult:
        """Hand the upload to the engine; ``finish`` is called in the transaction that writes."""
        raise NotImplementedError

    def stored(self, model: MaintainedModel, done: IngestResult) -> None:
        """What is to follow once the rows are committed."""


class LogsUpload(Upload):
    scope: str = Scope.LOGS_WRITE

    @described.logs
    def post(self, request: Request, model: str) -> Response:
        return self.upload(request, model)

    def take(self, finish: Finish, **upload: Any) -> IngestResult:
        return ingest_stream(then=finish, **upload)

    def stored(self, model: MaintainedModel, done: IngestResult) -> None:
        if done.unanswered:
            ask_for_answers(model=model)


class FeedbackUpload(Upload):
    scope: str = Scope.FEEDBACK_WRITE

    @described.feedback
    def post(self, request: Request, model: str) -> Response:
        return self.upload(request, model)

    @transaction.atomic
    def take(self, finish: Finish, **upload: Any) -> IngestResult:
        done = take_feedback(**upload)
        finish(done)
        return done


class OutcomesUpload(Upload):
    scope: str = Scope.FEEDBACK_WRITE

    @described.outcomes
    def post(self, request: Request, model: str) -> Response:
        return self.upload(request, model)

    @transaction.atomic
    def take(self, finish: Finish, **upload: Any) -> IngestResult:
        done = take_outcomes(**upload)
        finish(done)
        return done


@extend_schema(
    summary="What became of an upload",
    description="`stored`: its rows are safe. `scored`: each of them also has an answer.",
    tags=["uploads"],
)
class Batch(generics.RetrieveAPIView):
    scope: str = Scope.READ
    queryset = UploadBatch.objects.none()
    serializer_class = BatchSerializer

    def get_queryset(self) -> Any:
        unanswered = PredictionLog.objects.filter(
            batch=OuterRef("pk"), answered=PredictionLog.Answered.NONE
        ).order_by()
        own = UploadBatch.objects.filter(model__client=client_of(self.request))
        return own.annotate(unanswered=Exists(unanswered))


def told(done: IngestResult) -> Answer:
    """What the client is told of an upload."""
    return Answer(
        202,
        {
            "batch": done.batch.pk,
            "accepted": done.accepted,
            "duplicates": done.duplicates,
            "labels": done.labels,
            "pending": done.pending,
            "rejected": faults(done.rejected),
            "ignored_keys": done.ignored_keys,
        },
    )


def rows_of(body: Body) -> Iterable[bytes]:
    """The body's rows in pieces; a JSON body may have an envelope."""
    return unwrap(body.chunks()) if body.form == "json" else body.chunks()


def flag(request: Request, name: str) -> bool:
    """A query parameter that is ``true``, ``false`` or absent; anything else is a 400."""
    value = request.query_params.get(name, "false")
    if value not in ("true", "false"):
        raise Refusal(400, "bad_parameter", f"The parameter {name} must be true or false.")
    return value == "true"


def respond(answer: Answer) -> Response:
    """The answer; one that was given before says so in a header."""
    response = Response(dict(answer.content), status=answer.status)
    if answer.replayed:
        response[REPLAYED] = "true"
    return response


urlpatterns = [
    path("models/<slug:model>/logs", LogsUpload.as_view()),
    path("models/<slug:model>/feedback", FeedbackUpload.as_view()),
    path("models/<slug:model>/outcomes", OutcomesUpload.as_view()),
    path("batches/<int:pk>", Batch.as_view()),
]
