"""Who may change a partner's team, and what stands in the way. Facts that need counting are passed in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from partners.enums import INVITATION_STEPS, MEMBERSHIP_STEPS, Role
from partners.models import Invitation, Membership, Partner
from partners.rules.access import access_of, may
from partners.rules.table import Perm
from prm.core.errors import DomainError, Reason
from prm.core.text import clean_text


def can_see_team(user: Any, partner: Partner) -> bool:
    """Every member of the partner, and the staff who see it."""
    return may(user, Perm.VIEW_PARTNER, partner)


def why_not_manage_team(user: Any, partner: Partner) -> list[Reason]:
    """Empty for the partner's admins."""
    if may(user, Perm.MANAGE_TEAM, partner):
        return []
    return [Reason("team.not_admin", _("Only your company's admins can change the team. Ask one of them."), "partners:team")]


def why_not_step(user: Any, step: str, membership: Membership, other_admins: int) -> list[Reason]:
    """Why this user may not take this step with the membership. `other_admins`: active admins besides this member."""
    reasons = why_not_manage_team(user, membership.partner)
    if not reasons and not MEMBERSHIP_STEPS.allows(step, membership):
        reasons = [Reason("team.status", _("This person is not in the team in that way any more."))]
    takes_admin_away = step in ("suspend", "remove", "change_role") and membership.role == Role.ADMIN
    if not reasons and takes_admin_away and other_admins == 0 and membership.status == "active":
        reasons = [last_admin()]
    if not reasons and step == "suspend" and membership.user_id == user.pk:
        reasons = [Reason("team.self", _("You cannot suspend yourself."))]
    return reasons


def last_admin() -> Reason:
    """Why the last admin stays."""
    return Reason("team.last_admin", _("This is the only active admin. Make somebody else an admin first."))


def can_change_invitation(user: Any, step: str, invitation: Invitation) -> bool:
    """Resend or revoke: the partner's admins, while it is open."""
    return may(user, Perm.MANAGE_TEAM, invitation.partner) and INVITATION_STEPS.allows(step, invitation)


def can_ask_for_admin(user: Any, partner: Partner) -> bool:
    """A member of the partner, or staff who look after it."""
    if access_of(user).membership_in(partner.pk) is not None:
        return True
    return user.is_staff and may(user, Perm.CHANGE_PARTNER, partner)


ADMIN_AWAY_AFTER = timedelta(days=14)


def why_not_ask_for_admin(user: Any, partner: Partner, last_admin_seen_on: date | None, today: date) -> list[Reason]:
    """A member may ask when no active admin was here for two weeks; the staff who look after the partner at any time.

    last_admin_seen_on: the newest day on which any active admin was here; None when there is no admin, or none was ever here.
    """
    if not can_ask_for_admin(user, partner):
        return [Reason("admin_request.not_yours", _("Only a member of the company or its channel manager can ask for this."))]
    if not user.is_staff and last_admin_seen_on and today - last_admin_seen_on < ADMIN_AWAY_AFTER:
        text = _("Your company has an admin who was here in the last two weeks. Ask that person.")
        return [Reason("admin_request.admin_here", text, "partners:team")]
    return []


def why_not_confirm_admin(user: Any, request: Any) -> list[Reason]:
    """Confirming takes a person of the vendor, other than the one who asked and the one who would become admin."""
    if not user.is_staff or not may(user, Perm.CHANGE_PARTNER, request.partner):
        return [Reason("admin_request.staff", _("Only staff who look after this partner can decide this."))]
    if user.pk in (request.asked_by_id, request.candidate.user_id):
        return [Reason("admin_request.second_person", _("You asked for this yourself: another person has to confirm it."))]
    return []


def clean_email(email: str) -> str:
    """The address in small letters. Raises DomainError when it is none."""
    email = clean_text(email, 254, required=True, field="email").lower()
    try:
        validate_email(email)
    except ValidationError:
        raise DomainError(_("This is not an e-mail address."), field="email") from None
    return email
