"""Invitations by their mailed token."""

from __future__ import annotations

import hashlib
from datetime import datetime

from partners.enums import InvitationStatus
from partners.models import Invitation
from partners.rules.access import REACHABLE
from prm.core.errors import NotVisible


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation:
    """The door: the invitation of this mailed token, whatever became of it. Raises NotVisible."""
    row = Invitation.objects.filter(token_hash=hash_of(token)).select_related("partner", "invited_by").first()
    if row is None:
        raise NotVisible
    return row


def open_invitation(token_hash: str, now: datetime) -> Invitation | None:
    """The invitation of this token's hash while it can be accepted: open, in time, and its partner reachable."""
    rows = Invitation.objects.filter(token_hash=token_hash, status=InvitationStatus.SENT, expires_at__gt=now)
    return rows.filter(partner__status__in=REACHABLE).select_related("partner", "invited_by").first()
