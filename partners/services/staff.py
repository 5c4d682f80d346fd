"""Vendor staff: accounts, desks, roles."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from partners.enums import MembershipStatus
from partners.models import Desk, StaffMember, StaffRoleGrant, User
from partners.rules import forget_access
from prm.audit import services as audit
from prm.core.errors import DomainError


@transaction.atomic
def make_staff(user: User, *, desk: Desk, roles: list[str], by: User | None, lead: User | None = None) -> StaffMember:
    """Make an account one of vendor staff, at a desk, with roles and a lead; again to change them.

    Raises DomainError for a member of a partner: nobody stands on both sides of the counter with one account.
    """
    if user.memberships.exclude(status=MembershipStatus.REMOVED).exists():
        raise DomainError(_("A member of a partner cannot be vendor staff with the same account."), field="user")
    if lead is not None and (lead.pk == user.pk or not lead.is_staff):
        raise DomainError(_("Choose a colleague as lead."), field="lead")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.is_staff = True
    staff, _created = StaffMember.objects.update_or_create(user=user, defaults={"desk": desk, "lead": lead})
    set_staff_roles(staff, roles, by=by)
    return staff


@transaction.atomic
def set_staff_roles(staff: StaffMember, roles: list[str], *, by: User | None) -> None:
    """Leave the staff member with exactly these roles. Records what was added and taken."""
    StaffMember.objects.select_for_update(of=("self",)).get(pk=staff.pk)
    held = set(staff.role_grants.values_list("role", flat=True))
    wanted = set(map(str, roles))
    StaffRoleGrant.objects.filter(staff=staff, role__in=held - wanted).delete()
    StaffRoleGrant.objects.bulk_create([StaffRoleGrant(staff=staff, role=role) for role in sorted(wanted - held)])
    if held != wanted:
        data = {"added": wanted - held, "taken": held - wanted}
        audit.record("partners.staff.roles_set", staff, by=by, data=data, internal=True)
    forget_access(staff.user)
