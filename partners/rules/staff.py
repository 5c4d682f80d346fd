"""What vendor staff may configure. Seeing a partner is one thing (`may`), changing its standing another."""

from __future__ import annotations

from typing import Any

from partners.enums import PARTNER_STEPS, StaffRole
from partners.models import Absence, Partner, StaffMember
from partners.rules.access import access_of, may
from partners.rules.table import Perm

CONFIGURE = frozenset({StaffRole.PROGRAM_MANAGER, StaffRole.CHANNEL_OPERATIONS})
ASSIGN = CONFIGURE | {StaffRole.CHANNEL_LEAD}


def holds(user: Any, roles: frozenset[str]) -> bool:
    """Whether this member of staff holds one of the roles; a superuser holds all."""
    if not (user.is_active and user.is_staff):
        return False
    return bool(user.is_superuser or access_of(user).staff_roles & roles)


def has_staff_role(user: Any, *roles: str) -> bool:
    """The same for roles named one by one."""
    return holds(user, frozenset(roles))


def can_configure(user: Any) -> bool:
    """Partners, desks, closing days, links: program managers and channel operations."""
    return holds(user, frozenset(CONFIGURE))


def can_change_partner(user: Any, partner: Partner) -> bool:
    """Edit the profile: staff who look after the partner."""
    return bool(user.is_staff) and may(user, Perm.CHANGE_PARTNER, partner)


def can_step_partner(user: Any, step: str, partner: Partner) -> bool:
    """Suspend, resume, leave: those who configure, from the right status."""
    return can_configure(user) and PARTNER_STEPS.allows(step, partner)


def can_assign_manager(user: Any, partner: Partner) -> bool:
    """Those who configure, and channel leads for partners they see."""
    return holds(user, frozenset(ASSIGN)) and may(user, Perm.CHANGE_PARTNER, partner)


def can_change_staff(user: Any) -> bool:
    """Only a superuser gives roles: nobody grants themselves more."""
    return bool(user.is_active and user.is_staff and user.is_superuser)


def can_set_photo(user: Any, person: Any) -> bool:
    """One's own as staff; those who give roles set everybody's. Partners' people have none."""
    return bool(user.is_active and user.is_staff and person.is_staff and (user.pk == person.pk or can_change_staff(user)))


def can_enter_absence(user: Any, for_user: Any) -> bool:
    """One's own; a lead for the team; a superuser for all."""
    if not (user.is_active and user.is_staff and for_user.is_staff):
        return False
    if user.is_superuser or user.pk == for_user.pk:
        return True
    return StaffMember.objects.filter(user=for_user, lead=user).exists()


def can_end_absence(user: Any, absence: Absence) -> bool:
    """Whoever may enter it."""
    return can_enter_absence(user, absence.user)
