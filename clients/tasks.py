"""Tasks of what clients gave us; each is one call."""

from celery import shared_task

from agency.base.clock import now
from clients import notices
from clients.quotas import purge_usage
from clients.uploads.idempotency import forget_old_requests


@shared_task(name="clients.purge_usage")
def purge_old_usage() -> None:
    """Delete the windows of quotas that are over long since."""
    purge_usage(now())


@shared_task(name="clients.forget_old_requests")
def forget_requests() -> None:
    """Forget the Idempotency-Keys that no client will send again."""
    forget_old_requests(at=now())


@shared_task(name="clients.sweep_notices")
def sweep_notices() -> None:
    """Ask for the notices that wait to be sent."""
    notices.sweep(at=now())


@shared_task(name="clients.tell")
def tell(notice_id: int) -> None:
    """Send one notice of an alert."""
    notices.tell(notice_id=notice_id)
