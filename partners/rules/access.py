"""What one user may do where, read once per request. This module is the only one that reads guardian's grants.

They are read from its direct-FK rows, never by `get_objects_for_user` or `has_perm`: a permission given on the
model as a whole opens nothing here, and lists filter by the ids found once, not by a guardian subquery.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from partners.enums import MembershipStatus, PartnerStatus
from partners.models import (
    Absence,
    ManagerAssignment,
    Membership,
    Partner,
    PartnerGroupObjectPermission,
    StaffMember,
    StaffRoleGrant,
)
from partners.rules.sign_in import opened_by_sign_in
from partners.rules.table import PERMISSIONS, STAFF_PERMISSIONS, SUPERUSER_PERMISSIONS, Perm, Reach

REACHABLE = frozenset({PartnerStatus.ACTIVE, PartnerStatus.LEAVING})
CACHE = "_partner_access"


class All:
    """The marker for every partner. Contains everything, so `partner.pk in ids` reads the same for both."""

    def __contains__(self, item: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "ALL"


ALL = All()
Ids = frozenset[UUID] | All


@dataclass(frozen=True)
class Access:
    """The answer of one look: memberships, and per permission the partners it holds in."""

    memberships: tuple[Membership, ...] = ()  # active ones in reachable partners, by partner name
    behind_sign_in: tuple[Membership, ...] = ()  # the same, but their company asks for another way of signing in
    as_member: dict[str, frozenset[UUID]] = field(default_factory=dict)
    as_staff: dict[str, Ids] = field(default_factory=dict)
    staff_roles: frozenset[str] = frozenset()  # one's own, and those of absent colleagues one deputises

    def partners_with(self, perm: str) -> Ids:
        """The partners in which the user holds the permission, as member or as staff."""
        if perm not in PERMISSIONS:
            raise ValueError(f"unknown permission {perm}")
        staff = self.as_staff.get(perm, frozenset())
        return staff if isinstance(staff, All) else staff | self.as_member.get(perm, frozenset())

    def membership_in(self, partner_id: UUID) -> Membership | None:
        """The user's active membership in that partner."""
        return next((row for row in self.memberships if row.partner_id == partner_id), None)


def may(user: Any, perm: str, partner: Partner) -> bool:
    """Whether the user holds the permission in this partner, now."""
    return partner.pk in access_of(user).partners_with(perm)


def access_of(user: Any) -> Access:
    """The user's access, looked up once per user object, which is once per request."""
    if user is None or not user.is_authenticated or not user.is_active:
        return Access()
    target = getattr(user, "_wrapped", user)  # request.user is a lazy wrapper
    access = target.__dict__.get(CACHE)
    if access is None:
        access = target.__dict__[CACHE] = _look_up(user)
    return access


def forget_access(*users: Any) -> None:
    """Drop the answer kept on these user objects; services call it after they changed a membership or a role."""
    for user in users:
        getattr(user, "_wrapped", user).__dict__.pop(CACHE, None)


def _look_up(user: Any) -> Access:
    live = tuple(
        Membership.objects.filter(user=user, status=MembershipStatus.ACTIVE, partner__status__in=REACHABLE)
        .select_related("partner")
        .order_by("partner__sort_name", "pk")
    )
    memberships = tuple(row for row in live if opened_by_sign_in(user, row.partner))
    behind = tuple(row for row in live if row not in memberships)
    reached = {row.partner_id for row in memberships}
    granted = _granted(user, reached) if reached else {}
    return Access(memberships, behind, granted, *_as_staff(user, timezone.localdate()))


def _granted(user: Any, reached: Container[UUID]) -> dict[str, frozenset[UUID]]:
    """Permission → partners, from the grants of the groups the user is in; only where the membership is live."""
    found: dict[str, set[UUID]] = defaultdict(set)
    rows = PartnerGroupObjectPermission.objects.filter(group__user=user)
    for partner_id, codename in rows.values_list("content_object_id", "permission__codename"):
        if partner_id in reached:
            found[codename].add(partner_id)
    return {perm: frozenset(ids) for perm, ids in found.items()}


def _as_staff(user: Any, day: date) -> tuple[dict[str, Ids], frozenset[str]]:
    """Permission → partners, and the roles: the user's own, and those of absent colleagues they deputise."""
    if not user.is_staff:
        return {}, frozenset()
    people = [user.pk, *stood_in_for(user.pk, day)]
    held = list(StaffRoleGrant.objects.filter(staff__user__in=people).values_list("staff__user_id", "role"))
    roles = frozenset(role for _person, role in held)
    if user.is_superuser:
        return {perm: ALL for perm in SUPERUSER_PERMISSIONS}, roles
    reaches = {(person, *STAFF_PERMISSIONS[role]) for person, role in held if role in STAFF_PERMISSIONS}
    return _reached(reaches, day), roles


def _reached(reaches: set[tuple[UUID, Reach, frozenset[Perm]]], day: date) -> dict[str, Ids]:
    """Permission → partners, from (person, reach, permissions)."""
    assigned = _assigned({person for person, reach, _perms in reaches if reach != Reach.ALL}, day)
    found: dict[str, Any] = defaultdict(set)
    for person, reach, perms in reaches:
        for perm in perms:
            if reach == Reach.ALL:
                found[perm] = ALL
            elif not isinstance(found[perm], All):
                found[perm] |= assigned[person, reach]
    return {perm: ids if isinstance(ids, All) else frozenset(ids) for perm, ids in found.items()}


def _assigned(people: set[UUID], day: date) -> dict[tuple[UUID, str], set[UUID]]:
    """(person, reach) → partners: those they manage on that day, and those their team manages."""
    found: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    if not people:
        return found
    leads = dict(StaffMember.objects.filter(lead__in=people).values_list("user_id", "lead_id"))
    rows = ManagerAssignment.objects.filter(current_on(day), manager__in=people | set(leads))
    for partner_id, manager in rows.values_list("partner_id", "manager_id"):
        for reach in (Reach.ASSIGNED, Reach.TEAM):
            found[manager, reach].add(partner_id)
        if manager in leads:
            found[leads[manager], Reach.TEAM].add(partner_id)
    return found


def current_on(day: date) -> Q:
    """Dated rows (`starts_on`, `ends_on`) that hold on that day."""
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))


def stood_in_for(user_id: UUID, day: date) -> list[UUID]:
    """The absent colleagues whose work falls to this user on that day, also through a deputy who is away too."""
    away = dict(absences_on(day))
    return [person for person in away if deputy_in(away, person) == user_id]


def absences_on(day: date) -> Iterable[tuple[UUID, UUID]]:
    """(absent, deputy) of that day; when two absences of one person overlap, the later entered one counts."""
    return Absence.objects.filter(current_on(day)).order_by("created_at", "pk").values_list("user_id", "deputy_id")


def deputy_in(away: dict[UUID, UUID], person: UUID) -> UUID | None:
    """Who does this person's work: follows deputies who are away themselves; None when that runs in a circle."""
    seen = {person}
    deputy = away.get(person)
    while deputy in away:
        if deputy in seen:
            return None
        seen.add(deputy)
        deputy = away[deputy]
    return deputy
