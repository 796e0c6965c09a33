"""The minutes that a person spent labelling rows, measured and not told."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import FloatField, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Round

from clients.models import MaintainedModel, StaffTime
from retraining.models import ReviewOpinion

NOTE = "review queue, measured"
LEAST = 0.1


def record_minutes(*, model_id: int, by: str, at: datetime) -> None:
    """One row for the person, the model and the day, which holds the sum of its seconds.

    The sum is counted again each time: minutes have one decimal, and a row takes less than a tenth.
    """
    if _update(model_id, by, at):
        return
    with transaction.atomic():
        # Two first rows of a day at once must not make two lines.
        MaintainedModel.objects.select_for_update().get(pk=model_id)
        if not _update(model_id, by, at):
            StaffTime.objects.create(
                model_id=model_id, by=by, kind=StaffTime.Kind.REVIEW, note=NOTE, at=at,
                minutes=Decimal(str(LEAST)),
            )  # fmt: skip
            _update(model_id, by, at)


def _update(model_id: int, by: str, at: datetime) -> int:
    start = at.replace(hour=0, minute=0, second=0, microsecond=0)
    day = {"by": by, "at__date": at.date()}
    said = ReviewOpinion.objects.filter(proposal__model=model_id, **day).order_by().values("by")
    minutes = said.annotate(minutes=Sum("seconds") / 60.0).values("minutes")
    line = StaffTime.objects.filter(
        model=model_id, kind=StaffTime.Kind.REVIEW, note=NOTE, by=by,
        at__gte=start, at__date=at.date(),
    )  # fmt: skip
    known = Coalesce(minutes, Value(0.0), output_field=FloatField())
    return line.update(minutes=Greatest(Round(known, precision=1), Value(LEAST)))
