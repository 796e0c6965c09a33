"""Tasks of what clients gave us; each is one call."""

from celery import shared_task

from agency.base.clock import now
from clients.quotas import purge_usage


@shared_task(name="clients.purge_usage")
def purge_old_usage() -> None:
    """Delete the windows of quotas that are over long since."""
    purge_usage(now())
