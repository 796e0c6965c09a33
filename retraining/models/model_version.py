from django.db import models

from clients.models import DatasetVersion, MaintainedModel


class ModelVersion(models.Model):
    """A trained model: its checkpoint, its data, its bytes, and all that is needed to make it again."""

    model = models.ForeignKey(MaintainedModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    training_version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="+")
    artifact_sha256 = models.CharField(max_length=64)
    artifact_bytes = models.PositiveBigIntegerField()
    learner = models.CharField(max_length=40)
    arm = models.CharField(max_length=40, help_text="The arm that won on cross-validation.")
    arms = models.JSONField(help_text="Every arm that was tried, with its cross-validation.")
    parameters = models.JSONField()
    categories = models.JSONField()
    # What the drift of production is measured against: fixed bins and their counts on training data.
    reference = models.JSONField()
    library_versions = models.JSONField()
    seed = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("model", "number")
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="one_model_version_per_number")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """``v1.0`` at launch, then ``v1.1``, ``v1.2`` ..."""
        return f"v1.{self.number}"
