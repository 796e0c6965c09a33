"""How a client's models and datasets look from outside."""

from typing import Any, Literal

from rest_framework import serializers

from clients.models import DatasetVersion, MaintainedModel, UploadBatch


class MaintainedModelSerializer(serializers.ModelSerializer):
    model = serializers.SlugField(source="slug", help_text="What addresses call this model.")
    tier = serializers.SlugField(source="tier.slug")
    schema = serializers.DictField(help_text="The fields of its input, and its categories.")

    class Meta:
        model = MaintainedModel
        fields = ("model", "name", "task", "tier", "schema", "created_at")


class DatasetVersionSerializer(serializers.ModelSerializer):
    dataset = serializers.CharField(source="dataset.kind")
    version = serializers.IntegerField(source="number")
    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="parent.number", default=None, allow_null=True
    )

    class Meta:
        model = DatasetVersion
        fields = (
            "dataset",
            "version",
            "parent",
            "sha256",
            "rows",
            "added",
            "removed",
            "reason",
            "by",
            "created_at",
        )


class BatchSerializer(serializers.ModelSerializer):
    state = serializers.SerializerMethodField()
    ignored_keys = serializers.DictField(child=serializers.IntegerField())

    class Meta:
        model = UploadBatch
        fields = (
            "id",
            "kind",
            "state",
            "accepted",
            "duplicates",
            "labels",
            "pending",
            "rejected",
            "ignored_keys",
            "received_at",
        )

    def get_state(self, batch: Any) -> Literal["stored", "scored"]:
        is_scored = batch.kind == UploadBatch.Kind.LOGS and not batch.unanswered
        return "scored" if is_scored else "stored"
