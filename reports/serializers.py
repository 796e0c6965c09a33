"""How a monthly report looks from outside."""

from rest_framework import serializers

from reports.models import MonthlyReport


class ReportSerializer(serializers.ModelSerializer):
    report = serializers.IntegerField(source="pk")
    month = serializers.DateField(format="%Y-%m", help_text="YYYY-MM, the client's own calendar.")
    read_at = serializers.DateTimeField(
        help_text="When somebody of the agency had read it and it went out; null: still a draft."
    )

    class Meta:
        model = MonthlyReport
        fields: tuple[str, ...] = (
            "report",
            "month",
            "revision",
            "provisional",
            "facts_sha256",
            "pdf_sha256",
            "created_at",
            "read_at",
        )


class ReportFactsSerializer(ReportSerializer):
    facts = serializers.DictField(help_text="All that the report says.")

    class Meta(ReportSerializer.Meta):
        fields = (*ReportSerializer.Meta.fields, "facts")
