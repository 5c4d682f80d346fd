"""What the sweeps find: rows that say they are due."""

from __future__ import annotations

from datetime import date, datetime

from partners.enums import AdminRequestStatus, InvitationStatus, PartnerStatus
from partners.models import AdminRequest, Invitation, Partner


def admin_requests(now: datetime) -> list[AdminRequest]:
    """Confirmed requests whose two days are over."""
    rows = AdminRequest.objects.filter(status=AdminRequestStatus.CONFIRMED, effective_at__lte=now)
    return list(rows.order_by("effective_at", "pk"))


def invitations(now: datetime) -> list[Invitation]:
    """Open invitations whose seven days are over."""
    return list(Invitation.objects.filter(status=InvitationStatus.SENT, expires_at__lte=now).order_by("expires_at", "pk"))


def leaving_partners(today: date) -> list[Partner]:
    """Leaving partners whose last day lies in the past."""
    return list(Partner.objects.filter(status=PartnerStatus.LEAVING, ends_on__lt=today).order_by("ends_on", "pk"))
