"""What the schema says of a dataset upload: forms of the file, headers, answers, with examples."""

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import serializers

from clients.readers import MOST_COLUMNS
from clients.uploads.dataset_files import DIGEST, LONGEST_REASON, MOST_BYTES, REASON
from clients.uploads.described import CONTENT_ENCODING, IDEMPOTENCY_KEY
from clients.uploads.rows import VALUE

LINE = '{"id": "gn-000", "text": "Can I set up top-ups in advance?", "label": "automatic_top_up"}\n'
TABLE = "id,text,label\ngn-000,Can I set up top-ups in advance?,automatic_top_up\n"
ROWS = [{"id": "gn-000", "text": "Can I set up top-ups in advance?", "label": "automatic_top_up"}]
ADDED = {
    "dataset": "golden",
    "version": 2,
    "sha256": "62e0b7cbae6d0a1b13a1ba4d3a5c9b3f5d2f3b8c0e3a4f0f2a6f4d9f4d1c7e55",
    "added": 1,
    "removed": 0,
    "released": 0,
}
ROW = {"type": "object", "required": ["label"], "additionalProperties": VALUE}
JSON = {
    "oneOf": [
        {"type": "array", "items": ROW},
        {
            "type": "object",
            "properties": {"rows": {"type": "array", "items": ROW}},
            "required": ["rows"],
        },
    ]
}
FORM = {
    "type": "object",
    "properties": {
        "file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "A .csv, .ndjson, .jsonl or .json file, or one of them with .gz.",
        },
        "sha256": {
            "type": "string",
            "pattern": "^[0-9a-fA-F]{64}$",
            "description": "Of the file as it is sent, in hex; another one is a 422.",
        },
        "reason": {"type": "string", "maxLength": LONGEST_REASON},
    },
    "required": ["file"],
}


class DatasetAddedSerializer(serializers.Serializer):
    dataset = serializers.ChoiceField(choices=("training", "golden"))
    version = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="Over the ordered digests of the version's rows.")
    added = serializers.IntegerField(help_text="Rows that are new in this version.")
    removed = serializers.IntegerField()
    released = serializers.IntegerField(
        help_text="Training rows that left, as copies of new golden rows."
    )


def _text(name: str, content: str, media_type: str, says: str) -> OpenApiRequest:
    return OpenApiRequest(
        {"type": "string", "description": says},
        examples=[OpenApiExample(name, content, media_type=media_type)],
    )


described = extend_schema(
    summary="Add rows to a model's golden or training set",
    description=(
        "A file of `label`, the model's `text` or features, and `id` where the rows have one. All "
        "its rows become part of a new version, or nothing is stored. Rows that are there already "
        "are skipped; where all of them are, the answer is a 200 with the version that has them. A "
        "training row that copies a golden row is a 409, and so is an id with other content. A "
        "refusal names the line and, in a table, the cell (`column`). A file has at most "
        f"{MOST_BYTES // 1024**2} MB unzipped, {MOST_COLUMNS:,} columns and a million characters in "
        "a cell; more rows than one file may hold go into several."
    ),
    tags=["models"],
    parameters=[
        IDEMPOTENCY_KEY,
        CONTENT_ENCODING,
        OpenApiParameter(
            DIGEST,
            {"type": "string", "pattern": "sha-256=:[A-Za-z0-9+/=]+:"},
            OpenApiParameter.HEADER,
            description=(
                "The SHA-256 of the body as it is sent (RFC 9530), zipped if it is; a body with "
                "another one is a 422."
            ),
        ),
        OpenApiParameter(
            REASON,
            {"type": "string", "maxLength": LONGEST_REASON},
            OpenApiParameter.HEADER,
            description="Why these rows, in UTF-8; kept with the version.",
        ),
    ],
    request={
        "multipart/form-data": OpenApiRequest(
            FORM,
            examples=[
                OpenApiExample(
                    "Form",
                    {"file": TABLE, "reason": "a new category"},
                    media_type="multipart/form-data",
                )
            ],
        ),
        "text/csv": _text("Table", TABLE, "text/csv", "RFC 4180 with a header, UTF-8, commas."),
        "application/x-ndjson": _text(
            "Lines", LINE, "application/x-ndjson", "One JSON object a line."
        ),
        "application/json": OpenApiRequest(
            JSON,
            examples=[OpenApiExample("Rows", {"rows": ROWS}, media_type="application/json")],
        ),
    },
    responses={
        201: OpenApiResponse(
            DatasetAddedSerializer,
            description="A new version.",
            examples=[OpenApiExample("Added", ADDED, status_codes=["201"])],
        ),
        200: OpenApiResponse(
            DatasetAddedSerializer,
            description="Every row was there already; nothing was stored.",
            examples=[OpenApiExample("Known", ADDED | {"added": 0}, status_codes=["200"])],
        ),
    },
)
