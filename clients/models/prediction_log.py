from django.db import models

from clients.models.client import Client
from clients.models.maintained_model import MaintainedModel
from clients.models.upload_batch import UploadBatch


class LabelSource(models.TextChoices):
    REVIEW = "review", "drawn at random and labelled: the only fair sample"
    OVERRIDE = "override", "someone corrected or confirmed an answer"
    TARGETED = "targeted", "labelled because we asked: trains, never measures"


class PredictionLog(models.Model):
    """One production row: what came in, what was answered, and what people said of it later."""

    class Answered(models.TextChoices):
        CLIENT = "client", "sent with the row"
        SERVICE = "service", "absent from the row, scored by us"
        REPLAY = "replay", "ignored on import, scored by us: reactions are not to this answer"
        NONE = "none", "not scored yet"

    # No index of their own: each is the first column of one below. The client is the model's, whose
    # row the database holds to it: looking both up for every row would find the same.
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    model = models.ForeignKey(
        MaintainedModel, on_delete=models.CASCADE, related_name="logs", db_index=False
    )
    # The batch is made in the transaction that writes its rows: the database need not look for it
    # once a row, which takes a sixth of the time of writing them.
    batch = models.ForeignKey(
        UploadBatch, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    row_id = models.CharField(max_length=200)
    timestamp = models.DateTimeField()
    input = models.JSONField()
    context = models.JSONField(default=dict)
    # Of the row as it was sent, feedback aside: tells a repeated row from a conflicting one.
    content_sha256 = models.CharField(max_length=64)

    answered = models.CharField(max_length=8, choices=Answered.choices)
    # The answer that was sent was ignored on import: once scored, the row is answered by `replay`.
    replayed = models.BooleanField(default=False)
    # Plain text: no foreign key points upward, to where versions live.
    model_version = models.CharField(max_length=40, blank=True)
    prediction = models.CharField(max_length=200, blank=True)
    confidence = models.FloatField(null=True, blank=True)

    label = models.CharField(max_length=200, blank=True)
    label_source = models.CharField(max_length=10, choices=LabelSource.choices, blank=True)
    thumbs = models.CharField(max_length=4, blank=True)
    signals = models.JSONField(default=dict)
    # When a signal was seen, by its name, where its feedback said so: the later one counts.
    signals_at = models.JSONField(null=True, blank=True)
    received_at = models.DateTimeField()
    labelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("timestamp", "row_id")
        constraints = [
            models.UniqueConstraint(fields=["client", "model", "row_id"], name="one_log_per_id"),
            models.CheckConstraint(
                condition=(models.Q(label="") & models.Q(label_source=""))
                | (~models.Q(label="") & ~models.Q(label_source="")),
                name="label_has_a_source",
            ),
            models.CheckConstraint(
                condition=models.Q(answered="none", prediction="")
                | (~models.Q(answered="none") & ~models.Q(prediction="")),
                name="log_answered_or_not",
            ),
            models.CheckConstraint(
                condition=models.Q(replayed=True, answered__in=("none", "replay"))
                | (models.Q(replayed=False) & ~models.Q(answered="replay")),
                name="log_replayed_or_not",
            ),
        ]
        indexes = [
            models.Index(fields=["model", "timestamp"], name="logs_by_time"),
            # Asked for every few seconds, and nearly always empty.
            models.Index(
                fields=["model"], condition=models.Q(answered="none"), name="logs_unanswered"
            ),
        ]

    def __str__(self) -> str:
        return self.row_id
