"""Draw the rows that a person is asked to label blind."""

from datetime import datetime

import numpy as np
from django.db import transaction

from agency.base.errors import BadInput
from clients.models import MaintainedModel, PredictionLog
from clients.models.prediction_log import LabelSource
from retraining.models import AuditSample, AuditSampleRow


def draw_audit_sample(
    *,
    model: MaintainedModel,
    start: datetime,
    end: datetime,
    n: int,
    seed: int,
    by: str,
    at: datetime,
) -> AuditSample:
    """Draw ``n`` rows of the half-open window at random and record which they are.

    All rows that nobody has reviewed can be drawn, those that somebody corrected among them:
    wrong answers are corrected more often than right ones, so a sample without them would flatter
    the model. Their review then replaces the correction. The same arguments draw the same rows.
    Only what is drawn like this (or what the client marks as randomly reviewed) may measure
    accuracy. Raises ``BadInput`` where the window has no such row or n < 1; draws all where there
    are fewer than n.
    """
    if n < 1:
        raise BadInput("an audit sample has at least one row")
    rows = PredictionLog.objects.filter(
        client=model.client, model=model, timestamp__gte=start, timestamp__lt=end
    ).exclude(label_source=LabelSource.REVIEW)
    keys = np.array(rows.order_by("row_id").values_list("pk", flat=True))
    if not len(keys):
        raise BadInput(f"{model} has no rows in that window that nobody has reviewed")
    drawn = np.random.default_rng(seed).choice(keys, size=min(n, len(keys)), replace=False)
    with transaction.atomic():
        sample = AuditSample.objects.create(
            model=model,
            window_start=start,
            window_end=end,
            n=len(drawn),
            seed=seed,
            population=len(keys),
            drawn_by=by,
            drawn_at=at,
        )
        AuditSampleRow.objects.bulk_create(
            AuditSampleRow(sample=sample, log_id=int(key)) for key in drawn
        )
    return sample
