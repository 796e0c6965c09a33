"""How versions, evaluations, cycles, comparisons and rollouts look from outside."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agency.base.openapi import EstimateSerializer
from clients.log_rows import LONGEST_ID
from clients.uploads.rows import Values
from retraining.models import Comparison, Cycle, EvalRun, ModelVersion, Rollout


class VersionSerializer(serializers.ModelSerializer):
    version = serializers.CharField(source="name")
    parent = serializers.CharField(  # type: ignore[assignment]
        source="parent.name", default=None, allow_null=True
    )
    training_version = serializers.IntegerField(source="training_version.number")
    training_sha256 = serializers.CharField(source="training_version.sha256")
    categories = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ModelVersion
        fields = (
            "version",
            "parent",
            "training_version",
            "training_sha256",
            "artifact_sha256",
            "artifact_bytes",
            "learner",
            "arm",
            "categories",
            "library_versions",
            "seed",
            "created_at",
        )


class EvaluationSerializer(serializers.ModelSerializer):
    evaluation = serializers.IntegerField(source="pk")
    version = serializers.CharField(source="version.name")
    cycle = serializers.IntegerField(source="cycle_id", allow_null=True)
    golden_version = serializers.IntegerField(
        source="golden_version.number", default=None, allow_null=True
    )
    accuracy = serializers.SerializerMethodField()
    categories = serializers.DictField()

    class Meta:
        model = EvalRun
        fields = (
            "evaluation",
            "kind",
            "version",
            "cycle",
            "golden_version",
            "accuracy",
            "categories",
            "created_at",
        )

    @extend_schema_field(EstimateSerializer)
    def get_accuracy(self, run: EvalRun) -> dict[str, Any]:
        return {"estimate": run.estimate, "low": run.low, "high": run.high, "n": run.n}


class CycleSerializer(serializers.ModelSerializer):
    cycle = serializers.IntegerField(source="pk")
    reason = serializers.SerializerMethodField()
    window = serializers.SerializerMethodField()
    incumbent = serializers.CharField(source="incumbent.name")
    candidate = serializers.CharField(source="candidate.name", default=None, allow_null=True)
    verdict = serializers.CharField(source="diagnosis.verdict", default=None, allow_null=True)

    class Meta:
        model = Cycle
        fields = (
            "cycle",
            "state",
            "reason",
            "window",
            "verdict",
            "incumbent",
            "candidate",
            "created_at",
        )

    @extend_schema_field(serializers.ChoiceField(choices=Cycle.Reason.choices, allow_null=True))
    def get_reason(self, cycle: Cycle) -> str | None:
        return cycle.reason or None

    @extend_schema_field(serializers.ListField(child=serializers.DateTimeField()))
    def get_window(self, cycle: Cycle) -> list[str]:
        field = serializers.DateTimeField()
        return [
            field.to_representation(cycle.window_start),
            field.to_representation(cycle.window_end),
        ]


class ComparisonSerializer(serializers.ModelSerializer):
    cycle = serializers.IntegerField(source="cycle_id")
    incumbent = serializers.CharField(source="incumbent.name")
    candidate = serializers.CharField(source="candidate.name")
    golden_version = serializers.IntegerField(source="golden_version.number")
    figures = serializers.DictField()

    class Meta:
        model = Comparison
        fields = (
            "cycle",
            "attempt",
            "verdict",
            "incumbent",
            "candidate",
            "golden_version",
            "figures",
            "created_at",
        )


class RolloutSerializer(serializers.ModelSerializer):
    version = serializers.CharField(source="version.name")
    cycle = serializers.IntegerField(source="cycle_id", allow_null=True)

    class Meta:
        model = Rollout
        fields = ("version", "cycle", "strategy", "started_at", "ended_at", "by", "reason")


class SplitSerializer(serializers.Serializer):
    version = serializers.CharField()
    percent = serializers.FloatField()


class RoutingSerializer(serializers.Serializer):
    model = serializers.CharField()
    split = SplitSerializer(many=True)
    sticky_by = serializers.CharField(help_text="What keeps a caller on one version.")
    since = serializers.DateTimeField()


class QuestionSerializer(serializers.Serializer):
    id = serializers.CharField(max_length=LONGEST_ID, required=False, help_text="Yours, or ours.")
    input = Values(help_text='`{"text": ...}`, or the features by name.')
    context = Values(  # type: ignore[assignment]
        required=False, help_text="Segments such as the channel; never features."
    )


class QuestionsSerializer(serializers.Serializer):
    rows = QuestionSerializer(many=True)


class AnswerSerializer(serializers.Serializer):
    id = serializers.CharField()
    prediction = serializers.CharField()
    confidence = serializers.FloatField(min_value=0, max_value=1)
    version = serializers.CharField()


class AnswersSerializer(serializers.Serializer):
    predictions = AnswerSerializer(many=True)
    ignored_keys = serializers.DictField(
        child=serializers.IntegerField(), help_text="Unknown keys of rows, and how often they came."
    )
