"""What falls due at the deals: each row in its own transaction, and a row that somebody else moved is let go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from deals import emails
from deals.queries import due
from deals.queries.policy import rules_at
from deals.services import account, change_request, clock, deal, protection
from prm.core.errors import DomainError

log = structlog.get_logger(__name__)


def _each(rows: Iterable[Any], call: Callable[[Any], Any]) -> None:
    """One service call per row; a refusal means somebody was faster, and is only logged."""
    for row in rows:
        try:
            call(row)
        except DomainError as error:
            log.info("sweep let a row go", row=str(row.pk), why=str(error))


@shared_task(name="deals.expire", ignore_result=True)
def expire() -> None:
    """End the protections whose last day is over."""
    now = timezone.now()
    _each(due.protections_over(now), lambda row: protection.expire_deal(row, now=now))


@shared_task(name="deals.remind", ignore_result=True)
def remind() -> None:
    """30, 14 and 7 days before the end (policy); a reminder is never written twice, a missed day is caught up."""
    now = timezone.now()
    ladder = sorted(rules_at(now).reminder_days, reverse=True)
    for days, next_days in pairwise([*ladder, -1]):
        for row in due.protections_ending(now, days, next_days).iterator(chunk_size=500):
            emails.deal_expiring(row, (row.protected_until - now.date()).days, step=days)


@shared_task(name="deals.lapse", ignore_result=True)
def lapse() -> None:
    """Let returned registrations go that nobody completed in time."""
    now = timezone.now()
    _each(due.returned_over(now), lambda row: deal.lapse_deal(row, now=now))


@shared_task(name="deals.clocks", ignore_result=True)
def clocks() -> None:
    """Warn the decider shortly before the breach; at the breach pass it on to the channel lead."""
    now = timezone.now()
    for row in due.clocks_near_breach(now):
        emails.clock_about_to_breach(row)
    _each(due.clocks_breached(now), lambda row: clock.escalate_deal(row, now=now))


@shared_task(name="deals.overtaken_changes", ignore_result=True)
def overtaken_changes() -> None:
    """Close change requests whose deal has ended; who waited behind them moves up."""
    now = timezone.now()
    _each(due.changes_overtaken(), lambda row: change_request.withdraw_change(row, by=None, now=now))


@shared_task(name="deals.watches", ignore_result=True)
def watches() -> None:
    """Tell those who asked when an account has become free."""
    now = timezone.now()
    _each(due.open_watches(), lambda row: account.tell_if_free(row, now=now))


@shared_task(name="deals.forget_checks", ignore_result=True)
def forget_checks() -> None:
    """Empty the log of account checks after six months."""
    account.forget_old_checks(now=timezone.now())
