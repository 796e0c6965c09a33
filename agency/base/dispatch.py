"""Send a worker a hint. The row that it names is the truth: a lost message costs time, never work."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

EXPIRES_SECONDS = 60
"""A message that nobody took by then is worth nothing: a later sweep has sent it again. So messages
do not pile up while all workers are busy."""


def enqueue(task: str, row_id: int, *args: str) -> None:
    """Ask for ``task`` on the row once the present transaction has committed.

    Without a broker there is a warning and nothing else: the sweep finds the row.
    """
    transaction.on_commit(lambda: _send(task, row_id, *args))


def _send(task: str, row_id: int, *args: str) -> None:
    try:
        current_app.send_task(task, args=[row_id, *args], expires=EXPIRES_SECONDS)
    except (OperationalError, OSError) as error:
        logger.warning("%s %s was not sent, a sweep will send it again: %s", task, row_id, error)
