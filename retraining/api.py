"""The API of the loop: answers and routing; for reading, versions, evaluations, cycles and more."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema

from clients.api import OfOneModel
from retraining import serializers
from retraining.models import Comparison, Cycle, EvalRun, ModelVersion, Rollout
from retraining.predict_api import Predict, Routing


@extend_schema(summary="The versions of a model", tags=["loop"])
class Versions(OfOneModel):
    queryset = ModelVersion.objects.none()
    serializer_class = serializers.VersionSerializer

    def get_queryset(self) -> QuerySet[Any]:
        rows = ModelVersion.objects.filter(model=self.model())
        # The reference of drift is large and for us alone.
        return rows.select_related("parent", "training_version").defer("reference")


@extend_schema(summary="How versions did on golden and audited rows", tags=["loop"])
class Evaluations(OfOneModel):
    queryset = EvalRun.objects.none()
    serializer_class = serializers.EvaluationSerializer

    def get_queryset(self) -> QuerySet[Any]:
        rows = EvalRun.objects.filter(version__model=self.model())
        return rows.select_related("version", "golden_version")


@extend_schema(summary="Passes of the loop: what was found, and what came of it", tags=["loop"])
class Cycles(OfOneModel):
    queryset = Cycle.objects.none()
    serializer_class = serializers.CycleSerializer

    def get_queryset(self) -> QuerySet[Any]:
        rows = Cycle.objects.filter(model=self.model())
        return rows.select_related("incumbent", "candidate", "diagnosis")


@extend_schema(summary="Candidates against incumbents on the same golden rows", tags=["loop"])
class Comparisons(OfOneModel):
    queryset = Comparison.objects.none()
    serializer_class = serializers.ComparisonSerializer

    def get_queryset(self) -> QuerySet[Any]:
        rows = Comparison.objects.filter(cycle__model=self.model())
        return rows.select_related("incumbent", "candidate", "golden_version")


@extend_schema(summary="Which version was live, and when", tags=["loop"])
class Rollouts(OfOneModel):
    queryset = Rollout.objects.none()
    serializer_class = serializers.RolloutSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return Rollout.objects.filter(model=self.model()).select_related("version")


urlpatterns = [
    path("models/<slug:model>/versions", Versions.as_view()),
    path("models/<slug:model>/evaluations", Evaluations.as_view()),
    path("models/<slug:model>/cycles", Cycles.as_view()),
    path("models/<slug:model>/comparisons", Comparisons.as_view()),
    path("models/<slug:model>/rollouts", Rollouts.as_view()),
    path("models/<slug:model>/routing", Routing.as_view()),
    path("models/<slug:model>/predict", Predict.as_view()),
]
