"""Invitations by their mailed token."""

from __future__ import annotations

import hashlib
from datetime import datetime

from partners.enums import InvitationStatus
from partners.models import Invitation
from partners.rules.access import REACHABLE


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(token: str, now: datetime) -> Invitation | None:
    """The invitation of this token while it can be accepted: open, in time, and its partner reachable."""
    rows = Invitation.objects.filter(token_hash=hash_of(token), status=InvitationStatus.SENT, expires_at__gt=now)
    return rows.filter(partner__status__in=REACHABLE).select_related("partner", "invited_by").first()
