"""What workers do: each task takes an id and makes one call. Rows are the truth, messages hints."""

from celery import shared_task

from agency.base import clock
from retraining import services


@shared_task(name="retraining.sweep")
def sweep() -> None:
    """Start what is due and send workers the ids of what waits for one."""
    services.sweep(at=clock.now())


@shared_task(name="retraining.run_cycle")
def run_cycle(cycle_id: int) -> None:
    """Run the cycle until it rests; nothing happens while another worker holds it."""
    services.resume_cycle(cycle_id=cycle_id)


@shared_task(name="retraining.answer_pending")
def answer_pending(model_id: int) -> None:
    """Answer the model's rows that came without an answer."""
    services.answer_pending(model_id=model_id, at=clock.now())


@shared_task(name="retraining.profile_dirty")
def profile_dirty() -> None:
    """Send workers the ids of the models with days whose profiles are behind their rows."""
    services.profile_dirty()


@shared_task(name="retraining.profile_model")
def profile_model(model_id: int) -> None:
    """Count the model's days that are behind."""
    services.profile_model(model_id=model_id)


@shared_task(name="retraining.purge_old_rows")
def purge_old_rows() -> None:
    """Delete production rows that are past their client's retention; their profiles stay."""
    services.purge_old_rows(now=clock.now())
