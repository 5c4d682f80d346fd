"""The worker's part of mail. The rows are the truth: `manage.py send_mail_queue --loop` does the same without a broker."""

from celery import shared_task
from django.utils import timezone

from prm.core.doorbell import ring
from prm.mail import services
from prm.mail.services.delivery import BATCH
from prm.mail.services.outbox import DELIVER


@shared_task(name=DELIVER, ignore_result=True)
def deliver() -> None:
    """Send what is due; rings again when there may be more."""
    if services.deliver() >= BATCH:
        ring(DELIVER)


@shared_task(name="mail.sweep", ignore_result=True, expires=60)
def sweep() -> None:
    """Find what no bell announced: retries that are due, claims of dead workers, mails whose bell was not heard."""
    services.recover_stuck(timezone.now())
    deliver()


@shared_task(name="mail.retention", ignore_result=True)
def retention() -> None:
    """Empty texts and addresses whose time is over."""
    services.empty_old_bodies(timezone.now())
