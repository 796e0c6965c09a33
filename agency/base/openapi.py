"""How errors and figures look in the OpenAPI schema.

Apart from ``agency.base.api``: DRF reads its settings while it is still being imported, and
drf-spectacular needs all of DRF.
"""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from drf_standardized_errors.openapi import AutoSchema as StandardSchema
from rest_framework import serializers

from agency.base.api import PROBLEM, problem

EVERY_CALL = frozenset({"400", "401", "403", "404", "405", "406", "429", "500", "503"})
WITH_A_BODY = frozenset({"408", "409", "411", "413", "415", "422"})
MEANINGS = {
    "400": "The request can't be understood: its headers, encoding, JSON or shape.",
    "401": "No key, or one that is unknown, revoked or expired.",
    "403": "The key does not hold the scope that this needs.",
    "404": "There is no such thing, or it belongs to somebody else.",
    "405": "The address does not take this method.",
    "406": "What the Accept header asks for can't be given.",
    "408": "The body did not come in time.",
    "409": "A row contradicts a stored one, or the first request of this key is still in flight.",
    "411": "The body has neither a length nor an end.",
    "413": "Too many bytes or rows.",
    "415": "The type, charset or encoding of the body is not taken.",
    "422": "Bad rows, every one by its place; nothing was stored.",
    "429": "Over the quota; Retry-After says when to come back.",
    "500": "A fault of ours.",
    "503": "The store is not available; send the same request again after Retry-After.",
}
EXAMPLES = {
    "401": ("not_authenticated", "Authentication credentials were not provided."),
    "403": ("permission_denied", "The key does not hold the scope that this needs."),
    "404": ("not_found", "Not found."),
    "409": ("in_flight", "The first request with this Idempotency-Key is still being worked on."),
    "413": ("too_large", "The body has more than 536,870,912 bytes."),
    "415": ("unsupported_media_type", "The Content-Type must be one of application/json."),
    "422": ("in_the_future", "the timestamp lies in the future"),
    "503": ("store_unavailable", "The store cannot be reached at the moment."),
}


class ProblemErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON Pointer to what is wrong; empty: the request.")
    code = serializers.CharField()
    detail = serializers.CharField()
    index = serializers.IntegerField(required=False, help_text="Of a bad row, from 0.")
    line = serializers.IntegerField(required=False, help_text="Of a bad row, from 1.")


class ProblemSerializer(serializers.Serializer):
    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]
    rejected = serializers.IntegerField(
        required=False, help_text="How many rows are bad, where not all of them are listed."
    )


class EstimateSerializer(serializers.Serializer):
    """Never a bare number: a rate, its interval, and how many rows it is from."""

    estimate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()


class AutoSchema(StandardSchema):
    """The schema with our one error body, and the scope of every call.

    A view may name ``error_statuses`` of its own beside those that every call can have.
    """

    def get_auth(self) -> list[dict[str, list[str]]]:
        # The scopes of a bearer key stand where OAuth's would: OpenAPI 3.1, Security Requirement.
        scope = getattr(self.view, "scope", None)
        found: list[dict[str, list[str]]] = super().get_auth()
        return [{name: [str(scope)] for name in names} if scope else names for names in found]

    def _get_allowed_error_status_codes(self) -> list[str]:
        if not self.get_auth():
            return ["400", "405", "406", "500"]
        codes = EVERY_CALL | getattr(self.view, "error_statuses", frozenset())
        if self.method == "POST":
            codes |= WITH_A_BODY
        return sorted(codes)

    def _should_add_error_response(self, responses: dict[str, Any], status_code: str) -> bool:
        return status_code not in responses

    def _get_error_response_serializer(self, status_code: str) -> Any:
        return OpenApiResponse(
            ProblemSerializer,
            description=MEANINGS[status_code],
            examples=[_example(status_code)],
        )

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


def _example(status_code: str) -> OpenApiExample:
    code, detail = EXAMPLES.get(status_code, ("error", MEANINGS[status_code]))
    status = int(status_code)
    pointer = "/0/timestamp" if status_code == "422" else ""
    fault = {"pointer": pointer, "code": code, "detail": detail}
    body = problem(status=status, errors=[fault]) | {"request_id": "0" * 32}
    return OpenApiExample(HTTPStatus(status).phrase, body, media_type=PROBLEM)
