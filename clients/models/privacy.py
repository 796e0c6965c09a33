from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from agency.base.errors import BadInput
from clients.models.client import Client
from clients.rule_checks import check_rule


class RedactionRule(models.Model):
    """What is masked in a client's rows before they are stored."""

    class Kind(models.TextChoices):
        MAIL = "mail", "mail addresses"
        PHONE = "phone", "phone numbers"
        CARD = "card", "card numbers"
        IBAN = "iban", "bank accounts (IBAN)"
        NAME = "name", "names where the text labels them"
        PATTERN = "pattern", "what a regular expression finds"
        FIELD = "field", "everything in a field of input or context"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="redaction_rules")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(
        max_length=200,
        blank=True,
        help_text="The regular expression, or the field: input.NAME or context.NAME.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["client", "kind", "value"], name="one_rule_per_value")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}".strip()

    def clean(self) -> None:
        """As ``check_rule`` has it, in Django's form."""
        try:
            check_rule(kind=self.kind, value=self.value)
        except BadInput as error:
            raise ValidationError({"value": str(error)}) from error


class Erasure(models.Model):
    """A person's rows were erased: when, by whom, and what was touched. The person is kept as a hash."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="erasures")
    subject_sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    touched = models.JSONField(help_text="What kind of row, how many, which ids.")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.client} {self.at:%Y-%m-%d}"
