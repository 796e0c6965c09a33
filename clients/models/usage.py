from django.db import models

from clients.models.client import Client


class Usage(models.Model):
    """How much of a quota is used in one window: rows of a day, requests of a minute."""

    class Kind(models.TextChoices):
        ROWS = "rows", "rows a day"
        REQUESTS = "requests", "requests a minute"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    starts_at = models.DateTimeField(help_text="The start of the window, in UTC.")
    used = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ("-starts_at",)
        verbose_name_plural = "usage"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind", "starts_at"], name="one_usage_per_window"
            )
        ]

    def __str__(self) -> str:
        return f"{self.used} {self.get_kind_display()} from {self.starts_at:%Y-%m-%d %H:%M}"
