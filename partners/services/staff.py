"""Vendor staff: accounts, desks, roles."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from partners.enums import MembershipStatus
from partners.models import Desk, StaffMember, StaffRoleGrant, User
from partners.rules import forget_access
from partners.rules.team import clean_email
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.text import clean_text


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
    StaffMember.objects.select_for_update(of=("self",), no_key=True).get(pk=staff.pk)
    held = set(staff.role_grants.values_list("role", flat=True))
    wanted = set(map(str, roles))
    StaffRoleGrant.objects.filter(staff=staff, role__in=held - wanted).delete()
    StaffRoleGrant.objects.bulk_create([StaffRoleGrant(staff=staff, role=role) for role in sorted(wanted - held)])
    if held != wanted:
        data = {"added": wanted - held, "taken": held - wanted}
        audit.record("partners.staff.roles_set", staff, by=by, data=data, internal=True)
    forget_access(staff.user)


@transaction.atomic
def add_staff(*, email: str, name: str, desk: Desk, roles: list[str], by: User, lead: User | None = None) -> StaffMember:
    """A new colleague's account (signed into by a code in the mail), or an existing account made staff."""
    email = clean_email(email)
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, name=clean_text(name, 150, required=True, field="name"))
        audit.record("partners.user.created", user, by=by)
    return make_staff(user, desk=desk, roles=roles, by=by, lead=lead)


@transaction.atomic
def set_account(user: User, *, open_: bool, by: User) -> User:
    """Close a colleague's account at once, or open it again. Nobody closes their own."""
    if user.pk == by.pk:
        raise DomainError(_("You cannot close your own account."))
    if User.objects.filter(pk=user.pk, is_staff=True).exclude(is_active=open_).update(is_active=open_):
        event = "partners.user.opened" if open_ else "partners.user.closed"
        audit.record(event, user, by=by, internal=True)
    user.is_active = open_
    return user
