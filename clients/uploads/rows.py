"""How rows look from outside: for the schema alone, since the engine reads and checks them itself."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clients.log_rows import LABEL_SOURCES, LONGEST_ID, LONGEST_VERSION
from clients.schema import LONGEST_LABEL

VALUE = {"type": ["string", "number", "boolean", "null"]}


@extend_schema_field({"type": "object", "additionalProperties": VALUE})
class Values(serializers.DictField):
    """Free keys with one value each."""


class FeedbackSerializer(serializers.Serializer):
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=LONGEST_LABEL, required=False, allow_null=True, help_text="What is right."
    )
    label_source = serializers.ChoiceField(
        choices=LABEL_SOURCES,
        required=False,
        help_text=(
            "`review`: drawn at random and labelled, the only fair sample; `override`: someone "
            "corrected or confirmed an answer; `targeted`: labelled because we asked. A label "
            "needs one."
        ),
    )
    thumbs = serializers.ChoiceField(choices=("up", "down"), required=False, allow_null=True)


class LogRowSerializer(serializers.Serializer):
    id = serializers.CharField(max_length=LONGEST_ID, help_text="Yours; unique for the model.")
    timestamp = serializers.DateTimeField(help_text="RFC 3339 with an offset.")
    input = Values(help_text='`{"text": ...}`, or the features by name.')
    context = Values(  # type: ignore[assignment]
        required=False, help_text="Segments such as the channel; never features."
    )
    model_version = serializers.CharField(max_length=LONGEST_VERSION, required=False)
    prediction = serializers.CharField(
        max_length=LONGEST_LABEL,
        required=False,
        help_text="With its confidence; without both, the row is answered by us.",
    )
    confidence = serializers.FloatField(min_value=0, max_value=1, required=False)
    feedback = FeedbackSerializer(
        required=False, help_text="Any other key is a proxy signal: watched, never trained on."
    )


class LogRowsSerializer(serializers.Serializer):
    rows = LogRowSerializer(many=True)


class FeedbackRowSerializer(FeedbackSerializer):
    id = serializers.CharField(max_length=LONGEST_ID, help_text="The id of the row it is about.")


class FeedbackRowsSerializer(serializers.Serializer):
    rows = FeedbackRowSerializer(many=True)


class OutcomeRowSerializer(serializers.Serializer):
    id = serializers.CharField(max_length=LONGEST_ID, help_text="The id of the row it is about.")
    name = serializers.CharField(max_length=60, help_text="The KPI, such as `claim_paid`.")
    value = serializers.FloatField(help_text="A number; true and false are 1 and 0.")
    observed_at = serializers.DateTimeField(required=False, allow_null=True)


class OutcomeRowsSerializer(serializers.Serializer):
    rows = OutcomeRowSerializer(many=True)


class RejectedRowSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON Pointer through the rows as one array.")
    code = serializers.CharField()
    detail = serializers.CharField()
    index = serializers.IntegerField(help_text="From 0 over the upload.")
    line = serializers.IntegerField(help_text="From 1 in the body.")


class UploadedSerializer(serializers.Serializer):
    batch = serializers.IntegerField(help_text="Ask `batches/{id}` for it.")
    accepted = serializers.IntegerField(help_text="New rows.")
    duplicates = serializers.IntegerField(help_text="Rows that were stored already.")
    labels = serializers.IntegerField(help_text="Known rows that got feedback.")
    pending = serializers.IntegerField(help_text="Feedback kept until its row comes.")
    rejected = RejectedRowSerializer(many=True, help_text="Empty unless `partial`.")
    ignored_keys = serializers.DictField(
        child=serializers.IntegerField(), help_text="Unknown keys of rows, and how often they came."
    )
