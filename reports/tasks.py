"""What Celery calls: ids in, one domain call."""

from celery import shared_task

from agency.base import clock
from clients.models import Client
from reports import services
from reports.models import MonthlyReport


@shared_task(name="reports.publish")
def publish(client_id: int, month: str) -> None:
    """Publish the report of a client's month, ``YYYY-MM``, as known now."""
    client = Client.objects.get(pk=client_id)
    services.publish(client=client, month=clock.parse_month(month[:7]), at=clock.now())


@shared_task(name="reports.render")
def render(report_id: int) -> None:
    """Make the pages of a report whose facts are frozen."""
    services.render(MonthlyReport.objects.get(pk=report_id))
