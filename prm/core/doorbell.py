"""Waking a worker. The row in the database is the truth and a sweep finds it; the bell only saves waiting."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def ring(name: str, *ids: Any) -> None:
    """After commit, ask for the task of this name with these ids. A broker that is down costs time, never an error."""
    transaction.on_commit(lambda: _send(name, [str(value) for value in ids]), robust=True)


def _send(name: str, ids: list[str]) -> None:
    try:
        current_app.send_task(name, args=ids, retry=False, ignore_result=True)
    except Exception as error:  # any transport may fail in its own way; the sweep does the work later
        log.warning("doorbell not heard, the sweep will find it", extra={"task": name, "error": repr(error)})
