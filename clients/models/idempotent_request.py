from django.db import models

from clients.models.client import Client


class IdempotentRequest(models.Model):
    """A request that came with an Idempotency-Key, and the answer that a repeat gets again.

    ``status`` is null while the first one is in flight; ``lease_until`` tells a crashed one from it.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    address = models.CharField(max_length=300, help_text="Method and path.")
    body_sha256 = models.CharField(max_length=64, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    started_at = models.DateTimeField()
    lease_until = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="one_request_per_key")
        ]
        indexes = [models.Index(fields=["started_at"], name="requests_by_age")]

    def __str__(self) -> str:
        return self.key
