"""The named channel manager of a partner: one at a time, with a history of days."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.enums import MANAGING_ROLES
from partners.models import ManagerAssignment, Partner, StaffRoleGrant, User
from partners.services.team_lock import lock_team
from prm.audit import services as audit
from prm.core.errors import DomainError


@transaction.atomic
def assign_manager(partner: Partner, manager: User, *, by: User | None, on: date | None = None) -> ManagerAssignment:
    """Make this the partner's manager from that day (today); the one before ends the day before.

    Raises DomainError when it is the manager already, or no active channel manager.
    """
    day = on or timezone.localdate()
    lock_team(partner.pk)
    grants = StaffRoleGrant.objects.filter(staff__user=manager, role__in=MANAGING_ROLES)
    if not (manager.is_active and manager.is_staff and grants.exists()):
        raise DomainError(_("Choose an active channel manager."), field="manager")
    current = _current(partner)
    if current is not None and current.manager_id == manager.pk:
        raise DomainError(_("This is the partner's manager already."), field="manager")
    before = current.manager_id if current else None
    _end(current, day)
    assignment = ManagerAssignment.objects.create(partner=partner, manager=manager, starts_on=day)
    audit.record("partners.manager.assigned", assignment, by=by, partner=partner, data={"manager": manager.pk, "before": before})
    return assignment


@transaction.atomic
def unassign_manager(partner: Partner, *, by: User | None, on: date | None = None) -> None:
    """Leave the partner without a manager from that day (today)."""
    lock_team(partner.pk)
    current = _current(partner)
    if current is None:
        raise DomainError(_("This partner has no manager."))
    audit.record("partners.manager.unassigned", current, by=by, partner=partner, data={"manager": current.manager_id})
    _end(current, on or timezone.localdate())


def _current(partner: Partner) -> ManagerAssignment | None:
    return ManagerAssignment.objects.filter(partner=partner, ends_on=None).first()


def _end(current: ManagerAssignment | None, day: date) -> None:
    """The last day is the one before; an assignment that would not have had a day never was."""
    if current is None:
        return
    if current.starts_on >= day:
        current.delete()
    else:
        ManagerAssignment.objects.filter(pk=current.pk).update(ends_on=day - timedelta(days=1))
