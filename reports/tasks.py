"""What Celery calls: ids in, one domain call."""

from celery import shared_task

from agency.base import clock
from reports import sweep as sweeping


@shared_task(name="reports.sweep")
def sweep() -> None:
    """Ask for the reports of months that are over."""
    sweeping.sweep(at=clock.now())


@shared_task(name="reports.publish")
def publish(client_id: int, month: str) -> None:
    """Publish the report of a client's month, ``YYYY-MM``, as known now."""
    sweeping.publish_month(client_id=client_id, month=clock.parse_month(month), at=clock.now())
