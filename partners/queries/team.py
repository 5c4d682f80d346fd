"""The team page: members, open invitations, contacts; and the doors to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from partners.enums import AdminRequestStatus, InvitationStatus, MembershipStatus, Role
from partners.models import AdminRequest, Contact, Invitation, Membership, Partner
from partners.queries.access import one_or_not_visible, scope_for
from partners.rules.table import Perm, roles_with

ROLE_ORDER = Case(
    *(When(role=role, then=Value(place)) for place, role in enumerate(Role.values)), default=99, output_field=IntegerField()
)


@dataclass(frozen=True)
class Team:
    """What the team page shows."""

    members: list[Membership]
    invitations: list[Invitation]
    contacts: list[Contact]
    request: AdminRequest | None

    @property
    def admins(self) -> list[Membership]:
        """The members who can act as admin now."""
        return [row for row in self.members if is_active_admin(row)]

    @property
    def admin_last_seen_on(self) -> date | None:
        """The newest day on which any of them was here."""
        return max((row.last_seen_on for row in self.admins if row.last_seen_on), default=None)


def is_active_admin(membership: Membership) -> bool:
    """An admin who can act: not suspended, account open."""
    return membership.role == Role.ADMIN and membership.status == MembershipStatus.ACTIVE and membership.user.is_active


def team_of(partner: Partner) -> Team:
    """The team of a partner the caller has passed the door of."""
    return Team(
        members=members_of(partner),
        invitations=list(Invitation.objects.filter(partner=partner, status=InvitationStatus.SENT).order_by("email")),
        contacts=list(Contact.objects.filter(partner=partner).order_by("name", "pk")),
        request=open_admin_request(partner),
    )


def members_of(partner: Partner) -> list[Membership]:
    """Active and suspended members, admins first, then by role and name."""
    rows = Membership.objects.filter(partner=partner).exclude(status=MembershipStatus.REMOVED)
    return list(rows.select_related("user").order_by(ROLE_ORDER, "user__name", "pk"))


def successors_of(membership: Membership) -> list[Membership]:
    """Who may take over this member's work: active colleagues who may register deals."""
    rows = Membership.objects.filter(partner=membership.partner_id, role__in=roles_with(Perm.REGISTER_DEALS))
    active = rows.filter(status=MembershipStatus.ACTIVE, user__is_active=True).exclude(pk=membership.pk)
    return list(active.select_related("user").order_by("user__name", "pk"))


def possible_admins(members: list[Membership]) -> list[Membership]:
    """Who of these could become admin."""
    return [row for row in members if row.status == MembershipStatus.ACTIVE and row.role != Role.ADMIN and row.user.is_active]


def open_admin_request(partner: Partner) -> AdminRequest | None:
    """The one request for a new admin that is asked or confirmed."""
    rows = AdminRequest.objects.filter(partner=partner, status__in=[AdminRequestStatus.ASKED, AdminRequestStatus.CONFIRMED])
    return rows.select_related("candidate__user", "asked_by").first()


def get_membership(user: Any, ref: str) -> Membership:
    """The door to a member of a team the user sees. Raises NotVisible."""
    return one_or_not_visible(_seen_by(user, Membership.objects.select_related("user", "partner")), ref)


def get_invitation(user: Any, ref: str) -> Invitation:
    """The door to an invitation; only those who manage the team see it. Raises NotVisible."""
    rows = Invitation.objects.select_related("partner", "invited_by")
    return one_or_not_visible(scope_for(user, Perm.MANAGE_TEAM).narrow(rows), ref)


def get_contact(user: Any, ref: str) -> Contact:
    """The door to a contact. Raises NotVisible."""
    return one_or_not_visible(_seen_by(user, Contact.objects.select_related("partner")), ref)


def get_admin_request(user: Any, ref: str) -> AdminRequest:
    """The door to a request for a new admin. Raises NotVisible."""
    rows = AdminRequest.objects.select_related("partner", "candidate__user", "candidate__partner", "asked_by")
    return one_or_not_visible(_seen_by(user, rows), ref)


def _seen_by(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    return scope_for(user).narrow(rows)


def count_other_admins(membership: Membership) -> int:
    """Active admins of the partner besides this member. A suspended one, or one whose account is closed, is none."""
    rows = Membership.objects.filter(partner=membership.partner_id, role=Role.ADMIN, status=MembershipStatus.ACTIVE)
    return rows.filter(user__is_active=True).exclude(pk=membership.pk).count()
