"""The worker's sign of life."""

from celery import shared_task

from prm.ops import health


@shared_task(name="ops.heartbeat", ignore_result=True, expires=30)
def heartbeat() -> None:
    """Shows that beat, broker and worker work together; /readyz/ reads the mark."""
    health.mark("worker")
