"""The beat table: a few ticks. What is due is found in rows, so a missed or doubled tick costs nothing.

An instance runs three kinds of process, as many of the second as it has cores to give::

    gunicorn agency.wsgi
    celery -A agency worker --concurrency 1
    celery -A agency beat

One beat is enough; two do no harm. Where beat keeps its notes is in the settings.
"""

from typing import Any

SWEEP_SECONDS = 10.0
REPORT_SECONDS = 60.0
SEND_SECONDS = 60.0
DAY_SECONDS = 86_400.0
PROFILE_SECONDS = 60.0


def tick(task: str, seconds: float) -> dict[str, Any]:
    """Every so many seconds; a tick that no worker took before the next is dropped."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "start and continue cycles, answer rows": tick("retraining.sweep", SWEEP_SECONDS),
    "count days whose rows have changed": tick("retraining.profile_dirty", PROFILE_SECONDS),
    "publish the reports of months that are over": tick("reports.sweep", REPORT_SECONDS),
    "send the reports that were read": tick("reports.sweep_deliveries", SEND_SECONDS),
    "tell of alerts": tick("clients.sweep_notices", SEND_SECONDS),
    "delete rows past their retention": tick("retraining.purge_old_rows", DAY_SECONDS),
    "delete the windows of quotas that are over": tick("clients.purge_usage", DAY_SECONDS),
    "forget old Idempotency-Keys": tick("clients.forget_old_requests", DAY_SECONDS),
}
