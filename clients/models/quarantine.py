from django.db import models

from clients.models.upload_batch import UploadBatch


class QuarantinedRow(models.Model):
    """A row of a partial upload that could not be stored, kept as it came with the reason."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a person"
        STORED = "stored", "mended and stored"
        DROPPED = "dropped", "set aside for good"

    batch = models.ForeignKey(UploadBatch, on_delete=models.CASCADE, related_name="quarantined")
    line = models.PositiveIntegerField()
    pointer = models.CharField(max_length=200)
    code = models.CharField(max_length=40)
    detail = models.TextField()
    content = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    settled_by = models.CharField(max_length=150, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("batch", "line")

    def __str__(self) -> str:
        return f"line {self.line}: {self.code}"
