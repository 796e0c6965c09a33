"""What the schema says of the calls that take rows: media types, examples, parameters, answers."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import serializers

from clients.uploads import rows

LOG = {
    "id": "m3-0000",
    "timestamp": "2025-03-01T05:24:34Z",
    "input": {"text": "I have yet to receive my virtual card"},
    "context": {"channel": "web", "app_version": "2025.1"},
    "model_version": "v1.0",
    "prediction": "getting_virtual_card",
    "confidence": 0.9683,
    "feedback": {"label": "getting_virtual_card", "label_source": "review", "clicked": True},
}
UNANSWERED = {
    "id": "m3-0001",
    "timestamp": "2025-03-01T05:25:00Z",
    "input": {"text": "My card has not come"},
}
FEEDBACK = {"id": "m3-0000", "label": "getting_virtual_card", "label_source": "override"}
OUTCOME = {"id": "m3-0000", "name": "chat_escalated", "value": 0}
UPLOADED = {
    "batch": 7,
    "accepted": 2,
    "duplicates": 0,
    "labels": 0,
    "pending": 0,
    "rejected": [],
    "ignored_keys": {},
}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description=(
        "Yours, one for each piece of work; kept for at least 24 hours. The same request under the "
        "same key is done once and gets the first answer again, with `Idempotency-Replayed: true`. "
        "Another body or address under it is a 422, a repeat while the first is worked on a 409. "
        "A refused request stored nothing, and its key is free again."
    ),
)
CONTENT_ENCODING = OpenApiParameter(
    "Content-Encoding",
    {"type": "string", "enum": ["identity", "gzip"]},
    OpenApiParameter.HEADER,
    description="`gzip` where the body is zipped: one gzip member.",
)
PARTIAL = OpenApiParameter(
    "partial",
    OpenApiTypes.BOOL,
    description=(
        "`true`: the good rows are stored, and the bad ones kept for our staff to mend. Otherwise "
        "one bad row refuses the whole upload."
    ),
)


def body(
    name: str,
    row: type[serializers.Serializer],
    envelope: type[serializers.Serializer],
    *,
    lines: str,
    wrapped: Any,
    table: str | None = None,
) -> dict[str, OpenApiRequest]:
    """The media types of a body of rows, each with an example. ``table``: of the CSV, if taken."""
    either = PolymorphicProxySerializer(
        component_name=name,
        serializers=[row(many=True), envelope],
        resource_type_field_name=None,
        many=False,
    )
    text = {"type": "string", "description": "One JSON object a line."}
    found = {
        "application/json": OpenApiRequest(
            either, examples=[OpenApiExample("Rows", wrapped, media_type="application/json")]
        ),
        "application/x-ndjson": OpenApiRequest(
            text, examples=[OpenApiExample("Lines", lines, media_type="application/x-ndjson")]
        ),
    }
    if table is not None:
        cells = {"type": "string", "description": "RFC 4180 with a header, UTF-8, commas."}
        found["text/csv"] = OpenApiRequest(
            cells, examples=[OpenApiExample("Table", table, media_type="text/csv")]
        )
    return found


def _upload(summary: str, description: str, request: Any) -> Any:
    stored = OpenApiResponse(
        rows.UploadedSerializer,
        description="The rows are safe; what they lack is worked on.",
        examples=[OpenApiExample("Stored", UPLOADED)],
    )
    return extend_schema(
        summary=summary,
        description=description,
        tags=["uploads"],
        parameters=[IDEMPOTENCY_KEY, CONTENT_ENCODING, PARTIAL],
        request=request,
        responses={202: stored},
    )


logs = _upload(
    "Upload production rows",
    "The same row again is a duplicate; the same id with other content is a 409. A row without a "
    "prediction is answered by the version that was live at its time. Unknown keys of a row are "
    "ignored and counted.",
    body(
        "LogUpload",
        rows.LogRowSerializer,
        rows.LogRowsSerializer,
        lines=(
            '{"id": "m3-0000", "timestamp": "2025-03-01T05:24:34Z", '
            '"input": {"text": "I have yet to receive my virtual card"}}\n'
        ),
        wrapped={"rows": [LOG, UNANSWERED]},
        table="id,timestamp,text\nm3-0000,2025-03-01T05:24:34Z,I have yet to receive my card\n",
    ),
)
feedback = _upload(
    "Upload feedback by the id of its row",
    "Labels, thumbs and proxy signals. What comes before its row waits for it (`pending`).",
    body(
        "FeedbackUpload",
        rows.FeedbackRowSerializer,
        rows.FeedbackRowsSerializer,
        lines='{"id": "m3-0000", "label": "getting_virtual_card", "label_source": "override"}\n',
        wrapped={"rows": [FEEDBACK]},
        table="id,label,label_source\nm3-0000,getting_virtual_card,override\n",
    ),
)
outcomes = _upload(
    "Upload outcomes by the id of their row",
    "What came of it in the business: a claim paid, an order returned, a chat escalated.",
    body(
        "OutcomeUpload",
        rows.OutcomeRowSerializer,
        rows.OutcomeRowsSerializer,
        lines='{"id": "m3-0000", "name": "chat_escalated", "value": 0}\n',
        wrapped={"rows": [OUTCOME]},
        table="id,name,value\nm3-0000,chat_escalated,0\n",
    ),
)
