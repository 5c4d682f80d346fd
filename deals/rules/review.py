"""Who sees what on the staff's side of deals."""

from __future__ import annotations

from typing import Any

from partners.enums import StaffRole
from partners.models import Partner
from partners.rules import ALL, Perm, access_of, may
from partners.rules.staff import holds


def can_see_queue(user: Any) -> bool:
    """Staff who decide deals of at least one partner, or stand in for someone who does."""
    return _holds(user, Perm.REVIEW_DEALS)


def can_see_records(user: Any) -> bool:
    """Staff who may look at deals of at least one partner."""
    return _holds(user, Perm.VIEW_DEALS)


def _holds(user: Any, perm: str) -> bool:
    if not user.is_staff:
        return False
    ids = access_of(user).partners_with(perm)
    return ids is ALL or bool(ids)


def sees_partners_deals(user: Any, partner: Partner) -> bool:
    """Whether staff see this partner's deals in full. Of any other partner's deal: partner, status, dates and manager."""
    return bool(user.is_staff and may(user, Perm.VIEW_DEALS, partner))


def can_publish_policy(user: Any) -> bool:
    """The rules of the programme are its manager's."""
    return holds(user, frozenset({StaffRole.PROGRAM_MANAGER}))
