from django.db import models

from clients.models.upload_batch import UploadBatch


class QuarantinedRow(models.Model):
    """A row of a partial upload that could not be stored, kept as it came with the reason."""

    batch = models.ForeignKey(UploadBatch, on_delete=models.CASCADE, related_name="quarantined")
    line = models.PositiveIntegerField()
    pointer = models.CharField(max_length=200)
    code = models.CharField(max_length=40)
    detail = models.TextField()
    content = models.TextField()

    class Meta:
        ordering = ("batch", "line")

    def __str__(self) -> str:
        return f"line {self.line}: {self.code}"
