from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from agency.base.clock import zone_of
from agency.base.errors import BadInput

SHORTEST_RETENTION_DAYS = 62  # the trailing month, and one before it to compare it with


class Domain(models.TextChoices):
    CUSTOMER_SUPPORT = "customer_support"
    LEGAL = "legal"
    HEALTHCARE = "healthcare"
    E_COMMERCE = "e_commerce"
    FINANCE = "finance"
    KNOWLEDGE_BASE = "knowledge_base"


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"


def check_time_zone(name: str) -> None:
    """Django's validator form of ``zone_of``."""
    try:
        zone_of(name)
    except BadInput as error:
        raise ValidationError(str(error)) from error


class Paper(models.TextChoices):
    """What the client's printer holds."""

    A4 = "a4", "A4"
    LETTER = "letter", "US Letter"


class Client(models.Model):
    """A company whose models we maintain."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    domain = models.CharField(max_length=20, choices=Domain.choices)
    timezone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ENGLISH)
    paper = models.CharField(max_length=6, choices=Paper.choices, default=Paper.A4)
    auto_approve_reports = models.BooleanField(
        default=False, help_text="Reports go out without a person of ours reading them first."
    )
    created_at = models.DateTimeField()
    rows_a_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="Rows that may come in a day (UTC); empty: the default."
    )
    requests_a_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests to the API a minute; empty: the default."
    )
    keep_rows_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Production rows are deleted after so many days, their profiles kept; empty: never.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Evidence is a trailing month: rows have to live longer than that."""
        if self.keep_rows_days is not None and self.keep_rows_days < SHORTEST_RETENTION_DAYS:
            raise ValidationError(
                {"keep_rows_days": f"A check looks back {SHORTEST_RETENTION_DAYS} days at least."}
            )


class Contact(models.Model):
    """A person at the client; the monthly report goes to those who ask for it."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=100)
    email = models.EmailField()
    receives_reports = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["client", "email"], name="one_contact_per_address")
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"
