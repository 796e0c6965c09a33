"""Answers over HTTP: rows in, predictions out and logged; and which version answers."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agency.base import clock
from agency.base.api import Refusal, Unavailable
from agency.base.errors import BadInput
from agency.base.files import sha256_of
from clients.auth import client_of
from clients.models import MaintainedModel, Scope
from clients.own import own_model
from clients.quotas import check_rows, take_rows
from clients.readers import RawRow, read_rows
from clients.uploads import described
from clients.uploads.api import respond, rows_of
from clients.uploads.body import Body, receive
from clients.uploads.idempotency import Answer, Settle, answer_once, key_of
from clients.uploads.refusing import refusing
from retraining import serializers, services
from retraining.errors import NotRunnableHere
from retraining.models import ModelVersion

QUESTION = {"id": "q-1", "input": {"text": "Where is my card?"}, "context": {"channel": "web"}}
ANSWERS = {
    "predictions": [
        {"id": "q-1", "prediction": "card_arrival", "confidence": 0.93, "version": "v1.1"}
    ],
    "ignored_keys": {},
}


class Predict(APIView):
    scope: str = Scope.PREDICT

    @extend_schema(
        summary="Answer rows by the live version",
        description=(
            "Every row is logged as a production row under its id, to which feedback and outcomes "
            "may come later. The same id with the same content gets the stored answer again, with "
            "other content it is a 409."
        ),
        tags=["predictions"],
        parameters=[described.IDEMPOTENCY_KEY, described.CONTENT_ENCODING],
        request=described.body(
            "PredictUpload",
            serializers.QuestionSerializer,
            serializers.QuestionsSerializer,
            lines=json.dumps(QUESTION) + "\n",
            wrapped={"rows": [QUESTION]},
        ),
        responses={
            200: OpenApiResponse(
                serializers.AnswersSerializer, examples=[OpenApiExample("Answers", ANSWERS)]
            )
        },
    )
    def post(self, request: Request, model: str) -> Response:
        found = own_model(request, model)
        check_rows(client_of(request), clock.now())
        key = key_of(request)
        most = settings.PREDICT_MOST_BYTES
        with receive(request, forms=("ndjson", "json"), most_bytes=most) as body, refusing():
            # Checked, read and verified before any transaction is open.
            questions = services.check_questions(
                model=found, rows=read(body), most_rows=settings.PREDICT_MOST_ROWS
            )
            version = live(found)
            answer = answer_once(
                client=client_of(request),
                key=key,
                address=f"{request.method} {request.get_full_path()}",
                sha256=body.sha256,
                work=lambda settle: predict(found, version, questions, settle),
            )
        return respond(answer)


class Routing(APIView):
    scope: str = Scope.READ
    error_statuses = frozenset({"409"})

    @extend_schema(
        summary="The split of traffic now in force",
        description="Ask with `If-None-Match` and keep what you have on a 304.",
        tags=["predictions"],
        parameters=[
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 304]),
        ],
        responses={
            200: serializers.RoutingSerializer,
            304: OpenApiResponse(description="It is still the one that you have."),
        },
    )
    def get(self, request: Request, model: str) -> Response:
        split = services.routing(model=own_model(request, model))
        tag = f'"{sha256_of(json.dumps(split, sort_keys=True).encode())[:32]}"'
        known = {part.strip().removeprefix("W/") for part in asked_tags(request)}
        response = Response(status=304) if known & {tag, "*"} else Response(split)
        response["ETag"] = tag
        response["Cache-Control"] = "private, no-cache"
        return response


def asked_tags(request: Request) -> list[str]:
    """What If-None-Match names."""
    return request.headers.get("If-None-Match", "").split(",")


def live(model: MaintainedModel) -> ModelVersion:
    """The live version, ready to answer; a 503 where this machine can't run it."""
    try:
        return services.load_live(model=model)
    except NotRunnableHere as error:
        raise Unavailable from error


@transaction.atomic
def predict(
    model: MaintainedModel,
    version: ModelVersion,
    questions: "services.Questions",
    settle: Settle,
) -> Answer:
    """The version's answers to the questions, which are logged."""
    at = clock.now()
    answers = services.answer_and_log(model=model, version=version, rows=questions.rows, at=at)
    take_rows(model.client, len(answers), at)
    content: dict[str, Any] = {"predictions": [asdict(answer) for answer in answers]}
    answer = Answer(200, content | {"ignored_keys": questions.ignored_keys})
    settle(answer)
    return answer


def read(body: Body) -> Iterator[RawRow]:
    """The body's rows; ``Refusal`` 400 where it can't be read."""
    try:
        yield from read_rows(b"".join(rows_of(body)), f"rows.{body.form}")
    except BadInput as error:
        raise Refusal(400, "unreadable", "The body cannot be read as rows.") from error
