"""Members of a team. Every change locks the team, keeps the groups in step and leaves at least one active admin."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from partners import emails
from partners.enums import MEMBERSHIP_STEPS, MembershipStatus, Role
from partners.models import Membership, Partner, User
from partners.services.role_group import put_in_group, take_out_of_groups
from partners.services.team_lock import lock_team, require_admin_left, require_still_manages
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.states import take
from prm.mail.enums import RecipientStatus
from prm.mail.services import recipients


@transaction.atomic
def add_member(partner: Partner, user: User, role: str, *, by: User | None) -> Membership:
    """Put the user into the team with this role; somebody who was removed before comes back to the same row.

    Raises DomainError when already in the team. Records partners.membership.added or …returned.
    """
    lock_team(partner.pk)
    membership = Membership.objects.filter(partner=partner, user=user).first()
    if membership is None:
        membership = Membership.objects.create(partner=partner, user=user, role=Role(role))
        event = "partners.membership.added"
    elif membership.status == MembershipStatus.REMOVED:
        take(MEMBERSHIP_STEPS["return"], membership, role=Role(role))
        event = MEMBERSHIP_STEPS["return"].event
    else:
        raise DomainError(_("This person is in the team already."), key="member")
    membership.partner, membership.user = partner, user
    put_in_group(membership)
    recipients.set_status(user, RecipientStatus.OK, partner=partner)
    audit.record(event, membership, by=by, partner=partner, data={"role": membership.role})
    return membership


@transaction.atomic
def change_role(membership: Membership, role: str, *, by: User | None) -> Membership:
    """Give the member another role. Raises NotAllowed for the last admin, DomainError when the role is the same."""
    membership = _locked(membership, by)
    if role not in Role.values:
        raise DomainError(_("There is no such role."), field="role")
    if membership.role == role:
        raise DomainError(_("This person has that role already."), field="role")
    require_admin_left(membership)
    before = membership.role
    take(MEMBERSHIP_STEPS["change_role"], membership, role=role)
    if membership.status == MembershipStatus.ACTIVE:
        put_in_group(membership)
    _record("change_role", membership, by, {"from": before, "to": role})
    return membership


@transaction.atomic
def suspend(membership: Membership, *, by: User | None) -> Membership:
    """Stop the member's access at once; the next request is refused."""
    membership = _locked(membership, by)
    require_admin_left(membership)
    take(MEMBERSHIP_STEPS["suspend"], membership)
    take_out_of_groups(membership.user, membership.partner)
    recipients.set_status(membership.user, RecipientStatus.SUSPENDED, partner=membership.partner)
    _record("suspend", membership, by)
    return membership


@transaction.atomic
def resume(membership: Membership, *, by: User | None) -> Membership:
    """Give a suspended member the access of their role back."""
    membership = _locked(membership, by)
    take(MEMBERSHIP_STEPS["resume"], membership)
    put_in_group(membership)
    recipients.set_status(membership.user, RecipientStatus.OK, partner=membership.partner)
    _record("resume", membership, by)
    return membership


@transaction.atomic
def remove(membership: Membership, *, by: User | None) -> Membership:
    """End the membership. Call `prm.people.services.remove_member`, which first hands the work to a colleague."""
    membership = _locked(membership, by)
    require_admin_left(membership)
    take(MEMBERSHIP_STEPS["remove"], membership)
    take_out_of_groups(membership.user, membership.partner)
    recipients.set_status(membership.user, RecipientStatus.LEFT, partner=membership.partner)
    _record("remove", membership, by)
    emails.membership_ended(membership)
    return membership


def seen(membership: Membership, today: date) -> None:
    """Note that the member was here; at most one write a day."""
    if membership.last_seen_on is None or membership.last_seen_on < today:
        rows = Membership.objects.filter(Q(last_seen_on=None) | Q(last_seen_on__lt=today), pk=membership.pk)
        rows.update(last_seen_on=today)
        membership.last_seen_on = today


def _locked(membership: Membership, by: User | None) -> Membership:
    """The membership as it is now, with the team locked and the actor's right looked at again."""
    partner = lock_team(membership.partner_id)
    require_still_manages(by, partner)
    return Membership.objects.select_related("user", "partner").get(pk=membership.pk)


def _record(step: str, membership: Membership, by: User | None, data: dict[str, Any] | None = None) -> None:
    audit.record(MEMBERSHIP_STEPS[step].event, membership, by=by, partner=membership.partner, data=data)
