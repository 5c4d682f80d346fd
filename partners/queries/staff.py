"""Vendor staff as the configuration pages show them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from partners.enums import AdminRequestStatus
from partners.models import AdminRequest, StaffMember
from partners.queries.access import scope_for
from partners.rules.table import Perm
from prm.core.errors import NotVisible


def get_staff(user: Any, pk: UUID) -> StaffMember:
    """The door to a colleague's page: for staff. Raises NotVisible."""
    row = StaffMember.objects.select_related("user", "desk", "lead").filter(pk=pk).first() if user.is_staff else None
    if row is None:
        raise NotVisible
    return row


def roles_of(staff: StaffMember) -> list[str]:
    """The roles held, sorted."""
    return sorted(staff.role_grants.values_list("role", flat=True))


def admin_requests_for(user: Any) -> QuerySet[AdminRequest]:
    """The requests for a new admin of the partners this member of staff looks after."""
    rows = AdminRequest.objects.select_related("partner", "candidate__user", "candidate__partner", "asked_by", "confirmed_by")
    return scope_for(user, Perm.CHANGE_PARTNER).narrow(rows)


def decides_admin_requests(user: Any) -> bool:
    """Whether this member of staff looks after any partner."""
    scope = scope_for(user, Perm.CHANGE_PARTNER)
    return scope.everything or bool(scope.partner_ids)


def count_admin_requests(user: Any) -> int | None:
    """How many wait for an answer; None for those who never decide one."""
    if not decides_admin_requests(user):
        return None
    return admin_requests_for(user).filter(status=AdminRequestStatus.ASKED).count()
