"""How errors and figures look in the OpenAPI schema.

Apart from ``agency.base.api``: DRF reads its settings while it is still being imported, and
drf-spectacular needs all of DRF.
"""

from typing import Any

from drf_standardized_errors.openapi import AutoSchema as StandardSchema
from rest_framework import serializers

from agency.base.api import PROBLEM


class ProblemErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON Pointer to what is wrong; empty: the request.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]


class EstimateSerializer(serializers.Serializer):
    """Never a bare number: a rate, its interval, and how many rows it is from."""

    estimate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()


class AutoSchema(StandardSchema):
    """The schema with our one error body instead of a component for every status and field."""

    def _get_allowed_error_status_codes(self) -> list[str]:
        return ["401", "403", "404", "405", "406", "500"]

    def _get_error_response_serializer(self, status_code: str) -> type[ProblemSerializer]:
        return ProblemSerializer

    def _get_error_response_examples(self) -> list[Any]:
        return []

    def _get_response_for_code(
        self,
        serializer: Any,
        status_code: Any,
        media_types: Any = None,
        direction: Any = "response",
    ) -> Any:
        if str(status_code) >= "400":
            media_types = [PROBLEM]
        return super()._get_response_for_code(serializer, status_code, media_types, direction)
