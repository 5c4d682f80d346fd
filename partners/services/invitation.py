"""Invitations into a team. The mailed token is kept as a hash only; each can be used once, for seven days."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from partners import emails
from partners.enums import INVITATION_STEPS, InvitationStatus, MembershipStatus, Role
from partners.models import Invitation, Membership, Partner, User
from partners.queries.invitation import hash_of
from partners.rules.access import REACHABLE
from partners.rules.team import clean_email
from partners.services.membership import add_member
from partners.services.team_lock import lock_team, require_still_manages
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.states import take
from prm.core.text import clean_text

VALID_FOR = timedelta(days=7)
MOST_OPEN = 100


@transaction.atomic
def invite(partner: Partner, *, email: str, role: str, by: User, name: str = "") -> Invitation:
    """Offer a seat in the team; the mail carries the only copy of the token.

    Raises DomainError for somebody already in the team, or with an open invitation (resend that one).
    """
    partner = lock_team(partner.pk)
    require_still_manages(by, partner)
    email, name = clean_email(email), clean_text(name, 150, field="name")
    if role not in Role.values:
        raise DomainError(_("There is no such role."), field="role")
    _require_free(partner, email)
    token = _new_token()
    invitation = Invitation.objects.create(
        partner=partner,
        email=email,
        name=name,
        role=role,
        token_hash=hash_of(token),
        invited_by=by,
        expires_at=timezone.now() + VALID_FOR,
    )
    audit.record("partners.invitation.sent", invitation, by=by, partner=partner, data={"role": invitation.role})
    emails.invitation(invitation, token)
    return invitation


@transaction.atomic
def resend(invitation: Invitation, *, by: User) -> Invitation:
    """Mail a new link and start the seven days again; the old link stops working."""
    partner = lock_team(invitation.partner_id)
    require_still_manages(by, partner)
    token = _new_token()
    step = INVITATION_STEPS["resend"]
    take(step, invitation, token_hash=hash_of(token), expires_at=timezone.now() + VALID_FOR)
    audit.record(step.event, invitation, by=by, partner=partner)
    emails.invitation(invitation, token)
    return invitation


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> Invitation:
    """Take the offer back; the link stops working."""
    partner = lock_team(invitation.partner_id)
    require_still_manages(by, partner)
    take(INVITATION_STEPS["revoke"], invitation)
    audit.record(INVITATION_STEPS["revoke"].event, invitation, by=by, partner=partner)
    return invitation


@transaction.atomic
def accept(invitation: Invitation, *, user: User, now: datetime | None = None) -> Membership:
    """Take the seat. The user has to be the invited one (same address), and no vendor staff.

    Raises StaleState when it was used, revoked or has expired in the meantime.
    """
    partner = lock_team(invitation.partner_id)
    if user.email.lower() != invitation.email.lower():
        raise DomainError(_("This invitation is for another address. Sign out and sign in with that one."), key="address")
    if user.is_staff:
        raise DomainError(_("Staff accounts cannot join a partner's team."), key="staff")
    if invitation.expires_at <= (now or timezone.now()) or partner.status not in REACHABLE:
        raise DomainError(_("This invitation is not valid any more. Ask for a new one."), key="expired")
    take(INVITATION_STEPS["accept"], invitation, accepted_by=user)
    audit.record(INVITATION_STEPS["accept"].event, invitation, by=user, partner=partner)
    return add_member(partner, user, invitation.role, by=user)


@transaction.atomic
def expire(invitation: Invitation, *, by: User | None = None) -> Invitation:
    """Its seven days are over."""
    take(INVITATION_STEPS["expire"], invitation)
    audit.record(INVITATION_STEPS["expire"].event, invitation, by=by, partner=invitation.partner_id)
    return invitation


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _require_free(partner: Partner, email: str) -> None:
    """Nobody of the team has this address, and no open invitation goes to it; one that ran out is closed."""
    members = Membership.objects.filter(partner=partner, user__email__iexact=email)
    if members.exclude(status=MembershipStatus.REMOVED).exists():
        raise DomainError(_("This person is in the team already."), field="email")
    waiting = Invitation.objects.filter(partner=partner, status=InvitationStatus.SENT)
    earlier = waiting.filter(email__iexact=email).first()
    if earlier is not None and earlier.expires_at > timezone.now():
        raise DomainError(_("This person is invited already. You can send the invitation again."), field="email")
    if earlier is not None:
        expire(earlier)
    if waiting.count() >= MOST_OPEN:
        raise DomainError(_("There are too many open invitations. Revoke some first."), field="email")
