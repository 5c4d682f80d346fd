"""Waking a worker. The row in the database is the truth and a sweep finds it; the bell only saves waiting."""

import logging
import time
from typing import Any

from celery import Celery
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

QUIET_SECONDS = 10.0  # after a failure nobody waits for a dead broker again for this long
_quiet_until = 0.0
log = logging.getLogger(__name__)


def ring(name: str, *ids: Any) -> None:
    """After commit, ask for the task of this name with these ids. A broker that is down costs time, never an error."""
    transaction.on_commit(lambda: _send(name, [str(value) for value in ids]), robust=True)


def task_app() -> Celery:
    """The Celery application of the product, which stands above this floor and is therefore named in the settings."""
    return import_string(settings.TASK_APP)


def _send(name: str, ids: list[str]) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        task_app().send_task(name, args=ids, retry=False, ignore_result=True)
    except Exception as error:  # any transport may fail in its own way; the sweep does the work later
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("doorbell not heard, the sweep will find it", extra={"task_name": name, "error": repr(error)})
