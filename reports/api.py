"""The API of the monthly reports, for reading: the list, the facts, the PDF."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.views import APIView

from agency.base.api import WhateverIsAccepted
from agency.base.errors import NotFound
from agency.base.files import fetch
from clients.auth import client_of
from clients.models import Client, Scope
from reports.models import MonthlyReport
from reports.serializers import ReportFactsSerializer, ReportSerializer


def finished(client: Client) -> QuerySet[MonthlyReport]:
    """The client's reports that can be read: rendered, every revision."""
    return MonthlyReport.objects.filter(client=client, state=MonthlyReport.State.RENDERED)


@extend_schema(summary="Your monthly reports, every revision", tags=["reports"])
class Reports(generics.ListAPIView):
    scope: str = Scope.READ
    queryset = MonthlyReport.objects.none()
    serializer_class = ReportSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return finished(client_of(self.request)).defer("facts")


@extend_schema(summary="The facts of a report", tags=["reports"])
class ReportFacts(generics.RetrieveAPIView):
    scope: str = Scope.READ
    queryset = MonthlyReport.objects.none()
    serializer_class = ReportFactsSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return finished(client_of(self.request))


class ReportPdf(APIView):
    scope: str = Scope.READ
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        summary="A report as PDF",
        tags=["reports"],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        report = finished(client_of(request)).select_related("client").filter(pk=pk).first()
        if report is None:
            raise NotFound("no such report")
        response = HttpResponse(
            fetch(report.pdf_sha256, suffix=".pdf"), content_type="application/pdf"
        )
        name = f"{report.client.slug}-{report.month:%Y-%m}-r{report.revision}.pdf"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        response["Cache-Control"] = "private"
        return response


urlpatterns = [
    path("reports", Reports.as_view()),
    path("reports/<int:pk>", ReportFacts.as_view()),
    path("reports/<int:pk>/pdf", ReportPdf.as_view()),
]
