from django.db import models

from clients.models.maintained_model import MaintainedModel


class Dataset(models.Model):
    """A model's training set or its golden set; its contents are versions."""

    class Kind(models.TextChoices):
        TRAINING = "training"
        GOLDEN = "golden"

    model = models.ForeignKey(MaintainedModel, on_delete=models.PROTECT, related_name="datasets")
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "kind"], name="one_dataset_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.kind}"


class DatasetVersion(models.Model):
    """An immutable version: the SHA-256 over the ordered digests of its rows, and where it is from."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("dataset", "number")
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"


class DatasetRow(models.Model):
    """A labelled row. It belongs to every version from ``added_in`` until before ``removed_in``.

    ``digest`` is the SHA-256 of the salted canonical row. Erasing a person's row empties ``input``,
    ``label`` and ``salt`` and keeps the digest, so that every version's hash stays verifiable.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="all_rows")
    position = models.PositiveIntegerField(help_text="The order of rows in every version.")
    row_id = models.CharField(max_length=200)
    input = models.JSONField(null=True)
    label = models.CharField(max_length=200, blank=True)
    salt = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=20, help_text="import, review, override, targeted, staff")
    log_row_id = models.CharField(max_length=200, blank=True, help_text="The log row it is from.")
    added_in = models.PositiveIntegerField()
    removed_in = models.PositiveIntegerField(null=True, blank=True)
    added_by = models.CharField(max_length=150)

    class Meta:
        ordering = ("dataset", "position")
        constraints = [
            models.UniqueConstraint(fields=["dataset", "position"], name="one_row_per_position"),
            models.UniqueConstraint(fields=["dataset", "row_id"], name="one_row_per_id"),
            models.CheckConstraint(
                condition=models.Q(removed_in__isnull=True)
                | models.Q(removed_in__gt=models.F("added_in")),
                name="dataset_row_removed_after_added",
            ),
        ]

    def __str__(self) -> str:
        return self.row_id
