"""The service with one more address: production rows taken the conventional way, for comparison."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")

import django

django.setup()

# ruff: noqa: E402
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clients.models import MaintainedModel, PredictionLog, UploadBatch


class Row(serializers.Serializer[Any]):
    """The same checks, as one writes them with serializers."""

    id = serializers.CharField(max_length=200)
    timestamp = serializers.DateTimeField()
    input = serializers.DictField(child=serializers.CharField(max_length=100_000))
    context = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(max_length=500), required=False
    )
    model_version = serializers.CharField(max_length=40, required=False)
    prediction = serializers.CharField(max_length=200)
    confidence = serializers.FloatField(min_value=0, max_value=1)
    feedback = serializers.DictField(required=False)


class Conventional(APIView):
    """A list serializer and ``bulk_create``; no key, no digest, no duplicates: less than we do."""

    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request, model: int) -> Response:
        rows = Row(data=request.data, many=True)
        rows.is_valid(raise_exception=True)
        own = MaintainedModel.objects.get(pk=model)
        with transaction.atomic():
            batch = UploadBatch.objects.create(
                model=own,
                name="bench",
                accepted=len(rows.validated_data),
                received_at=timezone.now(),
            )
            PredictionLog.objects.bulk_create(
                PredictionLog(
                    client_id=own.client_id,
                    model=own,
                    batch=batch,
                    row_id=row["id"],
                    timestamp=row["timestamp"],
                    input=row["input"],
                    context=row.get("context", {}),
                    answered="client",
                    model_version=row.get("model_version", ""),
                    prediction=row["prediction"],
                    confidence=row["confidence"],
                    signals=row.get("feedback", {}),
                    received_at=batch.received_at,
                )
                for row in rows.validated_data
            )
        return Response({"accepted": len(rows.validated_data)}, status=202)


urlpatterns = [
    path("bench/<int:model>/logs", Conventional.as_view()),
    path("", include("agency.urls")),
]


def application() -> WSGIHandler:
    """What gunicorn serves as ``bench.ingest_site:application()``; nothing changes at import."""
    settings.ROOT_URLCONF = "bench.ingest_site"
    return get_wsgi_application()
