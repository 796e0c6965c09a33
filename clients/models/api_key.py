from datetime import datetime

from django.db import models
from rest_framework_api_key.models import AbstractAPIKey

from clients.models.client import Client


class Scope(models.TextChoices):
    """What a key may do; one key may hold several."""

    LOGS_WRITE = "logs:write"
    FEEDBACK_WRITE = "feedback:write"
    PREDICT = "predict"
    READ = "read"
    DATASETS_WRITE = "datasets:write"


def every_scope() -> list[str]:
    """What a key holds unless it is narrowed."""
    return list(Scope.values)


class ApiKey(AbstractAPIKey):
    """A client's key for the API: hashed at rest, shown once, scoped, revocable, with an expiry."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="api_keys")
    scopes = models.JSONField(default=every_scope)
    issued_by = models.CharField(max_length=150, blank=True, editable=False)
    revoked_by = models.CharField(max_length=150, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A key that is being replaced: both are valid until this one expires.
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def valid_at(self, at: datetime) -> bool:
        """May the key still be used at that instant?"""
        return not self.revoked and (self.expiry_date is None or self.expiry_date > at)
