from django.db import models
from rest_framework_api_key.models import AbstractAPIKey

from clients.models.client import Client


class ApiKey(AbstractAPIKey):
    """A client's key for the API: hashed at rest, shown once, revocable, with an expiry."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="api_keys")

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"
