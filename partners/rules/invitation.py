"""Whether an invitation can be accepted, and by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from partners.enums import InvitationStatus
from partners.models import Invitation
from partners.rules.access import REACHABLE
from prm.core.errors import Reason


def why_not_accept_invitation(user: Any, invitation: Invitation, now: datetime) -> list[Reason]:
    """Why this person, signed in or not, cannot take the seat now; empty when they can."""
    closed = _closed(invitation, now)
    if closed:
        return [closed]
    if not user.is_authenticated:
        return []
    if user.is_staff:
        return [Reason("staff", _("You are signed in as vendor staff, and staff cannot join a partner's team."))]
    if user.email.lower() != invitation.email.lower():
        text = _("You are signed in as %(you)s. This invitation is for somebody else: sign out to accept it with that address.")
        return [Reason("other_person", text % {"you": user.email})]
    return []


def _closed(invitation: Invitation, now: datetime) -> Reason | None:
    if invitation.status == InvitationStatus.ACCEPTED:
        return Reason("used", _("This invitation has been accepted already. Please sign in."))
    if invitation.status == InvitationStatus.REVOKED:
        return Reason("revoked", _("This invitation was taken back. Ask the person who invited you."))
    if invitation.status == InvitationStatus.EXPIRED or invitation.expires_at <= now:
        return Reason("expired", _("This invitation has run out. Ask the person who invited you to send a new one."))
    if invitation.partner.status not in REACHABLE:
        return Reason("partner_closed", _("This company's access is closed at the moment. Ask your channel manager."))
    return None
