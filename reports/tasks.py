"""What Celery calls: ids in, one domain call."""

from celery import shared_task

from agency.base import clock
from reports import sending
from reports import sweep as sweeping


@shared_task(name="reports.sweep")
def sweep() -> None:
    """Ask for the reports of months that are over."""
    sweeping.sweep(at=clock.now())


@shared_task(name="reports.publish")
def publish(client_id: int, month: str) -> None:
    """Publish the report of a client's month, ``YYYY-MM``, as known now."""
    sweeping.publish_month(client_id=client_id, month=clock.parse_month(month), at=clock.now())


@shared_task(name="reports.sweep_deliveries")
def sweep_deliveries() -> None:
    """Ask for the mails that wait to be sent."""
    sending.sweep(at=clock.now())


@shared_task(name="reports.deliver")
def deliver(delivery_id: int) -> None:
    """Mail a report to one of its readers."""
    sending.deliver(delivery_id=delivery_id)
