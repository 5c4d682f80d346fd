"""Who looks after a partner."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from partners.enums import MANAGING_ROLES
from partners.models import ManagerAssignment, Partner, StaffMember, StaffRoleGrant, User
from partners.queries.desk import deputies_for
from partners.rules.access import absences_on, current_on


def manager_of(partner: Partner, day: date | None = None) -> User | None:
    """The partner's channel manager on that day (today)."""
    rows = ManagerAssignment.objects.filter(current_on(day or timezone.localdate()), partner=partner, manager__is_active=True)
    row = rows.select_related("manager").order_by("-starts_on", "-pk").first()
    return row.manager if row else None


def managers_of(partner_ids: Collection[UUID], day: date | None = None) -> dict[UUID, User]:
    """The channel managers of several partners on that day (today), with their desks, in three queries."""
    return managers_in(assignments_of(partner_ids, day))


def assignments_of(partner_ids: Collection[UUID], day: date | None = None) -> QuerySet[ManagerAssignment]:
    """Who manages these partners on that day (today), the latest assigned last, with their desks."""
    return assignments_in(Q(partner__in=partner_ids), day)


def assignments_in(partners: Q, day: date | None = None) -> QuerySet[ManagerAssignment]:
    """The same for partners told by a condition on the assignment."""
    rows = ManagerAssignment.objects.filter(current_on(day or timezone.localdate()), partners, manager__is_active=True)
    rows = rows.select_related("manager__staff_member__desk").prefetch_related("manager__staff_member__desk__closings")
    return rows.order_by("starts_on", "pk")


def managers_in(rows: Iterable[ManagerAssignment]) -> dict[UUID, User]:
    """Partner → manager, out of `assignments_of`."""
    return {row.partner_id: row.manager for row in rows}


def lead_of(user: User) -> User | None:
    """The channel lead above a staff member."""
    staff = StaffMember.objects.filter(user=user, lead__is_active=True).select_related("lead").first()
    return staff.lead if staff else None


def decider_of(partner: Partner, day: date | None = None) -> User | None:
    """Who answers for the partner on that day: the manager, the deputy while they are away, else the lead."""
    day = day or timezone.localdate()
    manager = manager_of(partner, day)
    if manager is None:
        return None
    away = dict(absences_on(day))
    return manager if manager.pk not in away else deputies_for(manager.pk, day) or lead_of(manager)


def staff_people() -> QuerySet[User]:
    """Active staff, by name."""
    return User.objects.filter(is_active=True, is_staff=True).order_by("name", "pk")


def staff_with(*roles: str) -> QuerySet[User]:
    """Active staff who hold one of these roles, by name."""
    return staff_people().filter(pk__in=StaffRoleGrant.objects.filter(role__in=roles).values("staff__user"))


def possible_managers() -> QuerySet[User]:
    """Whom a partner can be given to."""
    return staff_with(*MANAGING_ROLES)


def team_led_by(user: User) -> QuerySet[User]:
    """The user and those they lead; everybody for a superuser."""
    people = staff_people()
    return people if user.is_superuser else people.filter(Q(pk=user.pk) | Q(staff_member__lead=user))


@dataclass(frozen=True)
class ManagerCard:
    """What a partner is shown about its manager; `back_on` and `deputy` while the manager is away."""

    manager: User
    deputy: User | None
    back_on: date | None


def manager_card(partner: Partner, day: date) -> ManagerCard | None:
    """The manager of that day; None where nobody is assigned."""
    manager = manager_of(partner, day)
    if manager is None:
        return None
    absence = manager.absences.filter(current_on(day)).order_by("-ends_on").first()
    if absence is None:
        return ManagerCard(manager, None, None)
    return ManagerCard(manager, deputies_for(manager.pk, day) or lead_of(manager), absence.ends_on + timedelta(days=1))
