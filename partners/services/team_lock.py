"""One lock per team: everything that changes who is in a team, or how, takes the partner's row first."""

from typing import Any

from partners.enums import MembershipStatus, Role
from partners.models import Membership, Partner
from partners.queries.team import count_other_admins
from partners.rules import forget_access
from partners.rules.team import last_admin, why_not_manage_team
from prm.core.errors import NotAllowed


def lock_team(partner_id: Any) -> Partner:
    """The partner's row, locked until the transaction ends. Rows that only point at it (new deals) do not wait."""
    return Partner.objects.select_for_update(of=("self",), no_key=True).get(pk=partner_id)


def require_still_manages(by: Any, partner: Partner) -> None:
    """Under the lock: whoever asked may have lost the right while waiting. The system and staff have their own doors."""
    if by is None or by.is_staff:
        return
    forget_access(by)
    reasons = why_not_manage_team(by, partner)
    if reasons:
        raise NotAllowed(reasons)


def require_admin_left(membership: Membership) -> None:
    """Raises NotAllowed when this member is the last active admin."""
    is_admin = membership.role == Role.ADMIN and membership.status == MembershipStatus.ACTIVE
    if is_admin and not count_other_admins(membership):
        raise NotAllowed(last_admin())
