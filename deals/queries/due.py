"""What falls due: found by sweeps, decided by services. Bounded batches; what is left is found next time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from deals.enums import ChangeRequestStatus, DealStatus
from deals.models import AccountCheck, ChangeRequest, Deal, FreeWatch
from prm.core.periods import end_of_day

BATCH = 2000
CHECK_LOG_DAYS = 183


def over(day: date | None, zone: str, now: datetime) -> bool:
    """Whether a date-only deadline has passed: it ends at 24:00 in the partner's time zone. No day never passes."""
    return day is not None and end_of_day(day, zone) <= now


def protections_over(now: datetime) -> list[Deal]:
    """Approved deals whose last day is over where the partner is."""
    rows = (
        Deal.objects.approved()
        .filter(protected_until__lte=now.date() + timedelta(days=1))
        .select_related("partner", "owner", "registered_by")
    )
    return [deal for deal in rows.order_by("protected_until")[:BATCH] if over(deal.protected_until, deal.partner.time_zone, now)]


def protections_ending(now: datetime, days: int, next_days: int) -> QuerySet[Deal]:
    """Approved deals that end within `days` but not within `next_days`: who is due this reminder and no later one."""
    today = now.date()
    rows = Deal.objects.approved().filter(
        protected_until__lte=today + timedelta(days=days), protected_until__gt=today + timedelta(days=next_days)
    )
    return rows.select_related("partner", "owner", "registered_by").order_by("protected_until")


def returned_over(now: datetime) -> list[Deal]:
    """Returned registrations nobody completed in time."""
    rows = Deal.objects.filter(status=DealStatus.RETURNED, returned_until__lte=now.date() + timedelta(days=1)).select_related(
        "partner"
    )
    return [deal for deal in rows.order_by("returned_until")[:BATCH] if over(deal.returned_until, deal.partner.time_zone, now)]


def clocks_near_breach(now: datetime, within: timedelta = timedelta(hours=2)) -> QuerySet[Deal]:
    """In review, not late yet, but soon."""
    rows = Deal.objects.filter(status=DealStatus.IN_REVIEW, breach_at__gt=now, breach_at__lte=now + within)
    return rows.select_related("partner").order_by("breach_at")[:BATCH]


def clocks_breached(now: datetime) -> QuerySet[Deal]:
    """In review, late, and not yet with the channel lead."""
    rows = Deal.objects.filter(status=DealStatus.IN_REVIEW, breach_at__lte=now, escalated_at=None)
    return rows.select_related("partner").order_by("breach_at")[:BATCH]


def changes_overtaken() -> QuerySet[ChangeRequest]:
    """Change requests whose deal has ended meanwhile."""
    rows = ChangeRequest.objects.filter(status=ChangeRequestStatus.IN_REVIEW).exclude(deal__status=DealStatus.APPROVED)
    return rows.select_related("deal__partner").order_by("created_at")[:BATCH]


def open_watches() -> QuerySet[FreeWatch]:
    """Wishes to be told when an account is free."""
    return FreeWatch.objects.filter(told_at=None).select_related("customer", "partner", "user").order_by("created_at")[:BATCH]


def old_account_checks(now: datetime) -> QuerySet[AccountCheck]:
    """Questions whose log has been kept long enough (six months)."""
    return AccountCheck.objects.filter(created_at__lt=now - timedelta(days=CHECK_LOG_DAYS))
