from django.core.validators import RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", "A colour is # and six hex digits, e.g. #1f4e79.")


class AgencySettings(models.Model):
    """The agency itself: what stands on every report and mail. One row."""

    name = models.CharField(max_length=100, default="Our agency")
    logo_svg = models.TextField(blank=True, help_text="The logo as SVG; drawn as a picture only.")
    primary_colour = models.CharField(max_length=7, default="#1f4e79", validators=[colour])
    accent_colour = models.CharField(max_length=7, default="#c8102e", validators=[colour])
    sender = models.EmailField(default="reports@agency.invalid")
    footer = models.CharField(max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "agency settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="agency_settings_is_one_row")
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "AgencySettings":
        """The one row, made with its defaults on first use."""
        return cls.objects.get_or_create(pk=1)[0]
