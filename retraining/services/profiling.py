"""Days whose rows have changed are counted again: found by a tick, done by workers, a model each."""

from django.db.models import Exists, F, OuterRef

from agency.base.dispatch import enqueue
from agency.base.errors import NotFound
from clients.models import LogDay, MaintainedModel
from retraining import profiles
from retraining.models import Rollout

DAYS_A_MESSAGE = 100
"""A worker counts so many days at most before it takes another message, the newest days first."""


def dirty_models() -> list[int]:
    """The models with a day to count again; none without a version whose bins could be used."""
    live = Rollout.objects.filter(model=OuterRef("model"))
    days = LogDay.objects.filter(Exists(live), changes__gt=F("profiled"))
    return sorted(days.order_by().values_list("model", flat=True).distinct())


def profile_dirty() -> list[int]:
    """Ask workers to count what is behind: one message a model that has such a day."""
    models = dirty_models()
    for pk in models:
        enqueue("retraining.profile_model", pk)
    return models


def profile_model(*, model_id: int, most: int | None = DAYS_A_MESSAGE) -> int:
    """Count the model's newest days that are behind; how many were written. ``most`` None: all."""
    model = MaintainedModel.objects.select_related("client").filter(pk=model_id).first()
    if model is None:
        raise NotFound(f"there is no model {model_id}")
    days = profiles.dirty_days(model).values_list("day", flat=True)[:most]
    return profiles.profile_days(model=model, days=list(days))
