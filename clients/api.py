"""The API of a client's models and datasets. Views find the client's rows and show them."""

from typing import Any

from django.db.models import QuerySet
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework import generics

from clients.auth import client_of
from clients.models import DatasetVersion, MaintainedModel, Scope
from clients.own import own_model
from clients.serializers import DatasetVersionSerializer, MaintainedModelSerializer


class OfOneModel(generics.ListAPIView):
    """Rows of one model of the client that asks; a model of anybody else does not exist."""

    scope: str = Scope.READ

    def model(self) -> MaintainedModel:
        return own_model(self.request, self.kwargs["model"])


@extend_schema(summary="The models that we maintain for you", tags=["models"])
class Models(generics.ListAPIView):
    scope: str = Scope.READ
    queryset = MaintainedModel.objects.none()
    serializer_class = MaintainedModelSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return MaintainedModel.objects.filter(client=client_of(self.request)).select_related("tier")


@extend_schema(summary="Versions of a model's training and golden set", tags=["models"])
class Datasets(OfOneModel):
    queryset = DatasetVersion.objects.none()
    serializer_class = DatasetVersionSerializer

    def get_queryset(self) -> QuerySet[Any]:
        rows = DatasetVersion.objects.filter(dataset__model=self.model())
        return rows.select_related("dataset", "parent")


urlpatterns = [
    path("", include("clients.uploads.api")),
    path("", include("clients.uploads.datasets")),
    path("models", Models.as_view()),
    path("models/<slug:model>/datasets", Datasets.as_view()),
]
