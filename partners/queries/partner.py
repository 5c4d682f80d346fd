"""A partner as staff look at it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from partners.enums import MembershipStatus, Role
from partners.models import Contact, ManagerAssignment, Membership, Partner, PartnerLink
from partners.queries.access import scope_for, visible_partners
from prm.core.errors import NotVisible


def get_partner_by_id(user: Any, pk: UUID) -> Partner:
    """The door of the admin pages. Raises NotVisible."""
    partner = visible_partners(user).filter(pk=pk).first() if user.is_staff else None
    if partner is None:
        raise NotVisible
    return partner


def get_link(user: Any, pk: UUID) -> PartnerLink:
    """The door to a link whose reseller the user sees. Raises NotVisible."""
    rows = PartnerLink.objects.select_related("distributor", "reseller")
    link = scope_for(user).narrow(rows, "reseller").filter(pk=pk).first()
    if link is None:
        raise NotVisible
    return link


def has_members(partner: Partner) -> bool:
    """Whether anybody is in the team, active or suspended."""
    return Membership.objects.filter(partner=partner).exclude(status=MembershipStatus.REMOVED).exists()


def admin_candidates(partner: Partner) -> QuerySet[Membership]:
    """Active members who are no admins yet."""
    rows = Membership.objects.filter(partner=partner, status=MembershipStatus.ACTIVE, user__is_active=True)
    return rows.exclude(role=Role.ADMIN).select_related("user").order_by("user__name", "pk")


def around(partner: Partner) -> dict[str, list[Any]]:
    """Team, contacts, managers and links for the partner's page; the newest fifty of each."""
    members = Membership.objects.filter(partner=partner).select_related("user").order_by("status", "user__name", "pk")
    managers = ManagerAssignment.objects.filter(partner=partner).select_related("manager").order_by("-starts_on", "-pk")
    distributors = PartnerLink.objects.filter(reseller=partner).select_related("distributor").order_by("-starts_on", "-pk")
    resellers = PartnerLink.objects.filter(distributor=partner).select_related("reseller").order_by("-starts_on", "-pk")
    return {
        "members": list(members[:50]),
        "contacts": list(Contact.objects.filter(partner=partner).order_by("name", "pk")[:50]),
        "managers": list(managers[:50]),
        "distributors": list(distributors[:50]),
        "resellers": list(resellers[:50]),
    }
