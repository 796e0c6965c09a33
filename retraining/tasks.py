"""What workers do: each task takes an id and makes one call. Rows are the truth, messages hints."""

from celery import shared_task

from agency.base import clock
from retraining import services


@shared_task
def run_cycle(cycle_id: int) -> None:
    """Run the cycle until it rests; nothing happens while another worker holds it."""
    services.continue_cycle(cycle_id=cycle_id, at=clock.now())
