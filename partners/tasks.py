"""What falls due at the partners: each row in its own transaction, and a row that somebody else moved is let go."""

from celery import shared_task
from django.utils import timezone

from partners.queries import due
from partners.services import admin_request, invitation, partner
from prm.core.errors import StaleState


@shared_task(name="partners.grant_admins", ignore_result=True)
def grant_admins() -> None:
    """Make admins of those whose two business days are over."""
    now = timezone.now()
    for row in due.admin_requests(now):
        try:
            admin_request.grant(row, now=now)
        except StaleState:
            continue


@shared_task(name="partners.expire_invitations", ignore_result=True)
def expire_invitations() -> None:
    """Close the invitations nobody used in time."""
    for row in due.invitations(timezone.now()):
        try:
            invitation.expire(row)
        except StaleState:
            continue


@shared_task(name="partners.end_leaving", ignore_result=True)
def end_leaving() -> None:
    """End the partners whose last day is over."""
    for row in due.leaving_partners(timezone.localdate()):
        try:
            partner.end_partner(row, by=None)
        except StaleState:
            continue
